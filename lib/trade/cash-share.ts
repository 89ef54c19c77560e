import { type Flags, kebab } from '../base/flags.ts'
import type { Bound } from '../decide/rule-table.ts'
import { USUAL_CASH } from '../decide/sizing.ts'
import type { TradeRule } from '../decide/trade-case.ts'
import { ORDER_FLAGS } from './trade-flags.ts'

/** Size and rules of buys whose cash is not in SOL. */
export interface CashShare<F = unknown> {
  size: bigint
  rules: readonly Bound<TradeRule>[]
  /** What of an amount that is meant for the usual cash is right for this one. */
  fit(amount: bigint, usual: bigint): bigint
  /** Fees of a transaction by flag. */
  fees: F
  /** The amounts that nobody gave, as shares of the cash, for people. */
  text: string
}

/**
 * Defaults in SOL mean nothing in dollars. An amount that nobody gave is then taken for what it is
 * of the default cash of 10 SOL: a size of 0.1 is 1 % of whatever the cash is.
 */
export function shareOfCash<F extends Record<string, bigint>>(
  { size, rules }: { size: bigint; rules: readonly Bound<TradeRule>[] },
  fees: F,
  cash: bigint,
  isGiven: (flag: string) => boolean,
): CashShare<F> {
  const fit: CashShare['fit'] = (amount, usual) => (usual === 0n ? amount : (amount * cash) / usual)
  const shares = new Map<string, string>()
  const fittedAmount = (key: string, value: bigint): bigint => {
    if (isGiven(key)) return value
    const millionths = (value * 10_000_000n) / USUAL_CASH
    if (value > 0n) shares.set(kebab(key), `${Number(millionths) / 100_000} %`)
    return fit(value, USUAL_CASH)
  }
  const fitted = (flags: Flags, key: string, value: unknown): unknown =>
    flags[key]?.kind === 'sol' && typeof value === 'bigint' ? fittedAmount(key, value) : value
  return {
    size: fitted(ORDER_FLAGS, 'size', size) as bigint,
    rules: rules.map(bound => {
      const limits = Object.entries(bound.limits).map(([key, value]) => [
        key,
        fitted(bound.rule.flags, key, value),
      ])
      return { ...bound, limits: Object.fromEntries(limits) }
    }),
    fees: Object.fromEntries(
      Object.entries(fees).map(([key, value]) => [key, fittedAmount(key, value)]),
    ) as F,
    fit,
    text: [...shares].map(([flag, share]) => `${flag} ${share}`).join(', '),
  }
}
