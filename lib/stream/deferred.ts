import type { Rec } from '../records/record.ts'
import { encode } from './encode.ts'
import type { Line } from './line.ts'

/** As a line's `checked`: parts of our own making have the shape of their type, nothing is left to check. */
export const EVERY_PART = new Set<string>()

/**
 * A line of our own making that is printed when somebody asks for its text: a backtest reads millions of candles and
 * writes hundreds of orders. A class, because an accessor per object would cost more than the printing saves.
 */
export class DeferredLine implements Line {
  readonly rec: Rec
  readonly checked: Set<string> = EVERY_PART
  no = 0
  constructor(rec: Rec) {
    this.rec = rec
  }
  /** The same bytes as those of a line that was printed at once and got its parts spliced in. Throws as `encode` does. */
  get raw(): string {
    return encode(this.rec)
  }
}

/** Makes a line whose text is printed when it is asked for. */
export const deferLine = (rec: Rec): Line => new DeferredLine(rec)
