import { choice, duration, type Flags, file, num } from '../base/flags.ts'
import type { Ctx } from '../cli/command.ts'
import type { PartName } from '../records/parts.ts'
import type { Source } from '../stream/step.ts'

/** A way to get lines, as `discover --source NAME`: a file like from-replay.ts. */
export interface SourceKind<F extends Flags = Flags> {
  name: string
  summary: string
  /** Kinds of lines it makes. */
  gives: readonly (PartName | 'tick' | 'any')[]
  needs: string
  /** Flags that mean something to it; others are refused, not ignored. */
  flags: F
  /** Takes files as arguments; `perhaps` leaves that to the source. */
  hasFiles: boolean | 'perhaps'
  /** It keeps something in $SLUICE_HOME: leave to ask, which all processes share. */
  writesHome?: boolean
  make(ctx: Ctx<F>): Source | Promise<Source>
}

/** Declares a source; its flags give `make` its types. */
export const sourceKind = <const F extends Flags>(declared: SourceKind<F>): SourceKind =>
  declared as unknown as SourceKind

// Flags that several sources have. What means something different to each has no default here; the
// source has it.

/** In which order files are read. */
export const order = choice(
  'files merged by time, or one after the other (default: time for ohlcv, file for replay)',
  ['time', 'file'],
)
/** At which pace lines leave. */
export const speed = num('seconds of event time per second (default: as fast as possible)', {
  min: 1e-6,
  max: 1e9,
})
/** Length of a bar that is asked for. */
export const interval = duration('length of a bar (default: the most common step of each symbol)', {
  min: '1s',
  max: '31d',
})
/** Length of candles that are closed from trades. */
export const candles = duration(
  'close candles of this length from trades (default: none for replay, 5m for sim and live)',
  {
    min: '1s',
    max: '1d',
  },
)
/** Folder to go on from. */
export const state = file(
  'folder that keeps what is followed and how far it is known, to go on from there after a stop',
  {
    value: 'DIR',
  },
)
/** Event time between ticks. */
export const tick = duration('event time between two tick lines; 0 for none', {
  default: '10s',
  max: '1h',
})

/** Opens the file that an argument names, - for stdin. */
export const intakeOf = (ctx: Pick<Ctx, 'intake'>) => (path: string) =>
  ctx.intake(path === '-' ? '' : path)

/** A source with the candles that its trades close, counted. */
export async function closing(
  source: Source,
  ms: number,
  { count, makeTime }: Pick<Ctx, 'count' | 'makeTime'>,
) {
  const { withCandles } = await import('./close-candles.ts')
  const counted = (counts: object): void => {
    for (const [what, n] of Object.entries(counts)) if (n > 0) count(what, n)
  }
  return {
    ...source,
    lines: (signal: AbortSignal) => withCandles(source.lines(signal), ms, makeTime(), counted),
  }
}
