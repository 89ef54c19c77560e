/**
 * Values printed by TA-Lib's regression tests (src/tools/ta_regtest/ta_test_func/test_*.c, which
 * round down to two decimals), with the digits of an independent implementation that reproduces
 * them. Index 0 is the first bar.
 */
import assert from 'node:assert/strict'
import test from 'node:test'
import { makeAtr } from '../../../lib/indicators/atr.ts'
import { makeBollinger } from '../../../lib/indicators/bollinger.ts'
import { makeEma } from '../../../lib/indicators/ema.ts'
import type { Bar, Indicator } from '../../../lib/indicators/indicator.ts'
import { makeMacd } from '../../../lib/indicators/macd.ts'
import { makeMfi } from '../../../lib/indicators/mfi.ts'
import { makeObv } from '../../../lib/indicators/obv.ts'
import { makeParkinson } from '../../../lib/indicators/parkinson.ts'
import { makeRoc } from '../../../lib/indicators/roc.ts'
import { makeRollingSigma } from '../../../lib/indicators/rolling-sigma.ts'
import { makeRsi } from '../../../lib/indicators/rsi.ts'
import { makeStochastic } from '../../../lib/indicators/stochastic.ts'
import { makeTrueRange } from '../../../lib/indicators/true-range.ts'
import { makeWilliamsR } from '../../../lib/indicators/williams-r.ts'
import { talibBars } from './talib-bars.ts'

type Outputs = Record<string, (number | undefined)[]>

/** Outputs per bar of an indicator over the bars. */
function over<In, I extends Indicator<In>>(
  indicator: I,
  input: (bar: Bar) => In,
  outputs: (indicator: I) => Record<string, number | undefined>,
): Outputs {
  const rows = talibBars.map(bar => {
    indicator.update(input(bar))
    return outputs(indicator)
  })
  return Object.fromEntries(Object.keys(rows[0] ?? {}).map(key => [key, rows.map(row => row[key])]))
}
const close = (bar: Bar): number => bar.close
const whole = (bar: Bar): Bar => bar
const value = <In>(indicator: Indicator<In>): Record<string, number | undefined> => ({
  value: indicator.value(),
})

const stochastic = over(makeStochastic(5, 3, 3), whole, s => ({ k: s.value(), d: s.d() }))
const stochastic4 = over(makeStochastic(5, 3, 4), whole, s => ({ k: s.value(), d: s.d() }))
const macd = over(makeMacd(), close, m => ({
  line: m.value(),
  signal: m.signal(),
  histogram: m.histogram(),
}))
const bands = over(makeBollinger(20, 2), close, b => ({
  upper: b.upper(),
  middle: b.value(),
  lower: b.lower(),
}))

const VECTORS: [string, (number | undefined)[] | undefined, [index: number, value: number][]][] = [
  [
    'RSI14',
    over(makeRsi(14), close, value).value,
    [
      [14, 49.1473396999],
      [15, 52.3255527953],
      [16, 46.07],
      [33, 52.091944331],
    ],
  ],
  [
    'EMA10',
    over(makeEma(10), close, value).value,
    [
      [9, 93.2255],
      [10, 93.752682],
      [29, 86.463654],
    ],
  ],
  ['EMA2', over(makeEma(2), close, value).value, [[1, 93.1575]]],
  ['MACD', macd.line, [[33, -1.973831]]],
  ['MACD signal', macd.signal, [[33, -2.707108]]],
  ['MACD histogram', macd.histogram, [[33, 0.733276]]],
  ['BB20 upper', bands.upper, [[19, 98.073395]]],
  ['BB20 middle', bands.middle, [[19, 92.891]]],
  ['BB20 lower', bands.lower, [[19, 87.708605]]],
  ['STDDEV5', over(makeRollingSigma(5), close, value).value, [[4, 1.285646]]],
  [
    'TRANGE',
    over(makeTrueRange(), whole, value).value,
    [
      [1, 3.535],
      [13, 9.685],
    ],
  ],
  [
    'ATR14',
    over(makeAtr(14), whole, value).value,
    [
      [14, 3.5782142857],
      [15, 3.487627551],
      [26, 3.245101],
      [33, 3.1840473737],
    ],
  ],
  ['STOCH K', stochastic.k, [[8, 24.012184]]],
  ['STOCH D', stochastic.d, [[8, 36.254789]]],
  ['STOCH 5,3,4 K', stochastic4.k, [[9, 38.139556]]],
  ['STOCH 5,3,4 D', stochastic4.d, [[9, 36.725981]]],
  [
    'WILLR14',
    over(makeWilliamsR(14), whole, value).value,
    [
      [13, -90.194265],
      [14, -66.9902912621],
      [24, -89.285714],
    ],
  ],
  [
    'MFI14',
    over(makeMfi(14), whole, value).value,
    [
      [14, 42.892339192],
      [15, 45.6071568511],
      [33, 33.2302366533],
    ],
  ],
  [
    'ROC14',
    over(makeRoc(14), close, value).value,
    [
      [14, -0.5464480874],
      [15, -2.1093708801],
    ],
  ],
  [
    'OBV',
    over(makeObv(), whole, value).value,
    [
      [0, 4077500],
      [1, 9033400],
      [2, 4258100],
      [3, 8413400],
    ],
  ],
  ['Parkinson10', over(makeParkinson(10), whole, value).value, [[9, 0.018350756856742683]]],
]

