import { REGIMES, type Regime } from '../features/families/pool-state.ts'
import { dateText } from './axis-ticks.ts'
import type { Chart } from './chart.ts'
import type { Panel } from './panel.ts'
import type { BarSeries, LineSeries, Point, Series, Tone } from './series.ts'
import type { ChartBar, ChartSeries } from './token-history.ts'

const REGIME_TONES: Record<Regime, Tone> = {
  'rug-dump': 'down',
  'moon-mission': 'third',
  'steady-climb': 'up',
  'sideways-chop': 'muted',
}

/**
 * The picture of a token: bars with bands and means, volume, RSI, MACD, and what its pool was
 * doing. Needs a bar.
 */
export function tokenChart(
  mint: string,
  { bars, intervalMs, pool }: ChartSeries,
  isLog: boolean,
): Chart {
  const { candle } = bars[0]!
  const last = bars.at(-1)!.candle
  const end = last.openAt + last.intervalMs
  const days = `${dateText(candle.openAt)} ${new Date(candle.openAt).getUTCFullYear()}`
  return {
    title: mint,
    subtitle:
      `${intervalText(intervalMs)} bars from ` +
      `${days}${pool === undefined ? '' : ` · pool ${pool.slice(0, 8)}…`}`,
    x: 'time',
    domain: [candle.openAt, end],
    panels: [price(bars, isLog), volume(bars), rsi(bars), macd(bars), regimes(bars)].filter(
      panel => panel !== undefined,
    ),
  }
}

const UNITS: readonly [number, string][] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1000, 's'],
]

function intervalText(ms: number): string {
  const [size, unit] = UNITS.find(([size]) => ms % size === 0) ?? [1, 'ms']
  return `${ms / size} ${unit}`
}

const span = ({ candle }: ChartBar) => ({ x: candle.openAt, width: candle.intervalMs })
const closeAt = ({ candle }: ChartBar): number => candle.openAt + candle.intervalMs
const isUp = ({ candle }: ChartBar): boolean => candle.close >= candle.open

const lineOf = (bars: readonly ChartBar[], key: string, tone: Tone, name?: string): LineSeries => ({
  kind: 'line',
  tone,
  ...(name === undefined ? {} : { name }),
  points: bars.map((bar): Point => ({ x: closeAt(bar), y: bar.indicators[key] })),
})

function price(bars: readonly ChartBar[], isLog: boolean): Panel {
  const series: Series[] = [
    {
      kind: 'area',
      clipped: true,
      tone: 'main',
      name: 'Bollinger 20, 2σ',
      points: bars.map(bar => ({ x: closeAt(bar), low: bar.bands?.low, high: bar.bands?.high })),
    },
    { kind: 'candles', candles: bars.map(bar => ({ ...span(bar), ...bar.candle })) },
    lineOf(bars, 'ema12', 'main', 'EMA 12'),
    lineOf(bars, 'ema26', 'second', 'EMA 26'),
  ]
  const currency = bars[0]?.candle.currency?.toUpperCase()
  return {
    title: 'Price',
    height: 220,
    isLog,
    series,
    ...(currency === undefined ? {} : { unit: currency }),
  }
}

function volume(bars: readonly ChartBar[]): Panel {
  const drawn: BarSeries['bars'] = bars.map(bar => ({
    ...span(bar),
    to: bar.candle.volume,
    tone: isUp(bar) ? 'up' : 'down',
  }))
  return {
    title: 'Volume',
    unit: 'tokens',
    height: 64,
    series: [{ kind: 'bars', tone: 'up', bars: drawn }],
  }
}

function rsi(bars: readonly ChartBar[]): Panel {
  const series: Series[] = [
    { kind: 'rule', y: 70, tone: 'muted' },
    { kind: 'rule', y: 30, tone: 'muted' },
    lineOf(bars, 'rsi14', 'third'),
  ]
  return { title: 'RSI 14', height: 76, domain: [0, 100], series }
}

function macd(bars: readonly ChartBar[]): Panel {
  const histogram: BarSeries['bars'] = bars.flatMap(bar => {
    const to = bar.indicators.macdHistogram
    return to === undefined
      ? []
      : [{ ...span(bar), to, tone: to < 0 ? ('down' as const) : ('up' as const) }]
  })
  const series: Series[] = [
    { kind: 'bars', tone: 'muted', bars: histogram },
    lineOf(bars, 'macd', 'main', 'MACD'),
    lineOf(bars, 'macdSignal', 'second', 'signal'),
  ]
  return { title: 'MACD 12, 26, 9', height: 84, series }
}

/**
 * Share of the snapshots of each bar that were in each regime, stacked; nothing where no snapshot
 * had one.
 */
function regimes(bars: readonly ChartBar[]): Panel | undefined {
  if (bars.every(bar => bar.regimes.size === 0)) return undefined
  const drawn = bars.flatMap(bar => {
    const total = [...bar.regimes.values()].reduce((sum, count) => sum + count, 0)
    let from = 0
    return REGIMES.flatMap(regime => {
      const count = bar.regimes.get(regime)
      if (count === undefined) return []
      const [low, high] = [from / total, (from += count) / total]
      return [{ ...span(bar), from: low, to: high, tone: REGIME_TONES[regime] }]
    })
  })
  return {
    title: 'Regime',
    unit: 'share of snapshots',
    height: 40,
    domain: [0, 1],
    isBare: true,
    keys: REGIMES.map(name => ({ name, tone: REGIME_TONES[name] })),
    series: [{ kind: 'bars', tone: 'muted', joined: true, bars: drawn }],
  }
}
