import { UsageError } from '../../base/errors.ts'
import type { Bar } from './price-row.ts'

/** Length of the bars of an instrument, in ms. */
export type IntervalOf = (mint: string) => number

/** Distinct steps remembered per instrument: honest files have a handful. */
const MAX_STEPS = 4096

/** Counts the steps between consecutive bars of each instrument. */
export function makeSteps() {
  const last = new Map<string, number>()
  const counts = new Map<string, Map<number, number>>()
  return {
    see({ mint, openAt }: Bar): void {
      const step = openAt - (last.get(mint) ?? openAt)
      last.set(mint, openAt)
      if (step <= 0) return
      let steps = counts.get(mint)
      if (steps === undefined) counts.set(mint, (steps = new Map()))
      if (steps.size < MAX_STEPS || steps.has(step)) steps.set(step, (steps.get(step) ?? 0) + 1)
    },
    /** The most common step of each instrument that has one. */
    modes: (): Map<string, number> =>
      new Map([...counts].map(([mint, steps]) => [mint, mode(steps)])),
  }
}

/** The most common of all, the smallest of equally common ones: a gap is longer than a bar. */
function mode(counts: ReadonlyMap<number, number>): number {
  let best = Number.NaN
  let most = 0
  for (const [value, count] of counts) {
    if (count > most || (count === most && value < best)) {
      best = value
      most = count
    }
  }
  return best
}

/**
 * The length of each instrument's bars: as given, else its most common step, else (a single bar)
 * what the name of its file says, else that of most other instruments. Throws a UsageError when
 * nothing tells.
 */
export function intervalsFrom(
  modes: ReadonlyMap<string, number>,
  given: number | undefined,
  named: ReadonlyMap<string, number> = new Map(),
): IntervalOf {
  if (given !== undefined) return () => given
  const popular = new Map<number, number>()
  for (const step of modes.values()) popular.set(step, (popular.get(step) ?? 0) + 1)
  const usual = mode(popular)
  return mint => {
    const interval = modes.get(mint) ?? named.get(mint) ?? usual
    if (Number.isNaN(interval))
      throw new UsageError(
        'where no instrument has two bars, nothing tells how long one is: pass --interval',
      )
    return interval
  }
}
