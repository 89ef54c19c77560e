import { DataError } from '../base/errors.ts'
import { prepareBacktest } from './backtest-stages.ts'

/**
 * Times at which all folds but the last end: parts of equal length between the first line and the
 * last. Reads the source once.
 */
export async function foldEnds(
  stages: string[][],
  folds: number,
  around: Parameters<typeof prepareBacktest>[1],
): Promise<number[]> {
  const { first } = await prepareBacktest(stages, around)
  const source = first.command.kind === 'source' ? await first.command.make(first.ctx) : undefined
  const time = first.ctx.makeTime()
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  try {
    for await (const batch of source?.lines(around.signal) ?? []) {
      for (const { rec } of batch) {
        if (time.judge(rec) === 'jump') continue
        from = Math.min(from, rec.ts)
        to = Math.max(to, rec.ts)
      }
    }
  } finally {
    await source?.close?.()
  }
  if (!(to - from >= folds))
    throw new DataError(`--folds ${folds}: the recording has no time to divide`)
  return Array.from({ length: folds - 1 }, (_, i) =>
    Math.round(from + ((to - from) * (i + 1)) / folds),
  )
}
