/** A tensor of a set: its name, and what its rows and columns are. */
interface SetTensor {
  name: 'candles' | 'window'
  rows: number
  columns: readonly string[]
}

/**
 * The tensors of our sets (lib/features/families). A column stands for the newest row when a model
 * asks for it alone.
 */
export const TENSORS: Readonly<Record<string, SetTensor>> = {
  sequence: {
    name: 'candles',
    rows: 100,
    columns: ['open', 'high', 'low', 'close', 'volume'],
  },
  price: {
    name: 'window',
    rows: 60,
    columns: [
      'closeReturn',
      'range',
      'volumeRatio',
      'rsi14',
      'macdHistogram',
      'bbWidth',
      'atr14',
      'roc5',
      'hourSin',
      'hourCos',
    ],
  },
}
