import { DataError } from '../../base/errors.ts'
import { makeRng } from '../../base/rng.ts'
import { openSession } from '../../onnx/session.ts'
import { type Forest, routeOf, sumsOf } from './foreign-forest.ts'

const ROWS = 1000
/** Largest difference between the graph and the trees walked one by one. */
const LIMIT = 1e-6

/** What a forest says of a row, walked tree by tree in double precision. */
function answerOf(forest: Forest, row: ArrayLike<number>): number[] {
  const { factor, link, classes, base } = forest
  const sums = sumsOf(forest, row).map(sum => sum * factor)
  if (link === 'identity') return sums
  if (link === 'exp') return sums.map(Math.exp)
  if (link === 'sigmoid') {
    const said = sums.map(sum => 1 / (1 + Math.exp(-sum)))
    return base.length === 1 && classes?.length === 2 ? [1 - said[0]!, said[0]!] : said
  }
  const top = Math.max(...sums)
  const powers = sums.map(sum => Math.exp(sum - top))
  const total = powers.reduce((all, power) => all + power, 0)
  return powers.map(power => power / total)
}

/**
 * Runs the graph on float32 rows at and around the thresholds of the trees, with unknown values and
 * categories, beside the trees themselves. Throws DataError where they differ by more than 1e-6.
 */
export async function checkForest(forest: Forest, graph: Uint8Array): Promise<void> {
  const rows = rowsAround(forest).map(row => Float32Array.from(row))
  const data = Float32Array.from(rows.flatMap(row => [...row]))
  const session = await openSession(graph)
  const out = await session.run([{ name: 'x', data, shape: [forest.features] }], rows.length)
  await session.release()
  const said = out.get('y')!
  const width = said.length / rows.length
  for (const [i, row] of rows.entries())
    for (const [k, value] of answerOf(forest, row).entries()) {
      const found = said[i * width + k]!
      if (!(Math.abs(found - value) <= LIMIT * Math.max(1, Math.abs(value))))
        throw new DataError(
          `the graph of the trees says ${found} where they say ${value}; this is a fault of the ` +
            'conversion, please report it with the file',
        )
    }
}

/** Rows of doubles at thresholds, a little beside them, and unknown; categories likewise. */
function rowsAround({ trees, features, lookups }: Forest): number[][] {
  const rng = makeRng('trees')
  const at: number[][] = Array.from({ length: features }, () => [0])
  for (const tree of trees)
    for (const [node, feature] of tree.feature.entries()) {
      const lookup = lookups[feature - features]
      if (lookup !== undefined) at[lookup.feature]!.push(...lookup.members)
      else if (feature >= 0) at[feature]!.push(tree.threshold[node]!)
    }
  return Array.from({ length: ROWS }, () =>
    at.map(values => {
      const value = values[Math.floor(rng.next() * values.length)]!
      const draw = rng.next()
      if (draw < 0.1) return Number.NaN
      return draw < 0.4
        ? value
        : value + rng.normal() * (Math.abs(value) + 1) * (draw < 0.7 ? 1e-8 : 1)
    }),
  )
}

/** Rows whose way through the trees is another once they are rounded to float32, as lines are. */
export function rowsTurned(forest: Forest, rows: readonly ArrayLike<number>[]): number[] {
  if (!forest.takesDoubles) return []
  return rows.flatMap((row, i) => {
    const rounded = routeOf(forest, Float32Array.from(Array.from(row)))
    return routeOf(forest, row).some((leaf, t) => leaf !== rounded[t]) ? [i] : []
  })
}

/** A word on rows of doubles at and around the thresholds that go another way as float32. */
export function turnedNote(forest: Forest): string[] {
  if (!forest.takesDoubles) return []
  const turned = rowsTurned(forest, rowsAround(forest)).length
  return [
    `Lines are float32: of ${ROWS} rows of doubles at and beside the thresholds ${turned} go ` +
      'another way through the trees than in Python.',
  ]
}
