import type { Rec } from '../records/record.ts'
import type { Step } from '../stream/step.ts'

/** What leaves a backtest: only what execute writes, or also each line that it read, or nothing. */
export type Written = 'trades' | 'all' | 'report'

/**
 * The trading step with somebody looking on: `take` gets every order, fill and position. With `all`, each line goes out
 * before what it caused, whatever the batches were.
 */
export function watched(step: Step, written: Written, take: (rec: Rec) => void): Step {
  return {
    ...step,
    async batch(lines, emit) {
      const look: typeof emit = line => {
        take(line.rec)
        if (written !== 'report') emit(line)
      }
      if (written !== 'all') return step.batch?.(lines, look)
      for (const line of lines) {
        emit(line)
        await step.batch?.([line], look)
      }
    },
  }
}
