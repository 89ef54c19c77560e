import { makeAtr } from '../../indicators/atr.ts'
import { makeBollinger } from '../../indicators/bollinger.ts'
import { makeMacd } from '../../indicators/macd.ts'
import { makeRoc } from '../../indicators/roc.ts'
import { makeRsi } from '../../indicators/rsi.ts'
import { makeSma } from '../../indicators/sma.ts'
import type { Candle } from '../../records/candle.ts'
import { hourOfDay } from '../kit/family.ts'
import { featureSet } from '../kit/feature-set.ts'
import { base64Of } from '../kit/state-tape.ts'
import type { BarSet } from './sequence-family.ts'

export const PRICE = featureSet({
  name: 'price',
  kinds: ['candle'],
  ready: '60 candles',
  rows: `
closeReturn@1 | fraction | 60 candles | candle.close
  column 0 of 60 rows: close / last close − 1
range@1 | fraction | 60 candles | candle
  column 1: (high − low)/close
volumeRatio@1 | ratio | 60 candles | candle.volume
  column 2: volume / mean volume of the last 20 bars
rsi14@1 | 0–1 | 60 candles | candle.close
  column 3: relative strength of 14 closes / 100
macdHistogram@1 | fraction | 60 candles | candle.close
  column 4: MACD(12,26,9) histogram / close
bbWidth@1 | fraction | 60 candles | candle.close
  column 5: width of the bands at 2 σ over 20 closes
atr14@1 | fraction | 60 candles | candle
  column 6: average true range of 14 bars / close
roc5@1 | fraction | 60 candles | candle.close
  column 7: close / close 5 bars ago − 1
hourSin@1 | −1–1 | 60 candles | ts
  column 8: sine of the UTC time of day of the close
hourCos@1 | −1–1 | 60 candles | ts
  column 9: cosine of it`,
})

const ROWS = 60
const COLUMNS = 10

/**
 * Set `price`: 60 rows of 10 columns without a unit of price, each row as it was known at the close
 * of its bar; NaN in the first rows of a series, where an indicator was not warm. Below 60 bars it
 * is not ready.
 */
export function makePrice(): BarSet {
  const ring = new Float32Array(ROWS * COLUMNS)
  const rsi = makeRsi(14)
  const macd = makeMacd()
  const bands = makeBollinger()
  const roc = makeRoc(5)
  const atr = makeAtr(14)
  const volume = makeSma(20)
  let count = 0
  let lastClose = Number.NaN

  const row = (candle: Candle, ts: number): number[] => {
    const { high, low, close } = candle
    const { hourSin, hourCos } = hourOfDay(ts)
    return [
      close / lastClose - 1,
      (high - low) / close,
      candle.volume / unknown(volume.value()),
      unknown(rsi.value()) / 100,
      unknown(macd.histogram()) / close,
      unknown(bands.width()),
      unknown(atr.value()) / close,
      unknown(roc.value()) / 100,
      hourSin,
      hourCos,
    ]
  }
  return {
    update: (candle, _logReturn, ts) => {
      for (const indicator of [rsi, macd, bands, roc]) indicator.update(candle.close)
      atr.update(candle)
      volume.update(candle.volume)
      ring.set(row(candle, ts).map(single), (count++ % ROWS) * COLUMNS)
      lastClose = candle.close
    },
    features: (_candle, bars) => {
      const { hash } = PRICE
      if (count < ROWS)
        return { hash, ready: false, bars, reason: `needs ${ROWS} candles, has ${count}` }
      const oldest = (count % ROWS) * COLUMNS
      const rows = new Float32Array(ROWS * COLUMNS)
      rows.set(ring.subarray(oldest))
      rows.set(ring.subarray(0, oldest), ROWS * COLUMNS - oldest)
      return {
        hash,
        ready: true,
        bars,
        window: { shape: [ROWS, COLUMNS], dtype: 'f32', data: base64Of(rows) },
      }
    },
    visit: tape => {
      count = tape.number(count)
      lastClose = tape.number(lastClose)
      tape.floats(ring)
      for (const part of [rsi, macd, bands, roc, atr, volume]) tape.part(part)
    },
  }
}

const unknown = (x: number | undefined): number => x ?? Number.NaN
/** One pattern of bits for every NaN, none for infinities. */
const single = (x: number): number => (Math.abs(x) < 3.4e38 ? x : Number.NaN)
