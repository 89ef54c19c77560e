import { defaultsOf, int, sol, type Values } from '../base/flags.ts'
import { least, scale } from '../market/ratio.ts'

/**
 * The cash that sizes in SOL are meant for, in lamports: where prices are in something else, a size
 * that nobody gave is that share of the cash.
 */
export const USUAL_CASH = 10_000_000_000n

/** What a buy may cost. */
export const SIZE_FLAGS = {
  size: sol(
    'base size of a buy, in what prices are in; not given where that is not SOL: a fifth of ' +
      '--max-size where that is, else 1 % of the cash',
    { default: '0.1' },
  ),
  maxSize: sol(
    'largest size of a buy, in what prices are in; not given where that is not SOL: five times ' +
      '--size where that is, else 5 % of the cash',
    { default: '0.5' },
  ),
  maxSlippageBps: int('worst fill accepted, in basis points', { default: 150, min: 0, max: 5000 }),
}

/** Amounts are lamports (or billionths of another cash currency). */
export type Sizes = Pick<Values<typeof SIZE_FLAGS>, 'size' | 'maxSize'>

/**
 * Sizes over prices that are not in SOL where somebody gave one of them: a default in SOL would
 * mean nothing there, so the other is in the usual proportion to it. Undefined where nobody did.
 */
export function sizesInCash(
  { size, maxSize }: Sizes,
  isGiven: Record<keyof Sizes, boolean>,
): Sizes | undefined {
  const usual = defaultsOf(SIZE_FLAGS)
  if (isGiven.size)
    return { size, maxSize: isGiven.maxSize ? maxSize : (size * usual.maxSize) / usual.size }
  return isGiven.maxSize ? { size: (maxSize * usual.size) / usual.maxSize, maxSize } : undefined
}

/**
 * How much to put in: size × factor × (0.5 + 0.5 × confidence), at most maxSize. A sure decision
 * gets the whole size, one without any confidence half of it; the factor is a strategy's wish
 * (streaks), 1 without one.
 */
export function sizeFor({ size, maxSize }: Sizes, confidence: number, factor = 1): bigint {
  const halves = scale(size, 1 + Math.min(1, Math.max(0, confidence)))
  return least(scale(halves / 2n, Math.min(1000, Math.max(0, factor))), maxSize)
}
