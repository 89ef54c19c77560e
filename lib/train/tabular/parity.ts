import { Failure } from '../../base/errors.ts'
import { divideTable, type PriceUnits } from '../../table/price-units.ts'
import { type Table, toMatrix } from '../../table/table.ts'
import { type Head, predictHead } from './serving-model.ts'

/** Runs feature rows [rows, width] through a model file and returns each output. */
type RunModel = (features: Float32Array, rows: number) => Promise<Map<string, Float32Array>>

const LIMIT = 1e-6

/**
 * Largest difference between a model file and our own evaluation over the given rows, relative
 * above 1. Throws a Failure when it is above 1e-6: a file that says something else than the model
 * that was measured is not kept.
 */
export async function checkParity(
  run: RunModel,
  heads: readonly Head[],
  table: Table,
  prices?: PriceUnits,
): Promise<number> {
  const outputs = await run(toMatrix(table), table.rows)
  const scaled = prices === undefined ? table : divideTable(table, prices)
  let worst = 0
  for (const head of heads) {
    const own = predictHead(head, scaled)
    const found = outputs.get(head.name)
    for (let i = 0; i < table.rows; i++) {
      own.forEach((column, k) => {
        const expected = column[i]!
        const error =
          Math.abs((found?.[i * own.length + k] ?? Number.NaN) - expected) /
          Math.max(1, Math.abs(expected))
        if (!(error <= LIMIT))
          throw new Failure(
            `${head.name} of row ${i + 1} differs by ${error} between file and training`,
          )
        worst = Math.max(worst, error)
      })
    }
  }
  return worst
}
