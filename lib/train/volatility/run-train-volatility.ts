import type { Log, Output } from '../../base/console.ts'
import { UsageError } from '../../base/errors.ts'
import { wilson } from '../../maths/confidence-interval.ts'
import type { Bundle } from '../../model/bundle.ts'
import { bundleLine } from '../../model/files.ts'
import { encode } from '../../stream/encode.ts'
import { numericColumns, readTable } from '../../table/read-table.ts'
import { writtenOf } from '../../table/time-flags.ts'
import { splitByTime } from '../data/splits.ts'
import type { VolatilityFlags } from '../train-flags.ts'
import { fitVolatility, GARCH_MIN_RETURNS, type VolatilityModel } from './garch.ts'
import { forecastVariance, tailRisk } from './garch-forecast.ts'
import { garchLikelihood } from './garch-likelihood.ts'
import { type ReturnSeries, returnSeries } from './returns.ts'
import { parametersOf, writeVolatility } from './volatility-bundle.ts'
import { judgeSeries, STEPS } from './volatility-model.ts'

/**
 * Fits GARCH(1,1), or an EWMA that says why, to the closes or the returns of a table; prints
 * metrics, parameters with standard errors and a forecast per series, and writes the bundle.
 */
export async function runTrainVolatility(
  file: string,
  flags: VolatilityFlags,
  out: Output,
  log: Log,
): Promise<void> {
  const close = await columnOf(file, flags)
  const written = writtenOf(flags)
  const rows = await readTable(
    file,
    { features: [close], label: close, time: flags.time, group: flags.group },
    written,
  )
  const series = returnSeries(
    rows.label,
    rows.time,
    rows.groups,
    flags.returns ? 'returns' : 'closes',
  )
  const from = cutOf(series, flags.test)
  const remarks: string[] = []
  const gaps = series.reduce((sum, each) => sum + each.gaps, 0)
  if (gaps > 0) remarks.push(`${gaps} returns over missing bars were left out.`)
  const model = fitVolatility(trainingOf(series, from, remarks))
  if (model.method === 'ewma')
    remarks.push(`EWMA with λ = 0.94 instead of GARCH(1,1): ${model.reason}.`)
  for (const remark of remarks) log.warn(remark)
  const metrics = measure(series, from, model)
  for (const metric of metrics) await out.write(`${encode(metric)}\n`)
  await out.write(`${encode({ name: 'parameters', ...parametersOf(model) })}\n`)
  for (const each of series) await out.write(`${encode(forecastOf(each, model))}\n`)
  if (flags.out === undefined) return
  const bundle = await writeVolatility(flags.out, {
    file,
    flags,
    close,
    series,
    from,
    model,
    metrics,
    remarks,
  })
  await out.write(bundleLine(bundle, flags.out))
}

/**
 * The column meant: the default of --label is for classifiers, here it is the close or the return,
 * in any capitals.
 */
async function columnOf(file: string, flags: VolatilityFlags): Promise<string> {
  const { label, returns } = flags
  if (label !== 'label') return label
  const columns = await numericColumns(file, writtenOf(flags))
  const wanted = returns ? /^returns?$/i : /^close$/i
  const found = columns.filter(name => wanted.test(name))
  const [only] = found.length === 0 ? columns : found
  if (found.length === 1 || columns.length === 1) return only!
  const choice = columns.length === 0 ? '' : ` (${columns.join(', ')})`
  throw new UsageError(
    `${file}: name the column of ${returns ? 'returns' : 'closes'} with --label${choice}`,
  )
}

/**
 * Standard deviations of the next returns after the last one of a series, and what the next one may
 * lose.
 */
function forecastOf(
  { name, returns, at }: ReturnSeries,
  model: VolatilityModel,
): Record<string, unknown> {
  const { nextVariance } = garchLikelihood(returns, model)
  const { valueAtRisk, expectedShortfall } = tailRisk(model.mu, nextVariance)
  return {
    name: 'forecast',
    ...(name === '' ? {} : { series: name }),
    after: at.at(-1),
    sigma: forecastVariance(model, nextVariance, STEPS).map(Math.sqrt),
    var95: valueAtRisk,
    es95: expectedShortfall,
  }
}

/** The time at which the test begins. */
function cutOf(series: readonly ReturnSeries[], test: number): number {
  const at = Float64Array.from(series.flatMap(each => [...each.at]))
  const rows = splitByTime(at, { valid: 0, test }).test
  return rows.reduce((least, row) => Math.min(least, at[row]!), Number.POSITIVE_INFINITY)
}

/**
 * Returns before the test; series too short for a fit of their own are left out while others are
 * long enough.
 */
function trainingOf(
  series: readonly ReturnSeries[],
  from: number,
  remarks: string[],
): Float64Array[] {
  const parts = series.map(({ returns, at }) => returns.filter((_, k) => at[k]! < from))
  const long = parts.filter(
    part => part.length >= GARCH_MIN_RETURNS && part.some(r => r !== part[0]),
  )
  if (long.length === 0) return parts
  if (long.length < parts.length)
    remarks.push(
      `${parts.length - long.length} of ${parts.length} series were left out: constant, or ` +
        `under ${GARCH_MIN_RETURNS} returns.`,
    )
  if (long.length > 1)
    remarks.push(
      `One set of parameters for ${long.length} series: its long-run volatility is theirs on ` +
        'the whole.',
    )
  return long
}

/**
 * The forecast variance of each later return against the return, beside an EWMA on the same
 * returns.
 */
function measure(
  series: readonly ReturnSeries[],
  from: number,
  model: VolatilityModel,
): Bundle['metrics'] {
  const tests = series
    .map(({ returns, at }) => judgeSeries(returns, at, from, model))
    .filter(each => each.returns > 0)
  const returns = tests.reduce((sum, each) => sum + each.returns, 0)
  if (returns === 0) return []
  const breaches = tests.reduce((sum, each) => sum + each.breaches, 0)
  const all = (of: 'logDensity' | 'ewmaLogDensity'): number[] =>
    tests.flatMap(each => [...each[of]])
  const [own, ewma] = [all('logDensity'), all('ewmaLogDensity')]
  const gains = own.map((x, k) => x - ewma[k]!)
  const gain = mean(gains)
  const half = 1.96 * Math.sqrt(mean(gains.map(x => (x - gain) ** 2)) / returns)
  const [low, high] = wilson(breaches, returns)
  const metric = (name: string, value: number, more = {}) => ({
    head: 'sigma',
    part: 'test',
    name,
    value,
    ...more,
  })
  return [
    metric('returns', returns),
    metric('logDensity', mean(own)),
    metric('logDensity of an EWMA', mean(ewma)),
    metric('logDensity gained', gain, { low: gain - half, high: gain + half }),
    { head: 'var95', part: 'test', name: 'breaches', value: breaches / returns, low, high },
  ]
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, x) => sum + x, 0) / values.length
