import { show, UsageError } from '../errors.ts'
import type { WhaleSize } from '../market/whale.ts'
import type { Label } from '../records/label.ts'
import { HORIZONS } from '../records/label.ts'
import { PARTS } from '../records/parts.ts'
import type { Rec } from '../records/record.ts'
import { makeLine } from '../stream/line.ts'
import type { Emit, Step } from '../stream/step.ts'
import type { Anchor } from './anchors.ts'
import { loadState, saveState } from './checkpoint.ts'
import { makeLabeler } from './labeler.ts'

export interface LabelOptions extends WhaleSize {
  horizons: readonly string[]
  everyMs: number
  lateMs: number
  with: readonly string[]
  /** At the end of input, pending labels are emitted as censored. */
  flush: boolean
  /** Folder in which pending labels wait for the next run. */
  state?: string | undefined
  count(what: string, by?: number): void
}

/** The step `label`: consumes all lines, makes one line per anchor and horizon. */
export function makeLabel(options: LabelOptions): Step {
  const { horizons, flush, state, count } = options
  refuseUnknown('--horizons', horizons, HORIZONS)
  refuseUnknown('--with', options.with, Object.keys(PARTS))
  const labeler = makeLabeler({ ...options, parts: options.with as (keyof Rec)[] })
  const settings = { horizons, everyMs: options.everyMs, with: options.with }
  if (state !== undefined) loadState(state, settings, labeler)
  const emitTo =
    (emit: Emit) =>
    (anchor: Anchor, label: Label): void =>
      emit(makeLine({ ...anchor.head, ...copied(anchor, options.with), label }))
  return {
    line(line, emit) {
      labeler.take(line.rec, emitTo(emit))
    },
    end(emit) {
      if (flush) labeler.flush(emitTo(emit))
      count('pending', labeler.pending())
      if (state !== undefined) saveState(state, settings, labeler)
    },
  }
}

/** The path of an opportunity is kept to quote it again; it is only written when asked for. */
const copied = ({ parts }: Anchor, wanted: readonly string[]): Partial<Rec> =>
  Object.fromEntries(Object.entries(parts).filter(([part]) => wanted.includes(part)))

function refuseUnknown(flag: string, words: readonly string[], known: readonly string[]): void {
  const wrong = words.find(word => !known.includes(word))
  if (wrong !== undefined) throw new UsageError(`${flag}: no ${show(wrong)}; there are ${known.join(', ')}`)
}
