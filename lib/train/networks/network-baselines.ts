import { type Baseline, makeBaseline } from '../../alerts/baseline.ts'
import { onePerToken } from '../../alerts/one-per-token.ts'
import { groupNumbers } from '../../maths/confidence-interval.ts'
import { type Bundle, featureName } from '../../model/bundle.ts'
import { LEAST_ROWS, PERIOD_MS } from '../tabular/drift-baselines.ts'
import { type NetworkRunResult, serveRows } from './serve-network.ts'

const TRAIN = 0
const TEST = 3

/**
 * What live data of a network are compared with: its named features on the training rows, and its
 * heads on the test rows. Tensors have none: their columns are prices of a token, which say nothing
 * about drift; nor have features in that unit.
 */
export async function networkBaselines(
  result: NetworkRunResult,
): Promise<NonNullable<Bundle['drift']>> {
  const { prepared } = result
  const seen = rowsOf(result, TRAIN)
  const features = prepared.inputs.flatMap(({ name, features: ids = [] }) =>
    ids.flatMap((id, f): [string, Baseline][] => {
      const raw = prepared.raw[name]!
      const column = Float32Array.from(seen.rows, row => raw[row * ids.length + f]!)
      return id.endsWith(':price') ? [] : [[featureName(id), makeBaseline(column, seen.tokens)]]
    }),
  )
  return {
    periodMs: PERIOD_MS,
    features: Object.fromEntries(features),
    predictions: Object.fromEntries(await predictions(result)),
  }
}

async function predictions(result: NetworkRunResult): Promise<[string, Baseline][]> {
  const { rows, tokens } = rowsOf(result, TEST)
  if (rows.length < LEAST_ROWS || result.prepared.inputs[0]?.set === 'price') return []
  const said = await serveRows(result, [...rows])
  return [...said].map(([name, column]) => [name, makeBaseline(column, tokens)])
}

function rowsOf(
  { prepared, windows }: NetworkRunResult,
  part: number,
): { rows: Int32Array; tokens: number } {
  const rows = Int32Array.from(prepared.slice.keys()).filter(row => prepared.slice[row] === part)
  return onePerToken(rows, groupNumbers(windows.mints), windows.ts, PERIOD_MS)
}
