import { createHash } from 'node:crypto'
import { basename, dirname, resolve } from 'node:path'
import { DataError } from '../../base/errors.ts'
import { makeRng } from '../../base/rng.ts'
import type { Bundle } from '../../model/bundle.ts'
import { cardText } from '../../model/card.ts'
import { sha256, writeBundle } from '../../model/files.ts'
import { openSession } from '../../onnx/session.ts'
import { base64 } from '../tabular/tabular-bundle.ts'
import type { VolatilityFlags } from '../train-flags.ts'
import type { VolatilityModel } from './garch.ts'
import type { ReturnSeries } from './returns.ts'
import { STEPS, volatilityGraph, volatilityInput } from './volatility-model.ts'

/** A fitted model and all that its card says of it. */
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

/** Writes the bundle into a folder: the graph, its card, and rows that check it anywhere. */
export async function writeVolatility(dir: string, made: Made): Promise<Bundle> {
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

/** What was fitted, as metrics and card tell it. */
export function parametersOf(model: VolatilityModel): Record<string, unknown> {
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
    robustErrors,
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
    ...(robustErrors === undefined ? {} : { robustErrors }),
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
