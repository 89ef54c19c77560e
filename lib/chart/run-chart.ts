import { checkFiles, openBytes } from '../base/bytes.ts'
import type { Output } from '../base/console.ts'
import { DataError } from '../base/errors.ts'
import { makeIntake } from '../stream/intake.ts'
import { readLines } from '../stream/reader.ts'
import { chartSvg } from './chart.ts'
import type { ChartFlags } from './chart-flags.ts'
import { tokenChart } from './token-chart.ts'
import { makeTokenHistory } from './token-history.ts'

interface Task extends ChartFlags {
  mint: string
  paths: readonly string[]
  signal: AbortSignal
}

/**
 * Draws a token from lines of features, from files or stdin. Throws a DataError when they hold no
 * bar of it.
 */
export async function runChart(
  { mint, bars, log, paths, signal }: Task,
  out: Output,
): Promise<void> {
  const inputs = paths.length === 0 ? ['-'] : paths
  await checkFiles(inputs)
  const history = makeTokenHistory(mint, bars)
  for (const path of inputs) {
    const policy = { skip: false, max: 0, reject() {} }
    const intake = makeIntake(['candle', 'features'], policy, path === '-' ? '' : path)
    for await (const batch of readLines(openBytes(path, signal), intake))
      for (const { rec } of batch) history.see(rec)
  }
  const series = history.longest()
  if (series === undefined) throw new DataError(`no closed candle of ${mint} in the input`)
  await out.write(chartSvg(tokenChart(mint, series, log)))
}
