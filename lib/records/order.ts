import { armFields } from './arm.ts'
import {
  address,
  amount,
  bool,
  bps,
  count,
  id,
  list,
  maybe,
  name,
  object,
  oneOf,
  positive,
  type Static,
  text,
  time,
} from './kit.ts'
import { EXITS } from './position.ts'

const ORDER_STATES = [
  'planned',
  'quoted',
  'signed',
  'sent',
  'landed',
  'reverted',
  'expired',
  'unknown',
  'refused',
] as const

/** An intent to trade and how far it has come. */
export const Order = object('an order', {
  intent: id('idempotency key: one decision buys once'),
  position: maybe(id('position it belongs to')),
  cause: id('line that asked for it'),
  arm: armFields.arm,
  venue: name('paper or the exchange'),
  side: oneOf('what is done with the token', ['buy', 'sell']),
  state: oneOf('how far it has come', ORDER_STATES),
  reasons: list('rules that refused it, or what went wrong', name('reason'), 64),
  attempt: maybe(count('attempt', 1000)),
  inMint: maybe(address('mint paid')),
  outMint: maybe(address('mint received')),
  inAmount: maybe(amount('amount paid')),
  quotedAmount: maybe(amount('amount expected')),
  minOutAmount: maybe(amount('least amount accepted')),
  slippageBps: maybe(bps('tolerance')),
  priorityFeeLamports: maybe(amount('priority fee', 'lamports')),
  decidedAt: maybe(time('time of the decision')),
  signature: maybe(text('id of the transaction on the chain', 100)),
  feeLamports: maybe(amount('fees paid although nothing was swapped', 'lamports')),
  exit: maybe(oneOf('why it sells', EXITS)),
  inside: maybe(
    object('over candles: an exit that went off inside a bar', {
      price: positive('price at which it went off', 'currency'),
      seenAtClose: bool('the close of the bar would have set it off too'),
    }),
  ),
  rungs: maybe(count('steps of the take-profit ladder done once it has landed', 64)),
})
export type Order = Static<typeof Order>
