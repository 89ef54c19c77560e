import { makeReport, type Report } from '../report/trade-report.ts'
import { isJump } from '../stream/event-time.ts'
import type { Line } from '../stream/line.ts'
import type { Emit, Step } from '../stream/step.ts'

/** What came of one fold, as it travels between threads. */
export interface FoldResult {
  value: ReturnType<Report['value']>
  changes: ReturnType<Report['changes']>
  held: ReturnType<Report['held']>
  marks: ReturnType<Report['marks']>
  span: { from: number; to: number }
  unit: string
}

/**
 * The trading step started anew in each fold, so that no fold inherits the cash, the limits or the
 * positions of the one before: `ends` holds the time at which each fold but the last is over. The
 * steps in front go on, as live.
 */
export function makeFolded(make: () => Promise<Step>, cash: bigint, ends: readonly number[]) {
  const reports: Report[] = [makeReport(cash)]
  let now = Number.NEGATIVE_INFINITY
  let current: Step | undefined
  /** The marks that stand for the end of a run are taken, too. */
  const finish = async (emit: Emit): Promise<void> => {
    await current?.end?.(made => {
      reports.at(-1)!.update(made.rec)
      emit(made)
    })
  }
  const turn = async (emit: Emit): Promise<void> => {
    await finish(emit)
    await current?.close?.()
    current = undefined
    reports.push(makeReport(cash))
  }
  /** Lines up to the first that is beyond the fold: time never goes back. */
  const endOfFold = (lines: readonly Line[], from: number): number => {
    const end = ends[reports.length - 1] ?? Number.POSITIVE_INFINITY
    for (let i = from; i < lines.length; i++) {
      const { rec } = lines[i]!
      if (!isJump(rec)) now = Math.max(now, rec.ts)
      if (now >= end) return i
    }
    return lines.length
  }
  const trade = async (lines: Line[], emit: Emit): Promise<void> => {
    current ??= await make()
    const report = reports.at(-1)!
    // What the whole recording spans is in the marks; a fold has its own ends.
    if (ends.length > 0) for (const { rec } of lines) if (!isJump(rec)) report.see(rec.ts)
    await current.batch?.(lines, made => {
      report.update(made.rec)
      emit(made)
    })
  }
  const step: Step = {
    takesJumps: true,
    setBack: ts => {
      now = ts
    },
    async batch(lines, emit) {
      for (let from = 0; from < lines.length; ) {
        const to = endOfFold(lines, from)
        if (to > from) await trade(lines.slice(from, to), emit)
        if (to < lines.length) await turn(emit)
        from = to
      }
    },
    end: finish,
    close: async () => current?.close?.(),
  }
  const results = (): FoldResult[] =>
    Array.from({ length: ends.length + 1 }, (_, i) => resultOf(reports[i] ?? makeReport(cash)))
  return { step, results }
}

const resultOf = (report: Report): FoldResult => ({
  value: report.value(),
  changes: report.changes(),
  held: report.held(),
  marks: report.marks(),
  span: { ...report.span() },
  unit: report.unit(),
})
