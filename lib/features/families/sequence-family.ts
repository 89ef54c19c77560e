import { makeAtr } from '../../indicators/atr.ts'
import { makeBollinger } from '../../indicators/bollinger.ts'
import { makeEma } from '../../indicators/ema.ts'
import type { Bar, Indicator } from '../../indicators/indicator.ts'
import { makeMacd } from '../../indicators/macd.ts'
import { makeMfi } from '../../indicators/mfi.ts'
import { makeObv } from '../../indicators/obv.ts'
import { makeParkinson } from '../../indicators/parkinson.ts'
import { makeRoc } from '../../indicators/roc.ts'
import { makeRollingSigma } from '../../indicators/rolling-sigma.ts'
import { makeRsi } from '../../indicators/rsi.ts'
import { makeStochastic } from '../../indicators/stochastic.ts'
import { makeVpt } from '../../indicators/vpt.ts'
import { makeWilliamsR } from '../../indicators/williams-r.ts'
import type { Candle } from '../../records/candle.ts'
import type { FeatureSet } from '../../records/features.ts'
import { known } from '../kit/family.ts'
import { featureSet } from '../kit/feature-set.ts'
import { base64Of, type StateTape } from '../kit/state-tape.ts'
import { ageHours, type Facts } from '../kit/token-facts.ts'

export const SEQUENCE = featureSet({
  name: 'sequence',
  kinds: ['candle'],
  readsFacts: true,
  ready: '50 candles',
  rows: `
open@1 | price | 50 candles | candle.open
  column 0 of 100 rows: first price of the bar, unscaled
high@1 | price | 50 candles | candle.high
  column 1: highest price
low@1 | price | 50 candles | candle.low
  column 2: lowest price
close@1 | price | 50 candles | candle.close
  column 3: last price
volume@1 | tokens | 50 candles | candle.volume
  column 4: whole tokens traded; 0 in rows added at the front
liquidity@1 | USD | 50 candles, 1 market | market.liquidityUsd
  context: value of both reserves, last seen
marketCap@1 | USD | 50 candles, 1 market | market.marketCapUsd
  context: price times supply, last seen
holders@1 | count | 50 candles, 1 token | token.holderCount
  context: holders, last seen
ageHours@1 | hours | 50 candles, 1 token or 1 market | token.createdAt, market.openAt
  context: time since creation, else since the pool opened
volume24h@1 | USD | 50 candles, 1 market | market.volumeUsd.h24
  context: value traded in 24 hours, last seen
rsi14@1 | 0–100 | 50 candles | candle.close
  relative strength: 100·gain/(gain + loss) of Wilder means over 14 closes; 50 when nothing moved
macd@1 | price | 50 candles | candle.close
  EMA12 − EMA26 of closes, both started at candle 26
macdSignal@1 | price | 50 candles | candle.close
  EMA9 of macd
macdHistogram@1 | price | 50 candles | candle.close
  macd − macdSignal
ema12@1 | price | 50 candles | candle.close
  exponential mean of closes, k = 2/13, seeded with the mean of the first 12
ema26@1 | price | 50 candles | candle.close
  exponential mean of closes, k = 2/27, seeded with the mean of the first 26
bbWidth@1 | fraction | 50 candles | candle.close
  (upper − lower)/middle of the bands at 2 population σ over 20 closes
atr14@1 | price | 50 candles | candle
  Wilder mean of 14 true ranges
volatility20@1 | fraction | 50 candles | candle.close
  sample σ of the last 20 log returns, per bar
parkinson20@1 | fraction | 50 candles | candle.high, candle.low
  sqrt(Σ ln(high/low)² / (4·20·ln 2)), per bar
roc10@1 | percent | 50 candles | candle.close
  100·(close / close 10 bars ago − 1)
stochK@1 | 0–100 | 50 candles | candle
  mean of 3 of 100·(close − lowest low)/(highest high − lowest low) over 5 bars
stochD@1 | 0–100 | 50 candles | candle
  mean of 3 of stochK
williamsR14@1 | −100–0 | 50 candles | candle
  −100·(highest high − close)/(highest high − lowest low) over 14 bars
obv@1 | tokens | 50 candles | candle.close, candle.volume
  running volume signed by the change of the close, from the volume of the first bar seen on
vpt@1 | tokens | 50 candles | candle.close, candle.volume
  running sum of volume · return of the close since the first bar seen
mfi14@1 | 0–100 | 50 candles | candle
  money flow: 100·P/(P + N) of typical price · volume over 14 bars; 50 without signed flow
spread@1 | fraction | 50 candles, 1 market | market.feeBps
  twice the pool fee: what a round trip pays before impact
tradeSize@1 | currency | 50 candles | candle.volume, candle.trades
  mean value of a trade of the bar: volume · typical price / trades
trades@1 | count | 50 candles | candle.trades
  trades of the bar`,
})

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
  visit(tape: StateTape): void
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
      const { hash } = SEQUENCE
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

/** The indicators of the set `sequence`, fed with closed bars. */
interface Bank {
  update(bar: Bar, logReturn: number | undefined): void
  /** Values by name, in order of the set. */
  values(): Record<string, number | undefined>
  visit(tape: StateTape): void
}

function makeBank(): Bank {
  const rsi = makeRsi(14)
  const macd = makeMacd(12, 26, 9)
  const ema12 = makeEma(12)
  const ema26 = makeEma(26)
  const bands = makeBollinger(20, 2)
  const roc = makeRoc(10)
  const volatility = makeRollingSigma(20, { sample: true })
  const stochastic = makeStochastic(5, 3, 3)
  const byClose: Indicator<number>[] = [rsi, macd, ema12, ema26, bands, roc]
  const [atr, parkinson, williams, mfi] = [
    makeAtr(14),
    makeParkinson(20),
    makeWilliamsR(14),
    makeMfi(14),
  ]
  const [obv, vpt] = [makeObv(), makeVpt()]
  const byBar: Indicator<Bar>[] = [atr, parkinson, stochastic, williams, obv, vpt, mfi]
  return {
    update: (bar, logReturn) => {
      for (const indicator of byClose) indicator.update(bar.close)
      for (const indicator of byBar) indicator.update(bar)
      if (logReturn !== undefined) volatility.update(logReturn)
    },
    values: () => ({
      rsi14: rsi.value(),
      macd: macd.value(),
      macdSignal: macd.signal(),
      macdHistogram: macd.histogram(),
      ema12: ema12.value(),
      ema26: ema26.value(),
      bbWidth: bands.width(),
      atr14: atr.value(),
      volatility20: volatility.value(),
      parkinson20: parkinson.value(),
      roc10: roc.value(),
      stochK: stochastic.value(),
      stochD: stochastic.d(),
      williamsR14: williams.value(),
      obv: obv.value(),
      vpt: vpt.value(),
      mfi14: mfi.value(),
    }),
    visit: tape => {
      for (const indicator of [...byClose, ...byBar, volatility]) tape.part(indicator)
    },
  }
}
