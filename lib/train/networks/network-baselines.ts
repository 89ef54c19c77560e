import { type Baseline, makeBaseline } from '../../alerts/baseline.ts'
import { firstPerToken, onePerToken } from '../../alerts/one-per-token.ts'
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
  const { slice } = result.prepared
  const { mints, ts } = result.windows
  const groups = groupNumbers(mints)
  const first = firstPerToken(groups, ts, slice.length)
  const inPart = (rows: Int32Array, part: number) => rows.filter(row => slice[row] === part)
  const all = Int32Array.from(slice.keys())
  return {
    periodMs: PERIOD_MS,
    ...(await measured(result, part => onePerToken(inPart(all, part), groups, ts, PERIOD_MS))),
    arrivals: await measured(result, part => {
      const rows = inPart(first, part)
      return { rows, tokens: rows.length }
    }),
  }
}

type Kept = ReturnType<typeof onePerToken>

async function measured(result: NetworkRunResult, pick: (part: number) => Kept) {
  return {
    features: Object.fromEntries(features(result, pick(TRAIN))),
    predictions: Object.fromEntries(await predictions(result, pick(TEST))),
  }
}

function features({ prepared }: NetworkRunResult, { rows, tokens }: Kept): [string, Baseline][] {
  return prepared.inputs.flatMap(({ name, features: ids = [] }) =>
    ids.flatMap((id, f): [string, Baseline][] => {
      const raw = prepared.raw[name]!
      const column = Float32Array.from(rows, row => raw[row * ids.length + f]!)
      return id.endsWith(':price') ? [] : [[featureName(id), makeBaseline(column, tokens)]]
    }),
  )
}

async function predictions(
  result: NetworkRunResult,
  { rows, tokens }: Kept,
): Promise<[string, Baseline][]> {
  if (rows.length < LEAST_ROWS || result.prepared.inputs[0]?.set === 'price') return []
  const said = await serveRows(result, [...rows])
  return [...said].map(([name, column]) => [name, makeBaseline(column, tokens)])
}
