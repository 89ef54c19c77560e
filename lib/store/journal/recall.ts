import { crc32 } from 'node:zlib'
import { show } from '../../base/errors.ts'
import { fits } from '../../records/check.ts'
import { PARTS, type PartName } from '../../records/parts.ts'
import type { Rec } from '../../records/record.ts'
import type { Line } from '../../stream/line.ts'
import { listDays } from './days.ts'
import { keyOf } from './line-key.ts'
import { makeSeen } from './seen.ts'
import { damaged, lastLines } from './tail.ts'

/** Which lines a journal has not got yet. */
interface Recall {
  /** Those of a batch to be written, in order. */
  fresh(lines: readonly Line[]): Line[]
}

interface RecallOptions {
  /** Bytes of each of the last two days that are looked through; 0 = everything is new. */
  bytes: number
  count(what: string, by?: number): void
  warn(text: string): void
  /** Keeps a line that contradicts the one of its id. */
  reject?: ((entry: string) => void) | undefined
}

const MOST = 1 << 20
/** So many contradictions are named, the others counted. */
const NAMED = 20

/**
 * Reads the end of a journal once. A line whose key is among the newest is not fresh; one that says
 * other facts than the first of its key is a conflict: counted, named, and the first stays. A line
 * that does not fit its schema keeps its key from no good one. Schemas and facts are looked at when
 * a key comes again, not before. A DataError where the end of the journal is damaged.
 */
export function makeRecall(dir: string, options: RecallOptions): Recall {
  const { bytes, count } = options
  if (bytes === 0) return { fresh: lines => [...lines] }
  const seen = makeSeen(MOST)
  for (const rec of recordsOf(dir, bytes)) seen.add(keyOf(rec))
  const facts = makeFacts(dir, options)
  return {
    fresh(lines) {
      const before = facts.conflicts()
      const found = lines.filter((line, i) => {
        if (!seen.add(keyOf(line.rec))) return facts.isFirstGood(line, lines, i)
        facts.took(line.rec)
        return true
      })
      const repeated = lines.length - found.length - (facts.conflicts() - before)
      if (repeated > 0) count('repeated', repeated)
      return found
    },
  }
}

function* recordsOf(dir: string, bytes: number): Generator<Rec> {
  for (const day of listDays(dir).slice(-2)) {
    if (day.isArchive) continue
    for (const [raw, next] of lastLines(day.path, bytes)) {
      try {
        yield JSON.parse(raw) as Rec
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error
        throw damaged(day.path, Math.max(0, next - Buffer.byteLength(raw) - 1), 'not JSON')
      }
    }
  }
}

const NAMES = Object.keys(PARTS).filter((name): name is PartName => name !== 'envelope')
const isSound = (rec: Rec): boolean =>
  typeof rec === 'object' &&
  rec !== null &&
  fits('envelope', rec) &&
  NAMES.every(part => rec[part] === undefined || fits(part, rec[part]))

/** Parts that state facts. Others are opinions, which may differ after a restart. */
const FACTS = [
  'token',
  'market',
  'trade',
  'candle',
  'opportunity',
  'gap',
  'order',
  'fill',
  'position',
  'label',
] as const satisfies readonly PartName[]

/**
 * What the newest lines say, as one number each. It is gathered at the first repeat, since most
 * journals never see one.
 */
function makeFacts(dir: string, { bytes, count, warn, reject }: RecallOptions) {
  let known: Map<string, number> | undefined
  let conflicts = 0
  const gather = (before: readonly Line[]): Map<string, number> => {
    const gathered = new Map<string, number>()
    const add = (rec: Rec): void => {
      const first = gathered.get(keyOf(rec))
      if (first === undefined || first === MISFIT) gathered.set(keyOf(rec), factsOf(rec))
    }
    for (const rec of recordsOf(dir, bytes)) add(rec)
    for (const { rec } of before) add(rec)
    return gathered
  }
  const tell = ({ rec, raw }: Line): void => {
    const reason = `${show(rec.id, 200)} is known with other facts; the first stays`
    if (++conflicts <= NAMED) warn(`conflict: ${reason}`)
    if (conflicts === NAMED + 1) warn('conflict: and more of them')
    reject?.(JSON.stringify({ reason, raw }))
    count('conflict')
  }
  return {
    /** Contradictions so far. */
    conflicts: () => conflicts,
    took(rec: Rec): void {
      if (known !== undefined && known.size >= 2 * MOST) known = undefined
      known?.set(keyOf(rec), factsOf(rec))
    },
    /**
     * Of a line whose key was seen, whether all before it were misfits; `i` is its place in its
     * batch. A key that is no longer known counts as seen.
     */
    isFirstGood(line: Line, batch: readonly Line[], i: number): boolean {
      known ??= gather(batch.slice(0, i))
      const first = known.get(keyOf(line.rec))
      const now = factsOf(line.rec)
      if (first === undefined || first === now) return false
      if (first !== MISFIT) {
        tell(line)
        return false
      }
      count('after-misfit')
      known.set(keyOf(line.rec), now)
      return true
    },
  }
}

/** Stands for what a record states that does not fit its schema. */
const MISFIT = -1

/** CRC-32 of what a record states, in whatever order. Who saw it and when is no part of it. */
function factsOf(rec: Rec): number {
  if (!isSound(rec)) return MISFIT
  const { ts, kind, mint, pool, slot } = rec
  return crc32(
    JSON.stringify([ts, kind, mint, pool, slot, ...FACTS.map(part => sorted(rec[part]))]),
  )
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(sorted)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return entries.map(([key, item]) => [key, sorted(item)])
}
