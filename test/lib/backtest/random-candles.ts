import fc from 'fast-check'

/** Bars of a few tokens as a price table: random walks with jumps, dead bars and missing ones. */
export interface RandomBar {
  token: number
  change: number
  wick: number
  volume: number
  isMissing: boolean
}

export const randomBars: fc.Arbitrary<RandomBar[]> = fc.array(
  fc.record({
    token: fc.integer({ min: 0, max: 2 }),
    change: fc.oneof(
      { weight: 8, arbitrary: fc.double({ min: -0.02, max: 0.02, noNaN: true }) },
      { weight: 1, arbitrary: fc.constantFrom(-0.5, -0.2, 0.3, 1, 0) },
    ),
    wick: fc.double({ min: 0, max: 0.01, noNaN: true }),
    volume: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e6, noNaN: true })),
    isMissing: fc.boolean(),
  }),
  { minLength: 200, maxLength: 600 },
)

const START = 1_700_000_100_000
export const INTERVAL = 300_000

/** CSV text of the bars; each token's bars lie one interval apart, or two where one is missing. */
export function csvOf(bars: readonly RandomBar[]): string {
  const state = [0, 1, 2].map(i => ({ price: 0.001 * 10 ** i, at: START }))
  const rows: [at: number, text: string][] = bars.map(bar => {
    const token = state[bar.token]!
    const open = token.price
    const close = Math.max(1e-9, open * (1 + bar.change))
    const [high, low] = [
      Math.max(open, close) * (1 + bar.wick),
      Math.min(open, close) * (1 - bar.wick),
    ]
    const at = token.at
    token.price = close
    token.at += bar.isMissing && bar.volume === 0 ? 2 * INTERVAL : INTERVAL
    return [at, `TOKEN${bar.token},${at},${open},${high},${low},${close},${bar.volume}`]
  })
  rows.sort(([a], [b]) => a - b)
  return ['symbol,timestamp,open,high,low,close,volume', ...rows.map(([, text]) => text), ''].join(
    '\n',
  )
}
