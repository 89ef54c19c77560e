import { join } from 'node:path'
import { UsageError } from '../../base/errors.ts'
import { valuesOf } from '../../base/flag-groups.ts'
import { bindRules } from '../../decide/rule-table.ts'
import { USUAL_CASH } from '../../decide/sizing.ts'
import type { TradeRule } from '../../decide/trade-case.ts'
import { TRADE_RULES } from '../../decide/trade-rules.ts'
import { shareOfCash } from '../cash-share.ts'
import { makeKillSwitch } from '../kill-switch.ts'
import { makePaper } from '../paper/paper.ts'
import { type ChainFees, paperCosts } from '../paper/paper-costs.ts'
import { EXIT_FLAGS, ORDER_FLAGS } from '../trade-flags.ts'
import type { Outside, TradePlan } from '../trade-plan.ts'
import type { ExecuteOptions } from './execute.ts'
import type { ExecuteFlags } from './execute-flags.ts'

/**
 * Everything that execute needs on paper, from its flags; `isGiven` says which of them somebody
 * set. Throws UsageError for a malformed ladder or an unknown rule.
 */
export function executeOptions(
  flags: ExecuteFlags,
  home: string,
  rules: readonly TradeRule[] = TRADE_RULES,
  isGiven: (flag: string) => boolean = () => false,
): Omit<ExecuteOptions, 'count' | 'note' | 'warn'> {
  const plan = planOf(flags, rules)
  const share = shareOfCash(plan, feesOf(flags), flags.cash, isGiven)
  const costs = paperCosts(flags, {
    ...share.fees,
    fit: lamports => share.fit(lamports, USUAL_CASH),
  })
  return {
    plan: { ...plan, share },
    venue: makePaper(costs),
    outside: outsideOf(flags),
    cash: flags.cash,
    fee: isSol => {
      const { networkFee, relayTip } = isSol ? costs : costs.elsewhere
      return networkFee + relayTip
    },
    rent: () => costs.rent,
    ledger: ledgerPath(flags.ledger, home),
    maxTokens: flags.maxTokens,
  }
}

const feesOf = (flags: ExecuteFlags): ChainFees => {
  const { networkFee, priorityFee, maxPriorityFee, relayTip } = flags
  return { networkFee, priorityFee, maxPriorityFee, relayTip }
}

/** How to trade, by the flags and the rules of a table. */
export const planOf = (
  flags: ExecuteFlags,
  rules: readonly TradeRule[] = TRADE_RULES,
): TradePlan => ({
  ...valuesOf(ORDER_FLAGS, flags),
  ...valuesOf(EXIT_FLAGS, flags),
  takeProfit: parseLadder(flags.takeProfit),
  intrabar: intrabarOf(flags),
  rules: bindRules(rules, flags, flags.without),
  mode: 'paper',
})

function intrabarOf({ intrabar, detail = [] }: ExecuteFlags): TradePlan['intrabar'] {
  const has = detail.length > 0
  if (intrabar === 'ticks' && !has)
    throw new UsageError('--intrabar ticks: name the finer candles with --detail FILE')
  if (intrabar !== undefined && intrabar !== 'ticks' && has)
    throw new UsageError(`--detail: --intrabar ${intrabar} does not look at finer candles`)
  return intrabar ?? (has ? 'ticks' : 'worst')
}

/**
 * Steps of `0.25:0.5,0.5:1`: at which return to sell which share of what was bought. UsageError
 * unless ascending.
 */
function parseLadder(words: readonly string[]): TradePlan['takeProfit'] {
  if (words.length === 1 && words[0] === 'none') return []
  const rungs = words.map(word => {
    const found = /^(\d{1,6}(?:\.\d{1,6})?):(\d(?:\.\d{1,6})?)$/.exec(word)
    const [at, share] = [Number(found?.[1]), Number(found?.[2])]
    if (!(at > 0) || !(share > 0) || share > 1)
      throw new UsageError(
        `--take-profit: expected return:share steps like 0.25:0.5,0.5:1, got ${word}`,
      )
    return { at, share }
  })
  for (let i = 1; i < rungs.length; i++)
    if ((rungs[i]?.at ?? 0) <= (rungs[i - 1]?.at ?? 0))
      throw new UsageError(`--take-profit: expected ascending returns, got ${words.join(',')}`)
  return rungs
}

const outsideOf = ({ killSwitch }: ExecuteFlags): Outside => ({
  isKilled: killSwitch === undefined ? () => false : makeKillSwitch(killSwitch),
  clockGapMs: () => undefined,
})

const ledgerPath = (ledger: string, home: string): string | undefined =>
  ledger === 'none' ? undefined : ledger === 'home' ? join(home, 'ledger', 'paper.ndjson') : ledger
