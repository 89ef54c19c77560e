import { type EventTime, isJump, TIME_JUMP } from './event-time.ts'
import { type Line, setPart } from './line.ts'
import type { Step } from './step.ts'

/** Who hears of lines whose time is not believed. */
export interface Told {
  count(what: string): void
  warn(text: string): void
}

/**
 * The step with the time of its lines judged before it sees them. A line that is a jump leaves in
 * its place with the mark, counted, and the step does not see it; when time is set back for good,
 * the step is told. How lines are batched changes nothing.
 */
export function timed<S extends Step>(step: S, time: EventTime, { count, warn }: Told): S {
  let hasWarned = false
  const mark = (line: Line): void => {
    count(TIME_JUMP)
    if (isJump(line.rec)) return
    if (!hasWarned) warn(reasonOf(line, time))
    hasWarned = true
    setPart(line, 'marks', [...(line.rec.marks ?? []), TIME_JUMP])
  }
  const goBack = ({ rec }: Line): void => step.setBack?.(rec.ts)
  const made: S = { ...step, isTimed: true }
  if (step.line !== undefined)
    made.line = (line, emit) => {
      const verdict = time.judge(line.rec)
      if (verdict === 'back') goBack(line)
      if (verdict === 'jump') mark(line)
      if (verdict !== 'jump' || step.takesJumps) return step.line?.(line, emit)
      if (!step.isReducer) emit(line)
    }
  if (step.batch !== undefined) made.batch = makeBatch(step, time, { mark, goBack })
  return made
}

interface Acts {
  mark(line: Line): void
  goBack(line: Line): void
}

/** Cuts a batch where a line is not to be seen, or where time is set back. */
const makeBatch =
  (step: Step, time: EventTime, { mark, goBack }: Acts): NonNullable<Step['batch']> =>
  async (lines, emit) => {
    let from = 0
    const upTo = async (to: number): Promise<void> => {
      if (to > from) await step.batch?.(lines.slice(from, to), emit)
      from = to
    }
    for (const [i, line] of lines.entries()) {
      const verdict = time.judge(line.rec)
      if (verdict === 'on') continue
      if (verdict === 'jump') mark(line)
      if (step.takesJumps) {
        if (verdict === 'back') goBack(line)
        continue
      }
      await upTo(i)
      if (verdict === 'back') goBack(line)
      else {
        if (!step.isReducer) emit(line)
        from = i + 1
      }
    }
    // Without a cut the batch goes on as it is, also an empty one.
    if (from === 0) await step.batch?.(lines, emit)
    else await upTo(lines.length)
  }

function reasonOf({ rec, no }: Line, time: EventTime): string {
  const far = Math.abs(rec.ts - (time.now() ?? rec.ts))
  return (
    `line ${no}: its ts ${rec.ts} is ${far} ms from the time of the lines before it, more than ` +
    `${time.bound()}: passed on with the mark ${TIME_JUMP}; it moves no clock unless the next ` +
    'line agrees'
  )
}
