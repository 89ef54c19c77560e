/**
 * Every indicator against TA-Lib, and against pandas where TA-Lib has none, over the whole length
 * of 252 bars with ties and bars without volume. The values are those of talib-252.csv, whose first
 * line names the versions; bench/peers/indicators.py made it from the same formula for the bars as
 * here.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { makeAtr } from '../../../lib/indicators/atr.ts'
import { makeBollinger } from '../../../lib/indicators/bollinger.ts'
import { makeEma } from '../../../lib/indicators/ema.ts'
import { makeEwma } from '../../../lib/indicators/ewma.ts'
import type { Bar, Indicator } from '../../../lib/indicators/indicator.ts'
import { makeMacd } from '../../../lib/indicators/macd.ts'
import { makeMfi } from '../../../lib/indicators/mfi.ts'
import { makeObv } from '../../../lib/indicators/obv.ts'
import { makeParkinson } from '../../../lib/indicators/parkinson.ts'
import { makeRoc } from '../../../lib/indicators/roc.ts'
import { makeRollingSigma } from '../../../lib/indicators/rolling-sigma.ts'
import { makeRsi } from '../../../lib/indicators/rsi.ts'
import { makeSma } from '../../../lib/indicators/sma.ts'
import { makeStochastic } from '../../../lib/indicators/stochastic.ts'
import { makeTrueRange } from '../../../lib/indicators/true-range.ts'
import { makeVpt } from '../../../lib/indicators/vpt.ts'
import { makeWilder } from '../../../lib/indicators/wilder.ts'
import { makeWilliamsR } from '../../../lib/indicators/williams-r.ts'

const COUNT = 252

/**
 * The bars of bench/peers/indicators.py: whole thousandths from the generator of Numerical Recipes.
 */
function makeBars(): Bar[] {
  let state = 20260101n
  const draw = (n: number): number => {
    state = (1664525n * state + 1013904223n) % 2n ** 32n
    return Number(state >> 16n) % n
  }
  let close = 100_000
  return Array.from({ length: COUNT }, () => {
    let open = Math.max(20_000, close + draw(1001) - 500)
    close = Math.max(20_000, open + draw(6001) - 3000)
    let high = Math.max(open, close) + draw(2000)
    let low = Math.min(open, close) - draw(2000)
    if (draw(7) === 0) open = high = low = close
    const volume = 1000 * draw(11) * (1 + draw(5000))
    return {
      open: open / 1000,
      high: high / 1000,
      low: low / 1000,
      close: close / 1000,
      volume: volume / 1000,
    }
  })
}

const bars = makeBars()
const [, header = '', ...rows] = readFileSync('test/lib/indicators/talib-252.csv', 'utf8')
  .trim()
  .split('\n')
const table = rows.filter(row => !row.startsWith('edge')).map(row => row.split(','))
const edges = Object.fromEntries(
  rows.filter(row => row.startsWith('edge ')).map(row => row.slice(5).split(',')),
)
const columnOf = (name: string): (number | undefined)[] => {
  const at = header.split(',').indexOf(name)
  assert.ok(at > 0, name)
  return table.map(cells => (cells[at] === '' ? undefined : Number(cells[at])))
}

type Series = (number | undefined)[]
const over = <In>(
  indicator: Indicator<In>,
  input: (bar: Bar) => In,
  read = () => indicator.value(),
): Series =>
  bars.map(bar => {
    indicator.update(input(bar))
    return read()
  })
const close = (bar: Bar): number => bar.close
const whole = (bar: Bar): Bar => bar
const macd = () => makeMacd(12, 26, 9)
const [signalled, histogram] = [macd(), macd()]
const [upper, lower, stochastic] = [
  makeBollinger(20, 2),
  makeBollinger(20, 2),
  makeStochastic(5, 3, 3),
]

