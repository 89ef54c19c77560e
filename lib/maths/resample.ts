import { makeRng } from '../base/rng.ts'

/** Middle and 95 % interval of a resampled figure. */
export interface Spread {
  low: number
  middle: number
  high: number
}

/** Quantiles 2.5 %, 50 % and 97.5 %, by the nearest rank. Undefined for nothing. */
export function spreadOf(values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined
  const sorted = Float64Array.from(values).sort()
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!
  return { low: at(0.025), middle: at(0.5), high: at(0.975) }
}

/**
 * Block length that grows as the cube root of the sample (Künsch 1989; Bühlmann & Künsch 1999), at
 * least 1.
 */
export const blockFor = (n: number): number => Math.max(1, Math.round(Math.cbrt(n)))

/**
 * Resampled series of the same length: blocks of `block` consecutive values drawn with replacement,
 * the end joined to the beginning (circular block bootstrap, Politis & Romano 1992), so that runs
 * of luck survive. Block 1 draws single values (Monte Carlo of trades that do not depend on each
 * other). The same array is filled anew for each run.
 */
export function* resampled(
  values: Float64Array,
  { runs, block, seed }: { runs: number; block: number; seed: string },
): Generator<Float64Array> {
  const n = values.length
  if (n === 0) return
  const rng = makeRng(seed)
  const drawn = new Float64Array(n)
  for (let run = 0; run < runs; run++) {
    for (let i = 0; i < n; ) {
      const from = rng.below(n)
      for (let k = 0; k < block && i < n; k++) drawn[i++] = values[(from + k) % n]!
    }
    yield drawn
  }
}

/**
 * What a row of gains makes of 1: where it ends, and the largest fall from a peak as a share of
 * that peak.
 */
export function pathOf(gains: Float64Array): { final: number; drawdown: number; least: number } {
  let [now, peak, drawdown, least] = [1, 1, 0, 1]
  for (const gain of gains) {
    now += gain
    if (now > peak) peak = now
    if (now < least) least = now
    drawdown = Math.max(drawdown, (peak - now) / peak)
  }
  return { final: now, drawdown, least }
}

/**
 * What the same trades could have come to in another order of luck. Equity and drawdown as shares.
 */
export interface Luck {
  runs: number
  block: number
  final: Spread
  drawdown: Spread
  /** Share of runs in which equity fell to the ruin line. */
  ruin: number
}

/**
 * Resamples gains (shares of the cash at the start). `ruin` = share of the start at which the
 * account counts as lost.
 */
export function luckOf(
  gains: Float64Array,
  how: { runs: number; block: number; seed: string; ruin: number },
): Luck | undefined {
  const finals: number[] = []
  const drawdowns: number[] = []
  let ruined = 0
  for (const drawn of resampled(gains, how)) {
    const { final, drawdown, least } = pathOf(drawn)
    finals.push(final)
    drawdowns.push(drawdown)
    if (least <= how.ruin) ruined++
  }
  const [final, drawdown] = [spreadOf(finals), spreadOf(drawdowns)]
  if (final === undefined || drawdown === undefined) return undefined
  return { runs: how.runs, block: how.block, final, drawdown, ruin: ruined / how.runs }
}
