import type { Report } from '../report/trade-report.ts'
import type { Step } from '../stream/step.ts'

/** What leaves a backtest: only what execute writes, or also each line that it read, or nothing. */
export type Written = 'trades' | 'all' | 'report'

/**
 * The trading step with a report looking on: at the time of each line, and at every order, fill and
 * position. With `all`, each line goes out before what it caused, whatever the batches were.
 */
export function watched(step: Step, written: Written, report: Report): Step {
  return {
    ...step,
    async batch(lines, emit) {
      for (const { rec } of lines) report.see(rec.ts)
      const look: typeof emit = line => {
        report.update(line.rec)
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
