import { show } from '../base/errors.ts'
import type { Rng } from '../base/rng.ts'
import type { Transform } from './transform.ts'

/** Where the output of the first lines is not how the output of all lines begins. */
interface Lookahead {
  /** Lines of input given. */
  cut: number
  /** Output line, from 1, that comes out otherwise. */
  line: number
  /** What it is when the input ends at the cut, and when it goes on; absent = no such line. */
  cutOff: string | undefined
  whole: string | undefined
}

/**
 * Checks the prefix law at some cuts: nothing that a pipeline says may change, or be said, because
 * of lines that come later. A finding is the earliest line of the first cut that fails.
 */
export async function findLookahead(
  transform: Transform,
  raws: readonly string[],
  cuts: readonly number[],
): Promise<Lookahead | undefined> {
  const whole = await transform(raws)
  for (const cut of cuts) {
    const part = await transform(raws.slice(0, cut))
    const at = part.findIndex((line, i) => line !== whole[i])
    if (at >= 0) return { cut, line: at + 1, cutOff: part[at], whole: whole[at] }
  }
  return undefined
}

/** A finding in words. */
export const lookaheadText = ({ cut, line, cutOff, whole }: Lookahead): string =>
  `output line ${line} is ${show(cutOff, 200)} when input ends at line ${cut}, and ` +
  `${show(whole, 200)} when it goes on`

/** Distinct cuts in random order: the ends of a file hide what its middle shows. */
export function cutsOf(length: number, count: number, rng: Rng): number[] {
  if (length <= count) return Array.from({ length }, (_, i) => i + 1)
  const cuts = new Set<number>()
  while (cuts.size < count) cuts.add(1 + rng.below(length))
  return [...cuts]
}
