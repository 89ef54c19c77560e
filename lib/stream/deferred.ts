import type { Rec } from '../records/record.ts'
import { encode } from './encode.ts'
import type { Line } from './line.ts'

/** Parts of our own making have the shape of their type: as a line's `checked`, nothing is left to check. */
class EveryPart extends Set<string> {
  override has(): boolean {
    return true
  }
  override add(): this {
    return this
  }
}
const EVERY_PART = new EveryPart()

/**
 * A line of our own making that is printed when somebody asks for its text: a backtest reads millions of candles and
 * writes hundreds of orders. A class, because an accessor per object would cost more than the printing saves.
 */
export class DeferredLine implements Line {
  readonly rec: Rec
  checked: Set<string> | undefined = EVERY_PART
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
