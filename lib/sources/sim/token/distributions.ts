import type { Rng } from '../../../base/rng.ts'

/** Draws from the distributions that the parameters are given in. */

/** Uniform in a range. */
export const between = (rng: Rng, range: { from: number; to: number }): number =>
  range.from + (range.to - range.from) * rng.next()

/** Log-normal by median and log standard deviation. */
export const lognormal = (rng: Rng, by: { median: number; spread: number }): number =>
  by.median * Math.exp(by.spread * rng.normal())

/** Logistic function. */
export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))

/** One of the keys, with its weight as the chance; the weights need not add up to 1. */
export function pick<K extends string>(rng: Rng, weights: Record<K, number>): K {
  const entries = Object.entries(weights) as [K, number][]
  let left = rng.next() * entries.reduce((sum, [, weight]) => sum + weight, 0)
  for (const [key, weight] of entries) {
    left -= weight
    if (left < 0) return key
  }
  return entries[0]![0]
}

/** A share in (0, 1) whose logit is normal; `shifted` launches have more of it. */
export const logitShare = (
  rng: Rng,
  by: { honest: number; shift: number; spread: number },
  shifted: boolean,
): number => sigmoid(by.honest + (shifted ? by.shift : 0) + by.spread * rng.normal())