const OURS: Record<string, Series> = {
  SMA10: over(makeSma(10), close),
  EMA10: over(makeEma(10), close),
  RSI14: over(makeRsi(14), close),
  MACD: over(macd(), close),
  MACD_signal: over(signalled, close, () => signalled.signal()),
  MACD_histogram: over(histogram, close, () => histogram.histogram()),
  BBANDS_upper: over(upper, close, () => upper.upper()),
  BBANDS_middle: over(makeBollinger(20, 2), close),
  BBANDS_lower: over(lower, close, () => lower.lower()),
  TRANGE: over(makeTrueRange(), whole),
  ATR14: over(makeAtr(14), whole),
  STDDEV20: over(makeRollingSigma(20), close),
  ROC10: over(makeRoc(10), close),
  STOCH_k: over(makeStochastic(5, 3, 3), whole),
  STOCH_d: over(stochastic, whole, () => stochastic.d()),
  WILLR14: over(makeWilliamsR(14), whole),
  OBV: over(makeObv(), whole),
  MFI14: over(makeMfi(14), whole),
  pandas_wilder14: over(makeWilder(14), close),
  pandas_sigma20_sample: over(makeRollingSigma(20, { sample: true }), close),
  pandas_parkinson20: over(makeParkinson(20), whole),
  pandas_vpt: over(makeVpt(), whole),
  pandas_ewma94: over(makeEwma(0.94), close),
}
/**
 * TA-Lib begins all outputs of a function with the last of them; each of ours begins as soon as it
 * is known.
 */
const BEGINS: Record<string, { talib: number; ours: number }> = {
  MACD: { talib: 33, ours: 25 },
  STOCH_k: { talib: 8, ours: 6 },
}

test('the file has a column for everything compared here, and the bars are 252', () => {
  assert.deepEqual(header.split(',').slice(1).sort(), Object.keys(OURS).sort())
  assert.equal(table.length, COUNT)
})

const first = (series: Series): number => series.findIndex(x => x !== undefined)

for (const [name, ours] of Object.entries(OURS)) {
  test(`${name}: the same over ${COUNT} bars, from the same bar on`, () => {
    const theirs = columnOf(name)
    const begins = BEGINS[name] ?? { talib: first(theirs), ours: first(theirs) }
    assert.deepEqual({ talib: first(theirs), ours: first(ours) }, begins)
    // Relative to the largest value of the column: sums of a long history have no digits beyond
    // that.
    const scale = Math.max(...theirs.map(x => Math.abs(x ?? 0)))
    for (let i = begins.talib; i < COUNT; i++) {
      const difference = Math.abs(ours[i]! - theirs[i]!)
      assert.ok(difference <= 1e-11 * scale, `bar ${i}: ${ours[i]} is not ${theirs[i]}`)
    }
  })
}

const after = <In>(indicator: Indicator<In>, inputs: In[]): number | undefined => {
  for (const input of inputs) indicator.update(input)
  return indicator.value()
}
const flat: Bar[] = Array(30).fill({ open: 2, high: 2, low: 2, close: 2, volume: 2 })
const near = (got: number | undefined, wanted: number): void =>
  assert.ok(Math.abs(got! - wanted) < 1e-9, `${got} is not ${wanted}`)

test(
  'where we differ on purpose: a market that did not move has an RSI and an MFI of 50, of 0 in ' +
    'TA-Lib',
  () => {
    assert.deepEqual([edges.RSI14_flat, edges.MFI14_flat], ['0.0', '0.0'])
    assert.equal(after(makeRsi(14), flat.map(close)), 50)
    assert.equal(after(makeMfi(14), flat), 50)
  },
)

test(
  'where we agree: no range is 0 for stochastic and Williams %R, and tiny prices and volumes ' +
    'change nothing',
  () => {
    assert.deepEqual([edges.STOCH_flat, edges.WILLR14_flat], ['0.0', '0.0'])
    assert.equal(after(makeStochastic(5, 3, 3), flat), 0)
    assert.equal(after(makeWilliamsR(14), flat), 0)
    const tiny = bars.map(bar => bar.close * 1e-17)
    near(after(makeRsi(14), tiny), Number(edges['RSI14_price_1e-17']))
    const thin = bars.map(bar => ({ ...bar, volume: bar.volume * 1e-12 }))
    near(after(makeMfi(14), thin), Number(edges['MFI14_volume_1e-12']))
  },
)
