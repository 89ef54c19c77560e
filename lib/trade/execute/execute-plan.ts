import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../../base/errors.ts'
import { withoutRules } from '../../decide/gate-plan.ts'
import { TRADE_RULES } from '../../decide/trade-rules.ts'
import type { ExitPlan } from '../exits.ts'
import { makePaper } from '../paper/paper.ts'
import type { Outside, TradePlan } from '../trade-plan.ts'
import type { ExecuteOptions } from './execute.ts'

/** Values of the flags of `execute`. Durations in ms, amounts in lamports. */
export interface ExecuteFlags {
  live: boolean
  ledger: string
  cash: bigint
  size: bigint
  reserve: bigint
  maxPositions: number
  maxPerTrade: bigint
  maxPerDay: bigint
  maxDailyLoss: bigint
  maxDrawdown: number
  maxStreak: number
  streakPause: number
  maxAge: number
  strictUnknown: boolean
  killSwitch: string | undefined
  without: readonly string[] | undefined
  takeProfit: readonly string[]
  stopLoss: number
  trailingStop: number
  trailingFrom: number
  timeStop: number
  rugExit: number
  exitRegimes: readonly string[]
  maxAttempts: number
  buySlippageBps: number
  sellSlippageBps: number
  rugSlippageBps: number
  slippageBps: number
  seed: string
  latency: number
  jitter: number
  revertRate: number
  expireRate: number
  expiry: number
  poolQuiet: number
  networkFee: bigint
  priorityFee: bigint
  maxPriorityFee: bigint
  rent: bigint
  maxTokens: number
}

/**
 * Everything that execute needs on paper, from its flags. Throws UsageError for a malformed ladder
 * or an unknown rule.
 */
export function executeOptions(
  flags: ExecuteFlags,
  home: string,
): Omit<ExecuteOptions, 'count' | 'warn'> {
  return {
    plan: planOf(flags),
    venue: makePaper({
      seed: flags.seed,
      slippageBps: flags.slippageBps,
      quietMs: flags.poolQuiet,
      costs: {
        feeLamports: flags.networkFee,
        priorityFeeLamports: flags.priorityFee,
        maxPriorityFeeLamports: flags.maxPriorityFee,
        rentLamports: flags.rent,
        latencyMs: flags.latency,
        jitterMs: flags.jitter,
        revertRate: flags.revertRate,
        expireRate: flags.expireRate,
        expiryMs: flags.expiry,
      },
    }),
    outside: outsideOf(flags),
    cash: flags.cash,
    fee: flags.networkFee,
    rent: flags.rent,
    ledger: ledgerPath(flags.ledger, home),
    maxTokens: flags.maxTokens,
  }
}

/** How to trade, by the flags. */
export const planOf = (flags: ExecuteFlags): TradePlan => ({
  limits: {
    maxPositions: flags.maxPositions,
    maxPerTrade: flags.maxPerTrade,
    maxPerDay: flags.maxPerDay,
    maxDailyLoss: flags.maxDailyLoss,
    maxDrawdown: flags.maxDrawdown,
    maxStreak: flags.maxStreak,
    streakPauseMs: flags.streakPause,
    maxAgeMs: flags.maxAge,
    maxClockGapMs: 5000,
    strictUnknown: flags.strictUnknown,
  },
  rules: withoutRules(TRADE_RULES, flags.without ?? []),
  exits: exitsOf(flags),
  reserve: flags.reserve,
  size: flags.size,
  buySlippageBps: flags.buySlippageBps,
  sellSlippageBps: flags.sellSlippageBps,
  rugSlippageBps: flags.rugSlippageBps,
  rugExit: flags.rugExit,
  exitRegimes: flags.exitRegimes,
  maxAttempts: flags.maxAttempts,
  mode: 'paper',
})

const exitsOf = (flags: ExecuteFlags): ExitPlan => ({
  takeProfit: parseLadder(flags.takeProfit),
  stopLoss: flags.stopLoss,
  trailing: flags.trailingStop,
  trailingFrom: flags.trailingFrom,
  timeMs: flags.timeStop,
})

/**
 * Steps of `0.25:0.5,0.5:1`: at which return to sell which share of what was bought. UsageError
 * unless ascending.
 */
export function parseLadder(words: readonly string[]): ExitPlan['takeProfit'] {
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
  isKilled: () => killSwitch !== undefined && existsSync(killSwitch),
  clockGapMs: () => undefined,
})

const ledgerPath = (ledger: string, home: string): string | undefined =>
  ledger === 'none' ? undefined : ledger === 'home' ? join(home, 'ledger', 'paper.ndjson') : ledger
