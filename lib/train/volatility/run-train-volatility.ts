import { createHash } from 'node:crypto'
import { basename, dirname, resolve } from 'node:path'
import type { Log, Output } from '../../base/console.ts'
import { DataError, UsageError } from '../../base/errors.ts'
import { makeRng } from '../../base/rng.ts'
import { wilson } from '../../maths/confidence-interval.ts'
import type { Bundle } from '../../model/bundle.ts'
import { cardText } from '../../model/card.ts'
import { bundleLine, sha256, writeBundle } from '../../model/files.ts'
import { openSession } from '../../onnx/session.ts'
import { encode } from '../../stream/encode.ts'
import { numericColumns, readTable } from '../../table/read-table.ts'
import { splitByTime } from '../data/splits.ts'
import { base64 } from '../tabular/build.ts'
import type { VolatilityFlags } from '../train-flags.ts'
import { fitVolatility, GARCH_MIN_RETURNS, type VolatilityModel } from './garch.ts'
import { forecastVariance, tailRisk } from './garch-forecast.ts'
import { garchLikelihood } from './garch-likelihood.ts'
import { type ReturnSeries, returnSeries } from './returns.ts'
import { judgeSeries, STEPS, volatilityGraph, volatilityInput } from './volatility-model.ts'

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
  const rows = await readTable(file, {
    features: [close],
    label: close,
    time: flags.time,
    group: flags.group,
  })
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
  const bundle = await write(flags.out, {
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
async function columnOf(file: string, { label, returns }: VolatilityFlags): Promise<string> {
  if (label !== 'label') return label
  const columns = await numericColumns(file)
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

interface Made {
  file: string
  flags: VolatilityFlags
  close: string
  series: readonly ReturnSeries[]
  from: number
  model: VolatilityModel
  metrics: Bundle['metrics']
  remarks: readonly string[]
}

async function write(dir: string, made: Made): Promise<Bundle> {
  const { file, flags, close, series, from, model, metrics, remarks } = made
  const bytes = volatilityGraph(model)
  const input = volatilityInput()
  const sigma = Math.sqrt(model.nextVariance)
  const rng = makeRng(`parity/${flags.seed}`)
  const drawn = Float32Array.from({ length: 8 }, () => sigma * (0.5 + rng.next()))
  // The last row has no GARCH state: there the forecast starts from the EWMA.
  drawn[7] = Number.NaN
  const place = resolve(dir)
  const bundle: Bundle = {
    format: 1,
    name: basename(dirname(place)),
    version: basename(place),
    kind: 'volatility',
    model: { file: 'model.onnx', sha256: sha256(bytes), bytes: bytes.length },
    inputs: [input],
    heads: [
      {
        name: 'sigma',
        output: 'sigma',
        labels: Array.from({ length: STEPS }, (_, k) => String(k + 1)),
      },
      { name: 'var95', output: 'var95' },
      { name: 'es95', output: 'es95' },
    ],
    algorithm: { name: model.method, settings: parametersOf(model) },
    seed: flags.seed,
    data: {
      source: basename(file),
      hash: hashOf(series),
      label: flags.returns ? `returns as given in ${close}` : `log returns of ${close}`,
      parts: partsOf(series, from),
    },
    metrics: [...metrics],
    parity: {
      inputs: [{ input: input.name, rows: 4, data: base64(drawn) }],
      outputs: await outputsOf(bytes, input.name, drawn),
    },
    notes: [
      flags.note ?? 'Fitted to bars of one length: it says nothing about bars of another.',
      'Normal returns are assumed: real ones have fatter tails, so losses beyond the value ' +
        'at risk are larger than es95 says.',
      'A line without garchSigma starts from ewmaSigma; features --garch with this ' +
        'bundle.json gives garchSigma.',
      ...(flags.returns
        ? ['Its numbers are in the unit of those returns; lines carry log returns as fractions.']
        : []),
      ...remarks,
    ],
  }
  writeBundle(dir, bundle, bytes, cardText(bundle))
  return bundle
}

async function outputsOf(
  model: Uint8Array,
  name: string,
  data: Float32Array,
): Promise<Record<string, number[]>> {
  const session = await openSession(model)
  try {
    const found = await session.run([{ name, data, shape: [2] }], data.length / 2)
    return Object.fromEntries([...found].map(([output, values]) => [output, [...values]]))
  } finally {
    await session.release()
  }
}

function parametersOf(model: VolatilityModel): Record<string, unknown> {
  const {
    method,
    mu,
    omega,
    alpha,
    beta,
    returns,
    initialisation,
    logLikelihood,
    standardErrors,
    reason,
  } = model
  return {
    method,
    mu,
    omega,
    alpha,
    beta,
    returns,
    initialisation,
    logLikelihood,
    ...(standardErrors === undefined ? {} : { standardErrors }),
    ...(reason === undefined ? {} : { reason }),
  }
}

function partsOf(series: readonly ReturnSeries[], from: number): Bundle['data']['parts'] {
  const at = series.flatMap(each => [...each.at]).sort((a, b) => a - b)
  if (at.length === 0) throw new DataError('no two closes one bar apart', { field: 'close' })
  const part = (times: readonly number[]) =>
    times.length === 0 ? { rows: 0 } : { rows: times.length, from: times[0]!, to: times.at(-1)! }
  return { train: part(at.filter(t => t < from)), test: part(at.filter(t => t >= from)) }
}

function hashOf(series: readonly ReturnSeries[]): string {
  const hash = createHash('sha256')
  for (const { name, at, returns } of series)
    for (const data of [Buffer.from(`${name}\n`), at, returns])
      hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  return hash.digest('hex')
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, x) => sum + x, 0) / values.length
