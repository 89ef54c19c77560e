import type { FieldName } from './snapshot-fields.ts'
import type { Snapshot } from './snapshot-line.ts'

/** What a table was found to be, for people and jq. */
export interface TableReport {
  rows: number
  pools: number
  firstAt: number | undefined
  lastAt: number | undefined
  /** Rows that are earlier than the one above them; reading brings them into order. */
  backwards: number
  /** Rows of the same pool and time that say the same again, and that say something else. */
  repeated: number
  contradicting: number
  /** Of each volume, rows that tell it, and those where it is a reserve of the pool. */
  volumes: Record<string, { told: number; reserve: number }>
  /** The median time between rows of a pool in s; gaps are longer than ten of these. */
  stepSeconds: number | undefined
  gaps: number
  longestGap: { seconds: number; pool: string; fromAt: number } | undefined
  [mark: string]: unknown
}

/** Looks at rows as the file has them: order, volumes and what happened to each. */
export function makeFileLook() {
  let [rows, backwards, last] = [0, 0, Number.NEGATIVE_INFINITY]
  const marks = new Map<string, number>()
  const volumes = new Map<FieldName, { told: number; reserve: number }>()
  return {
    see({ rec, marks: seen, volumes: told, echoes }: Snapshot): void {
      rows++
      if (rec.ts < last) backwards++
      last = rec.ts
      for (const mark of seen) marks.set(mark, (marks.get(mark) ?? 0) + 1)
      for (const name of told) {
        const counts = volumes.get(name) ?? { told: 0, reserve: 0 }
        counts.told++
        if (echoes.includes(name)) counts.reserve++
        volumes.set(name, counts)
      }
    },
    found: () => ({ rows, backwards, marks, volumes }),
  }
}
export type FileLook = ReturnType<ReturnType<typeof makeFileLook>['found']>

/** Steps from this on are counted as one: a day. */
const MOST_SECONDS = 86_400
const GAP_STEPS = 10

interface Seen {
  at: number
  /** The rows of this moment as texts: few, since they all have one time. */
  texts: string[]
}

/**
 * Looks at rows in order of time: repetitions and gaps of each pool. `see` says what a row is among
 * those of its pool and time: 0 the first, more for others that differ, undefined for one that is
 * there already.
 */
export function makeOrderLook() {
  const pools = new Map<string, Seen>()
  const steps = new Float64Array(MOST_SECONDS + 1)
  let [repeated, contradicting] = [0, 0]
  let longest: TableReport['longestGap']
  let [firstAt, lastAt] = [undefined as number | undefined, undefined as number | undefined]
  const step = (pool: string, from: number, to: number): void => {
    const seconds = (to - from) / 1000
    steps[Math.min(MOST_SECONDS, Math.round(seconds))]!++
    if (longest === undefined || seconds > longest.seconds)
      longest = { seconds, pool, fromAt: from }
  }
  return {
    see({ pool, rec: { ts, market } }: Snapshot): number | undefined {
      firstAt ??= ts
      lastAt = ts
      const text = JSON.stringify(market)
      const seen = pools.get(pool)
      if (seen === undefined || seen.at !== ts) {
        if (seen !== undefined) step(pool, seen.at, ts)
        pools.set(pool, { at: ts, texts: [text] })
        return 0
      }
      if (seen.texts.includes(text)) {
        repeated++
        return undefined
      }
      contradicting++
      return seen.texts.push(text) - 1
    },
    found() {
      const stepSeconds = medianOf(steps)
      const isGap = (seconds: number): boolean =>
        seconds > GAP_STEPS * Math.max(1, stepSeconds ?? 0)
      const gaps = steps.reduce((sum, n, seconds) => (isGap(seconds) ? sum + n : sum), 0)
      const longestGap = longest !== undefined && isGap(longest.seconds) ? longest : undefined
      return {
        pools: pools.size,
        firstAt,
        lastAt,
        repeated,
        contradicting,
        stepSeconds,
        gaps,
        longestGap,
      }
    },
  }
}

/** The middle of counted whole numbers; undefined where none was counted. */
function medianOf(counts: Float64Array): number | undefined {
  const all = counts.reduce((sum, n) => sum + n, 0)
  let passed = 0
  for (const [value, n] of counts.entries())
    if ((passed += n) > 0 && passed * 2 >= all) return value
  return undefined
}
