import { existsSync } from 'node:fs'
import { defaultsOf } from '../lib/base/flags.ts'
import { wilson } from '../lib/maths/confidence-interval.ts'
import { openOhlcv } from '../lib/sources/ohlcv/ohlcv-source.ts'
import type { StrategyState } from '../lib/strategy/bar-strategy.ts'
import { STRATEGIES } from '../lib/strategy/strategies.ts'
import { makeIntake } from '../lib/stream/intake.ts'
import { showFigures, tableOf } from './kit/figures.ts'

/**
 * How often each strategy is right on real candles: after a signal to buy (sell) the close of the
 * hour after is higher (lower). Beside it, how often any bar is followed by a rise (fall): a
 * strategy that is no better is a coin flip.
 *   node --import tsx bench/strategies.ts [FILE] [--write]
 */
const path = process.argv[2]?.startsWith('--') ? undefined : process.argv[2]
const file = path ?? '../shared/data/binance-5m-2024-07/5m-pairs.csv.gz'
if (!existsSync(file)) throw new Error(`${file} is not there: name a table of candles`)
const AHEAD = 12
/** What is used unasked. */
const MEASURED = STRATEGIES.filter(({ isDefault }) => isDefault)

interface Bar {
  close: number
  said: (readonly [strategy: string, signal: 'buy' | 'sell'])[]
}
interface Count {
  hits: number
  signals: number
  sum: number
}
const counts = new Map<string, Count>()

function add(name: string, change: number, sign: 1 | -1): void {
  const count = counts.get(name) ?? { hits: 0, signals: 0, sum: 0 }
  counts.set(name, count)
  count.signals++
  if (change * sign > 0) count.hits++
  count.sum += change * sign
}

/** What came of the signals of the bar that lies an hour back. */
function judge(then: Bar, close: number): void {
  const change = close / then.close - 1
  add('any bar buy', change, 1)
  add('any bar sell', change, -1)
  for (const [strategy, signal] of then.said)
    add(`${strategy} ${signal}`, change, signal === 'buy' ? 1 : -1)
}

const policy = { skip: false, max: 0, reject() {} }
const source = await openOhlcv({
  paths: [file],
  columns: [],
  order: 'time',
  interval: undefined,
  currency: undefined,
  symbol: undefined,
  count: () => undefined,
  warn: () => undefined,
  tick: 0,
  intake: place => makeIntake([], policy, place),
})
const markets = new Map<string, { states: StrategyState[]; bars: Bar[] }>()
let bars = 0
for await (const batch of source.lines(new AbortController().signal)) {
  for (const { rec } of batch) {
    if (rec.candle === undefined || rec.mint === undefined) continue
    const market = markets.get(rec.mint) ?? {
      states: MEASURED.map(({ make, flags = {} }) => make(defaultsOf(flags))),
      bars: [],
    }
    markets.set(rec.mint, market)
    bars++
    const { candle, ts } = rec
    const said = market.states.flatMap((state, i) => {
      const signal = state.update(candle, ts)?.signal
      return signal === 'buy' || signal === 'sell'
        ? [[MEASURED[i]?.name ?? '', signal] as const]
        : []
    })
    market.bars.push({ close: candle.close, said })
    const then = market.bars.length > AHEAD ? market.bars.shift() : undefined
    if (then !== undefined) judge(then, candle.close)
  }
}

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`
const rows = [...counts]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([name, { hits, signals, sum }]) => {
    const [low, high] = wilson(hits, signals)
    const base = counts.get(`any bar ${name.endsWith('buy') ? 'buy' : 'sell'}`)!
    const usual = base.hits / base.signals
    const verdict = name.startsWith('any')
      ? ''
      : low > usual
        ? 'above'
        : high < usual
          ? 'below'
          : 'no difference'
    const mean = ((10_000 * sum) / signals).toFixed(1)
    return [
      name,
      signals.toLocaleString('en'),
      percent(hits / signals),
      `${percent(low)} – ${percent(high)}`,
      verdict,
      mean,
    ]
  })
const text =
  `${bars.toLocaleString('en')} bars of 5 minutes, ${markets.size} Binance pairs; right = the ` +
  'close an hour later moved the way the signal said.'
const head = ['signal', 'signals', 'right', '95 % (Wilson)', 'against any bar', 'mean move, bps']
showFigures('strategies', `${text}\n\n${tableOf(head, rows)}\n`)
