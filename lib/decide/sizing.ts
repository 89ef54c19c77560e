import { least, scale } from '../market/ratio.ts'

/** Amounts are lamports (or billionths of another cash currency). */
export interface Sizing {
  base: bigint
  max: bigint
}

/**
 * How much to put in: base × factor × (0.5 + 0.5 × confidence), at most max. A sure decision gets
 * the whole base, one without any confidence half of it; the factor is a strategy's wish (streaks),
 * 1 without one.
 */
export function sizeFor({ base, max }: Sizing, confidence: number, factor = 1): bigint {
  const halves = scale(base, 1 + Math.min(1, Math.max(0, confidence)))
  return least(scale(halves / 2n, Math.min(1000, Math.max(0, factor))), max)
}
