import type { Rec } from '../records/record.ts'
import { encode } from './encode.ts'
import { spanOf } from './span.ts'

/**
 * One record with the bytes it came as. `raw` and `rec` always say the same; a step that adds a
 * part splices it into `raw`, so unknown keys, number spellings and key order of the input survive
 * to the output.
 */
export interface Line {
  raw: string
  rec: Rec
  /** Parts whose shape has been checked, so that a fused run checks each once. */
  checked: Set<string> | undefined
  /** Its number in the input of the step that is reading it; 0 for lines of our own making. */
  no: number
}

/**
 * A new line from a record of our own making. Throws on NaN, Infinity and undefined in lists,
 * naming the field.
 */
export function makeLine(rec: Rec): Line {
  return { raw: encode(rec), rec, checked: undefined, no: 0 }
}

/** Adds a part, or replaces it in place; every other byte of the line stays. */
export function setPart<K extends keyof Rec>(
  line: Line,
  part: K,
  value: NonNullable<Rec[K]>,
): void {
  if (line instanceof DeferredLine) {
    line.rec[part] = value as Rec[K]
    return
  }
  const text = encode(value, part)
  const { raw } = line
  if (line.rec[part] === undefined) {
    line.raw = `${raw.slice(0, raw.lastIndexOf('}'))},"${part}":${text}}`
  } else {
    const [from, to] = spanOf(raw, part)
    line.raw = raw.slice(0, from) + text + raw.slice(to)
  }
  line.rec[part] = value as Rec[K]
}

/**
 * Adds entries to a part that is a map by name (features, strategy, score, prediction); same names
 * are replaced.
 */
export function mergePart<K extends 'features' | 'strategy' | 'score' | 'prediction' | 'shadow'>(
  line: Line,
  part: K,
  entries: NonNullable<Rec[K]>,
): void {
  const old = line.rec[part]
  setPart(line, part, (old === undefined ? entries : { ...old, ...entries }) as NonNullable<Rec[K]>)
}

/**
 * As a line's `checked`: parts of our own making have the shape of their type, nothing is left to
 * check.
 */
export const EVERY_PART = new Set<string>()

/**
 * A line of our own making that is printed when somebody asks for its text: a backtest reads
 * millions of candles and writes hundreds of orders. A class, because an accessor per object would
 * cost more than the printing saves.
 */
export class DeferredLine implements Line {
  readonly rec: Rec
  readonly checked: Set<string> = EVERY_PART
  no = 0
  constructor(rec: Rec) {
    this.rec = rec
  }
  /**
   * The same bytes as those of a line that was printed at once and got its parts spliced in. Throws
   * as `encode` does.
   */
  get raw(): string {
    return encode(this.rec)
  }
}

/** Makes a line whose text is printed when it is asked for. */
export const deferLine = (rec: Rec): Line => new DeferredLine(rec)
