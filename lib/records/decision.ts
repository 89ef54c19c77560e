import { armFields } from './arm.ts'
import {
  address,
  amount,
  bps,
  fraction,
  list,
  map,
  maybe,
  name,
  number,
  object,
  oneOf,
  positive,
  type Static,
  text,
} from './kit.ts'

/** What gate decided and every reason for it. */
export const Decision = object('a decision', {
  act: oneOf('what to do', ['buy', 'sell', 'hold', 'drop']),
  recommendation: maybe(oneOf('the same for people', ['EXECUTE', 'SKIP', 'EXIT', 'HOLD'])),
  confidence: maybe(fraction('weighted mean of the present scores')),
  scores: maybe(map('score by role', fraction('score'))),
  weights: maybe(map('weight by role', positive('weight', 'fraction'))),
  rugRisk: maybe(fraction('highest rug probability of any model')),
  sizeLamports: maybe(amount('how much to put in', 'lamports')),
  sizeCashLamports: maybe(
    amount(
      'cash that the size is meant for: execute takes the same share of its own where that is ' +
        'not SOL',
      'lamports',
    ),
  ),
  priceSol: maybe(positive('price the decision was made at', 'SOL')),
  maxSlippageBps: maybe(bps('worst fill accepted')),
  reasons: list('rules that failed', name('rule'), 64),
  unknown: maybe(list('rules that could not be judged', name('rule'), 64)),
  rules: maybe(
    list(
      'every rule (with --explain)',
      object('one rule', {
        rule: name('rule'),
        result: oneOf('verdict', ['pass', 'fail', 'unknown']),
        value: maybe(number('what was measured', 'as the rule says')),
        limit: maybe(number('what was allowed', 'as the rule says')),
      }),
      64,
    ),
  ),
  used: maybe(map('line that each prediction came from', text('id', 400))),
  exit: maybe(name('why to sell')),
  pool: maybe(address('pool to trade in')),
  config: maybe(name('hash of all thresholds')),
  ...armFields,
})
export type Decision = Static<typeof Decision>
