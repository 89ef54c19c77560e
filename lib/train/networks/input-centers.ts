import { lowerMedian } from '../../maths/lower-median.ts'
import type { BundleInput } from '../../model/bundle.ts'
import { TENSORS } from '../../model/set-tensors.ts'
import type { Prepared } from './network-rows.ts'
import { sizeOf } from './serve-network.ts'

const CANDLE = { columns: 5, close: 3 }

/**
 * The inputs of a network with what the rows that it learned from are centred on: the median of
 * each feature, of prices relative to the newest close where candles are there, and of each column
 * of a window over all of its rows. Candles have none: their level says nothing of another token.
 */
export function withCenters(prepared: Prepared): BundleInput[] {
  return prepared.inputs.map(input => {
    if (input.tensor === 'candles') return input
    const prices = pricesIn(prepared, input)
    const values = mediansOf(prepared, input, prices)
    return {
      ...input,
      center: { of: 'training', values, ...(prices.length === 0 ? {} : { prices }) },
    }
  })
}

const pricesIn = ({ raw }: Prepared, { features = [] }: BundleInput): number[] =>
  raw.candles === undefined ? [] : features.flatMap((id, f) => (id.endsWith(':price') ? [f] : []))

function mediansOf(
  { raw, inputs, slice }: Prepared,
  input: BundleInput,
  prices: readonly number[],
): (number | null)[] {
  const data = raw[input.name]!
  const size = sizeOf(inputs, input.name)
  const columns = input.features?.length ?? TENSORS[input.set]!.columns.length
  const train = [...slice.keys()].filter(row => slice[row] === 0)
  const closeOf = (row: number): number => {
    const end = (row + 1) * sizeOf(inputs, 'candles')
    return raw.candles![end - CANDLE.columns + CANDLE.close]!
  }
  return Array.from({ length: columns }, (_, column) => {
    const known = train.flatMap(row => {
      const per = prices.includes(column) ? closeOf(row) : 1
      const own = data.subarray(row * size, (row + 1) * size)
      return [...own].filter((_, k) => k % columns === column).map(x => x / per)
    })
    return lowerMedian(known)
  })
}
