import type { Candle } from '../../records/candle.ts'
import type { FeatureSet } from '../../records/features.ts'
import { known } from '../kit/family.ts'
import { base64Of, type Tape } from '../kit/state-tape.ts'
import { ageHours, type Facts } from '../kit/token-facts.ts'
import { SETS } from '../sets.ts'
import { makeBank } from './indicator-bank.ts'

/** Rows of the tensor, columns per row, bars without which there is none. */
const ROWS = 100
const COLUMNS = 5
const LEAST = 50

/**
 * What the candle families keep per series of bars: takes each closed bar, and gives its set when
 * asked.
 */
export interface BarSet {
  update(candle: Candle, logReturn: number | undefined, ts: number): void
  features(candle: Candle, bars: number, ts: number): FeatureSet
  visit(tape: Tape): void
}

/**
 * Set `sequence`: the last 100 bars unscaled, what is known of the token, indicators. From 50 to 99
 * bars the front is filled with flat rows at the first open and volume 0, and `padded` says how
 * many; below 50 it is not ready.
 */
export function makeSequence(facts: Facts): BarSet {
  const ring = new Float32Array(ROWS * COLUMNS)
  const bank = makeBank()
  let count = 0
  return {
    update: (candle, logReturn) => {
      const at = (count++ % ROWS) * COLUMNS
      ring[at] = single(candle.open)
      ring[at + 1] = single(candle.high)
      ring[at + 2] = single(candle.low)
      ring[at + 3] = single(candle.close)
      ring[at + 4] = single(candle.volume)
      bank.update(candle, logReturn)
    },
    features: (candle, bars, ts) => {
      const { hash } = SETS.sequence
      if (count < LEAST)
        return { hash, ready: false, bars, reason: `needs ${LEAST} candles, has ${count}` }
      const padded = Math.max(0, ROWS - count)
      return {
        hash,
        ready: true,
        bars,
        ...(padded > 0 ? { padded } : {}),
        candles: {
          shape: [ROWS, COLUMNS],
          dtype: 'f32',
          data: base64Of(oldestFirst(ring, count, padded)),
        },
        context: context(facts, ts),
        indicators: known(bank.values(), microstructure(candle, facts)),
      }
    },
    visit: tape => {
      count = tape.number(count)
      tape.floats(ring)
      bank.visit(tape)
    },
  }
}

/** Nearest float32; NaN (unknown) where it would overflow. */
const single = (x: number): number => (Math.abs(x) < 3.4e38 ? x : Number.NaN)

function oldestFirst(ring: Float32Array, count: number, padded: number): Float32Array {
  const rows = new Float32Array(ROWS * COLUMNS)
  const oldest = padded > 0 ? 0 : (count % ROWS) * COLUMNS
  const first = ring[oldest]!
  for (let row = 0; row < padded; row++)
    rows.fill(first, row * COLUMNS, row * COLUMNS + COLUMNS - 1)
  rows.set(
    ring.subarray(oldest, padded > 0 ? (ROWS - padded) * COLUMNS : undefined),
    padded * COLUMNS,
  )
  if (padded === 0) rows.set(ring.subarray(0, oldest), ROWS * COLUMNS - oldest)
  return rows
}

const context = (facts: Facts, ts: number): Record<string, number> =>
  known({
    liquidity: facts.market?.liquidityUsd,
    marketCap: facts.market?.marketCapUsd,
    holders: facts.token?.holderCount,
    ageHours: ageHours(facts, ts),
    volume24h: facts.market?.volumeUsd?.h24,
  })

function microstructure(candle: Candle, facts: Facts): Record<string, number | undefined> {
  const { trades, volume, high, low, close } = candle
  const feeBps = facts.market?.feeBps
  return {
    spread: feeBps === undefined ? undefined : (2 * feeBps) / 10_000,
    tradeSize: trades === undefined ? undefined : (volume * ((high + low + close) / 3)) / trades,
    trades,
  }
}
