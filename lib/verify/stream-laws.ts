import { show } from '../base/errors.ts'
import type { Rec } from '../records/record.ts'
import { parseLine } from '../stream/parse.ts'
import type { Step } from '../stream/step.ts'
import { findLookahead, lookaheadText } from './prefix.ts'
import type { Transform } from './transform.ts'

/** One law and whether it holds: undefined, or the first difference in words. */
export interface Law {
  law: string
  difference(): Promise<string | undefined> | string | undefined
}

/** Same input, same bytes. */
export async function replayDifference(
  run: Transform,
  raws: readonly string[],
): Promise<string | undefined> {
  return firstDifference(await run(raws), await run(raws), 'in one run', 'in the next')
}

/**
 * The first k lines give the first lines of the output. `lag` is for how many lines a run that
 * tells nothing of its stages may keep one back.
 */
export async function prefixDifference(
  run: Transform,
  raws: readonly string[],
  cuts: readonly number[],
  lag = 0,
): Promise<string | undefined> {
  const found = await findLookahead(run, raws, cuts, lag)
  return found === undefined ? undefined : lookaheadText(found)
}

/** Lines of one mint depend on that mint and on ticks only. */
export async function orderDifference(
  run: Transform,
  raws: readonly string[],
  mint: string,
): Promise<string | undefined> {
  const isMine = (raw: string): boolean => raw.includes(`"mint":"${mint}"`)
  const alone = raws.filter(raw => isMine(raw) || raw.includes('"kind":"tick"'))
  return firstDifference(
    (await run(raws)).filter(isMine),
    (await run(alone)).filter(isMine),
    'among other tokens',
    'alone',
  )
}

/** The first line in which two outputs differ. */
export function firstDifference(
  one: readonly string[],
  other: readonly string[],
  first: string,
  second: string,
): string | undefined {
  const length = Math.max(one.length, other.length)
  const at = Array.from({ length }, (_, i) => i).find(i => one[i] !== other[i])
  if (at === undefined) return undefined
  return `line ${at + 1} is ${show(one[at], 200)} ${first}, and ${show(other[at], 200)} ${second}`
}

/** The mint with most lines. */
export function busiestMint(raws: readonly string[]): string | undefined {
  const counts = new Map<string, number>()
  for (const raw of raws) {
    const { mint } = JSON.parse(raw) as Rec
    if (mint !== undefined) counts.set(mint, (counts.get(mint) ?? 0) + 1)
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0]
}

/** A step that takes line by line, made afresh for each run, as a function of its input. */
export const throughStep =
  (make: () => Step): Transform =>
  async raws => {
    const step = make()
    const out: string[] = []
    for (const [i, raw] of raws.entries())
      step.line?.(parseLine(raw, i + 1), line => void out.push(line.raw))
    return out
  }
