import { bool, int, text, type Values } from '../base/flags.ts'

/** Flags of `chart`. */
export const chartFlags = {
  mint: text('token to draw', { value: 'MINT' }),
  bars: int('bars drawn at most: the last ones', { default: 288, min: 1, max: 5000 }),
  log: bool('equal ratios of price equally far apart'),
}
export type ChartFlags = Values<typeof chartFlags>
