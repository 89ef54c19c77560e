import { show, UsageError } from '../base/errors.ts'
import type { Label } from '../records/label.ts'
import { PARTS } from '../records/parts.ts'
import type { Rec } from '../records/record.ts'
import type { EventTime } from '../stream/event-time.ts'
import { makeLine } from '../stream/line.ts'
import type { Emit, Step } from '../stream/step.ts'
import { type Told, timed } from '../stream/timed-step.ts'
import type { Anchor } from './anchors.ts'
import { definitionOf, hashOf, horizonsOf, isUsual } from './definition.ts'
import { type Extent, loadState, saveState } from './label-checkpoint.ts'
import type { LabelFlags } from './label-flags.ts'
import { makeLabeler } from './labeler.ts'

export interface LabelOptions extends LabelFlags, Told {
  /** Judges the times of lines; its state is saved with the rest. */
  time: EventTime
  count(what: string, by?: number): void
}

/** The step `label`: consumes all lines, makes one line per anchor and horizon. */
export function makeLabel(options: LabelOptions): Step {
  const { horizons, flush, state, time, count } = options
  const parts = options.with ?? []
  const [ends, definition] = [horizonsOf(horizons), definitionOf(options)]
  refuseUnknown('--with', parts, Object.keys(PARTS))
  const labeler = makeLabeler({ ...options, parts: parts as (keyof Rec)[] })
  // States of before there was a choice are those without it.
  const each = options.eachKind ? { eachKind: true } : {}
  const meaning = isUsual(ends, definition)
    ? {}
    : { meaning: ends.map(end => hashOf(end, definition)) }
  const settings = { horizons, everyMs: options.every, with: parts, ...each, ...meaning }
  const known = state === undefined ? undefined : loadState(state, settings, labeler)
  const saving = makeSaving(options.saveEvery, known, seen => {
    if (state === undefined) return
    saveState(state, settings, labeler, seen && { ...seen, time: time.save() })
  })
  if (known?.time !== undefined) time.load(known.time)
  const isSeen = makeReplay(known, () => labeler.now() - options.late)
  const emitTo =
    (emit: Emit) =>
    (anchor: Anchor, label: Label): void => {
      if (label.quiet !== undefined) count(`went quiet: ${label.quiet}`)
      emit(makeLine({ ...anchor.head, ...copied(anchor, parts), label }))
    }
  const inner: Step = {
    isReducer: true,
    setBack: labeler.setBack,
    line: (line, emit) => labeler.take(line.rec, emitTo(emit)),
  }
  const judged = timed(inner, time, options)
  return {
    isTimed: true,
    line(line, emit) {
      if (isSeen(line.rec)) return count('seen before')
      judged.line?.(line, emit)
      saving.saw(line.rec.id, time.now())
    },
    end(emit) {
      if (flush) labeler.flush(emitTo(emit))
      count('pending', labeler.pending())
      saving.end()
    },
  }
}

/** Saves now and then as event time passes, and at the end. */
function makeSaving(
  everyMs: number,
  known: Extent | undefined,
  save: (seen: Extent | undefined) => void,
) {
  let seen = known
  let isFirst = true
  let savedAt: number | undefined
  return {
    saw(id: string, now: number | undefined): void {
      seen = { first: isFirst || seen === undefined ? id : seen.first, last: id }
      isFirst = false
      savedAt ??= now
      if (now === undefined || savedAt === undefined || Math.abs(now - savedAt) < everyMs) return
      savedAt = now
      save(seen)
    },
    end: () => save(seen),
  }
}

/**
 * Tells lines that the state has seen when a run begins again with input that it was given before:
 * with the same first line, or with a line that is older than any late one. Such lines are passed
 * over up to the last that was seen.
 */
function makeReplay(known: Extent | undefined, oldest: () => number): (rec: Rec) => boolean {
  let [isOpen, isFirst] = [known !== undefined, true]
  return ({ id, ts }) => {
    if (!isOpen) return false
    if (isFirst) isOpen = id === known?.first || id === known?.last || ts < oldest()
    isFirst = false
    if (!isOpen) return false
    isOpen = id !== known?.last
    return true
  }
}

/** The path of an opportunity is kept to quote it again; it is only written when asked for. */
const copied = ({ parts }: Anchor, wanted: readonly string[]): Partial<Rec> =>
  Object.fromEntries(Object.entries(parts).filter(([part]) => wanted.includes(part)))

function refuseUnknown(flag: string, words: readonly string[], known: readonly string[]): void {
  const wrong = words.find(word => !known.includes(word))
  if (wrong !== undefined)
    throw new UsageError(`${flag}: no ${show(wrong)}; there are ${known.join(', ')}`)
}