/** Half a unit of the last digit given. */
const slack = (x: number): number => 0.51 * 10 ** -(String(x).split('.')[1] ?? '').length

for (const [name, series, points] of VECTORS) {
  test(`${name} equals TA-Lib`, () => {
    for (const [index, wanted] of points) {
      const got = series?.[index]
      const tolerance = name === 'RSI14' && index === 16 ? 0.01 : Math.max(slack(wanted), 1e-12)
      assert.ok(
        got !== undefined && Math.abs(got - wanted) <= tolerance,
        `[${index}] ${got} is not ${wanted}`,
      )
    }
  })
}

const flat = (volume: number): Bar => ({ open: 2, high: 2, low: 2, close: 2, volume })
const after = <In>(indicator: Indicator<In>, inputs: In[]): number | undefined => {
  for (const input of inputs) indicator.update(input)
  return indicator.value()
}

test('where nothing moved, RSI and MFI are 50; TA-Lib says 0', () => {
  const talib = 0
  const ours = 50
  const rsi = after(makeRsi(14), Array(30).fill(2))
  const mfi = after(makeMfi(14), Array(30).fill(flat(7)))
  assert.deepEqual({ rsi, mfi }, { rsi: ours, mfi: ours })
  assert.ok(rsi !== talib && mfi !== talib)
})

test(
  'MFI of small volumes: the same as of large ones; TA-Lib 0.4 says 0 as soon as the flow is ' +
    'below 1',
  () => {
    const scaled = talibBars.map(bar => ({ ...bar, volume: bar.volume * 1e-12 }))
    const flow = scaled
      .slice(1, 15)
      .reduce((sum, bar) => sum + ((bar.high + bar.low + bar.close) / 3) * bar.volume, 0)
    assert.ok(flow < 1, 'TA-Lib 0.4 would answer 0')
    assert.ok(Math.abs(after(makeMfi(14), scaled.slice(0, 15))! - 42.892339192) < 1e-9)
  },
)

test(
  'RSI of a token priced at 1e-15: the same as at 1; TA-Lib 0.4 says 0 as soon as gain + loss ' +
    'is below 1e-14',
  () => {
    const tiny = talibBars.slice(0, 15).map(bar => bar.close * 1e-17)
    assert.ok(Math.abs(after(makeRsi(14), tiny)! - 49.1473396999) < 1e-9)
  },
)

test('a window without range is 0 for the stochastic and Williams %R, as in TA-Lib', () => {
  assert.equal(after(makeStochastic(), Array(9).fill(flat(1))), 0)
  assert.equal(after(makeWilliamsR(14), Array(14).fill(flat(1))), 0)
})

test(
  'MACD averages start at the same bar: seeding each with its own first closes gives another ' +
    'number',
  () => {
    const fast = makeEma(12)
    const slow = makeEma(26)
    for (const bar of talibBars) {
      fast.update(bar.close)
      slow.update(bar.close)
    }
    const independent = fast.value()! - slow.value()!
    assert.ok(Math.abs(independent - -2.1835) < 5e-5)
    assert.ok(Math.abs(macd.line![33]! - -1.973831) < 1e-6)
  },
)
