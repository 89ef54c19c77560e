import { DataError } from '../base/errors.ts'
import type { EventTime } from '../stream/event-time.ts'
import type { Step } from '../stream/step.ts'
import { loadState, saveState } from './features-checkpoint.ts'
import type { FeatureStep } from './features-step.ts'

/**
 * A features step that continues from DIR and saves there, every `saveEvery` ms of event time and
 * at end of input. What follows must be the input after the saved state, or begin with warm lines
 * that contain its last line: those it has already seen are passed through unread. Then the output
 * is the one of a run that never stopped. `step` has the times of its lines judged by `time`, which
 * is saved with it.
 */
export function makeResumable(
  step: FeatureStep,
  dir: string,
  config: string,
  saveEvery: number,
  time: EventTime,
): Step {
  const saved = loadState(dir, step, config)
  if (saved !== undefined) time.load(saved.time)
  let known = saved?.lastId
  let hasSkipped = false
  let lastId = known
  let savedAt: number | undefined

  /** Whether the saved state has seen this warm line. */
  const isKnown = (id: string, isWarm: boolean): boolean => {
    if (known === undefined) return false
    if (isWarm) {
      hasSkipped = true
      if (id === known) known = undefined
      return true
    }
    if (hasSkipped)
      throw new DataError(
        `the warm lines do not contain ${known}, the last line of the saved state: replay ` +
          'from further back, or delete the state',
        { field: dir },
      )
    known = undefined
    return false
  }
  const save = (): void => {
    if (lastId !== undefined) saveState(dir, step, config, { lastId, time: time.save() })
  }
  return {
    isTimed: true,
    line: (line, emit) => {
      const { id, warm } = line.rec
      if (isKnown(id, warm === true)) {
        emit(line)
        return
      }
      step.line(line, emit)
      lastId = id
      const now = time.now()
      savedAt ??= now
      if (now === undefined || savedAt === undefined || Math.abs(now - savedAt) < saveEvery) return
      savedAt = now
      save()
    },
    end: save,
  }
}
