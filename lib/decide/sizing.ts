import { int, sol, type Values } from '../base/flags.ts'
import { least, scale } from '../market/ratio.ts'

/**
 * The cash that sizes in SOL are meant for, in lamports: where prices are in something else, a size
 * that nobody gave is that share of the cash.
 */
export const USUAL_CASH = 10_000_000_000n

/** What a buy may cost. */
export const SIZE_FLAGS = {
  size: sol(
    'base size of a buy; where neither it nor --max-size is given and prices are not in SOL: ' +
      '1 % of the cash',
    { default: '0.1' },
  ),
  maxSize: sol('largest size of a buy; as with --size: 5 % of the cash', { default: '0.5' }),
  maxSlippageBps: int('worst fill accepted, in basis points', { default: 150, min: 0, max: 5000 }),
}

/** Amounts are lamports (or billionths of another cash currency). */
type Sizes = Pick<Values<typeof SIZE_FLAGS>, 'size' | 'maxSize'>

/**
 * How much to put in: size × factor × (0.5 + 0.5 × confidence), at most maxSize. A sure decision
 * gets the whole size, one without any confidence half of it; the factor is a strategy's wish
 * (streaks), 1 without one.
 */
export function sizeFor({ size, maxSize }: Sizes, confidence: number, factor = 1): bigint {
  const halves = scale(size, 1 + Math.min(1, Math.max(0, confidence)))
  return least(scale(halves / 2n, Math.min(1000, Math.max(0, factor))), maxSize)
}
