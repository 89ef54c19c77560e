import { lowerMedian } from '../../maths/lower-median.ts'
import type { BundleInput } from '../bundle.ts'
import type { GivenRows } from './parity-file.ts'
import type { Plan } from './plan-import.ts'

/**
 * The inputs of an imported model with what their features are centred on, so that a prediction can
 * be explained: the centre of the scaler, else the median of the rows of --parity, which are real
 * ones; drawn rows say nothing. Tensors have none: a level of candles is that of one token.
 */
export function withImportCenters(
  { inputs, edit }: Plan,
  given: GivenRows | undefined,
): BundleInput[] {
  return inputs.map((input, k) => {
    const width = input.features?.length
    if (width === undefined) return input
    const centre = edit.inputs[k]!.scaler?.centre
    if (centre?.some(Number.isFinite)) {
      const values = Array.from(centre, x => (Number.isFinite(x) ? x : null))
      return { ...input, center: { of: 'scaler', values } }
    }
    if (given === undefined) return input
    const rows = given.inputs[k]!
    const values = Array.from({ length: width }, (_, f) =>
      lowerMedian(rows.filter((_, at) => at % width === f)),
    )
    return { ...input, center: { of: 'parity', values } }
  })
}
