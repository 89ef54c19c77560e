import { show } from '../base/errors.ts'
import type { Rng } from '../base/rng.ts'
import type { StageTrace, Transform } from './transform.ts'

/** Where the output of the first lines is not how the output of all lines begins. */
interface Changed {
  /** Lines of input given. */
  cut: number
  /** Output line, from 1, that comes out otherwise. */
  line: number
  /** What it is when the input ends at the cut, and when it goes on; absent = no such line. */
  cutOff: string | undefined
  whole: string | undefined
}

/** Where a stage lets a line through only when later ones have come. */
interface Held {
  cut: number
  stage: string
  /** The line, and lines of its input behind it at the cut; the stage may wait for `lag`. */
  id: string
  behind: number
  lag: number
}

type Lookahead = Changed | Held

/**
 * Checks the prefix law at some cuts: nothing that a pipeline says may change, or be said, because
 * of lines that come later; and no stage may keep a line until more lines have come than its
 * declared lag (`lag` where the pipeline tells nothing of its stages), or it could have read them.
 * A finding is the earliest line of the first cut that fails.
 */
export async function findLookahead(
  transform: Transform,
  raws: readonly string[],
  cuts: readonly number[],
  lag = 0,
): Promise<Lookahead | undefined> {
  const { out: whole, traces } = await run(transform, raws, lag)
  for (const cut of cuts) {
    const part = await run(transform, raws.slice(0, cut), lag)
    const at = part.out.findIndex((line, i) => line !== whole[i])
    if (at >= 0) return { cut, line: at + 1, cutOff: part.out[at], whole: whole[at] }
    for (const [i, trace] of part.traces.entries()) {
      const held = findHeld(trace, traces[i]!)
      if (held !== undefined) return { cut, ...held }
    }
  }
  return undefined
}

async function run(
  transform: Transform,
  raws: readonly string[],
  lag: number,
): Promise<{ out: string[]; traces: StageTrace[] }> {
  const traces: StageTrace[] = []
  const out = await transform(raws, traces)
  const unnamed = { name: 'the pipeline', lag, in: raws.map(idOf), out: out.map(idOf) }
  return { out, traces: traces.length > 0 ? traces : [unnamed] }
}

/** The id of a line as text. */
const idOf = (raw: string): string => (JSON.parse(raw) as { id: string }).id

/**
 * The first line that a stage was given, did not let through, and lets through when more lines
 * come. An id that comes several times counts as often as it has come.
 */
function findHeld(part: StageTrace, whole: StageTrace): Omit<Held, 'cut'> | undefined {
  const until = part.in.length - part.lag
  if (!(until > 0)) return undefined
  const [now, later] = [countOf(part.out), countOf(whole.out)]
  const given = new Map<string, number>()
  for (const [i, id] of part.in.slice(0, until).entries()) {
    const times = (given.get(id) ?? 0) + 1
    given.set(id, times)
    if ((now.get(id) ?? 0) >= Math.min(times, later.get(id) ?? 0)) continue
    return { stage: part.name, id, behind: part.in.length - 1 - i, lag: part.lag }
  }
  return undefined
}

function countOf(ids: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1)
  return counts
}

/** A finding in words. */
export function lookaheadText(found: Lookahead): string {
  if ('stage' in found) {
    const { cut, stage, id, behind, lag } = found
    return (
      `${stage} keeps line ${id} back when input ends at line ${cut}, ${behind} lines behind it, ` +
      `and lets it through when more come; its declared lag is ${lag}`
    )
  }
  const { cut, line, cutOff, whole } = found
  return (
    `output line ${line} is ${show(cutOff, 200)} when input ends at line ${cut}, and ` +
    `${show(whole, 200)} when it goes on`
  )
}

/** Distinct cuts in random order: the ends of a file hide what its middle shows. */
export function cutsOf(length: number, count: number, rng: Rng): number[] {
  if (length <= count) return Array.from({ length }, (_, i) => i + 1)
  const cuts = new Set<number>()
  while (cuts.size < count) cuts.add(1 + rng.below(length))
  return [...cuts]
}
