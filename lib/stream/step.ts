import type { Line } from './line.ts'

export type Emit = (line: Line) => void

/**
 * A pure step between two schemas, with its state. `line` is called for each line in order and
 * emits in order; a step that profits from seeing several waiting lines at once (inference) has
 * `batch` instead. Neither may look at a clock.
 */
export interface Step {
  line?(line: Line, emit: Emit): void
  batch?(lines: Line[], emit: Emit): void | Promise<void>
  /**
   * For a step with a life of its own (live trading): takes the place of its input, to go on when
   * that has ended or the reader of the output has gone. An empty batch lets the step emit what has
   * become known without a line.
   */
  feed?(input: AsyncIterable<Line[]>): AsyncIterable<Line[]>
  /** It writes lines of its own and lets none through. */
  isReducer?: boolean
  /**
   * Most lines of its input that may come before it lets one of them through (default: none). A
   * reducer has a rule of its own. `verify prefix` holds a step to it.
   */
  lag?: number
  /** It takes lines whose time is not believed like all others, and looks at their mark itself. */
  takesJumps?: boolean
  /** Its lines come with their time judged already (`timed`). */
  isTimed?: boolean
  /**
   * Time has been set back to `ts` for good: what it knows of later times was of a clock that was
   * wrong. Called before the line that made sure of it.
   */
  setBack?(ts: number): void
  /**
   * End of input. Only reducers and `--flush` emit here: a step emits nothing that it would not
   * have emitted before the next line.
   */
  end?(emit: Emit): void | Promise<void>
  /** Frees what it holds. Always called once, also after an error. */
  close?(): void | Promise<void>
}

/** Where lines come from: batches in order, ended early when the signal fires. */
export interface Source {
  lines(signal: AbortSignal): AsyncIterable<Line[]>
  /**
   * Newest event time that an earlier run told, for a source that goes on from there: what it
   * repeats before that time is held back by no pace.
   */
  resumedTs?: number | undefined
  close?(): void | Promise<void>
}
