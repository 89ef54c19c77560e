/** Colour by meaning; theme.ts says which colour that is on light and on dark ground. */
const TONES = ['main', 'second', 'third', 'up', 'down', 'warn', 'muted'] as const
export type Tone = (typeof TONES)[number]

/**
 * A value at a place on the x axis; without `y` (or with one that is not finite) it is unknown, and
 * drawn as a gap.
 */
export interface Point {
  x: number
  y?: number | undefined
}

interface Named {
  /** Put into the legend of its panel. */
  name?: string
  tone: Tone
}

/** Points joined in order; `stepped`: each value holds until the next point. */
export interface LineSeries extends Named {
  kind: 'line'
  points: readonly Point[]
  dashed?: boolean
  stepped?: boolean
}

/**
 * What lies between a low and a high value, as the bands of Bollinger or the drawdown of an equity
 * curve.
 */
export interface AreaSeries extends Named {
  kind: 'area'
  /** Cut off at the edges of its panel instead of stretching the axis. */
  clipped?: boolean
  points: readonly { x: number; low?: number | undefined; high?: number | undefined }[]
}

/** Upright bars from `from` (default 0) to `to`, over [x, x + width) of the x axis. */
export interface BarSeries extends Named {
  kind: 'bars'
  /** Without room between neighbours, as shares of a whole want it. */
  joined?: boolean
  bars: readonly { x: number; width: number; from?: number; to: number; tone?: Tone }[]
}

/** Bars of a market over [x, x + width) of the x axis. */
export interface CandleSeries {
  kind: 'candles'
  candles: readonly {
    x: number
    width: number
    open: number
    high: number
    low: number
    close: number
  }[]
}

/** Stretches of the x axis over the whole height, as the versions of a model in production. */
export interface BandSeries {
  kind: 'bands'
  bands: readonly { from: number; to: number; tone: Tone; label?: string }[]
}

/** A level, as the 70 of an RSI. */
export interface RuleSeries {
  kind: 'rule'
  y: number
  tone: Tone
  label?: string
}

/**
 * Single events with a word each, as a fill or a promotion. Without `y` the word stands under the
 * upper edge.
 */
export interface DotSeries extends Named {
  kind: 'dots'
  dots: readonly { x: number; y?: number; label?: string }[]
}

export type Series =
  | LineSeries
  | AreaSeries
  | BarSeries
  | CandleSeries
  | BandSeries
  | RuleSeries
  | DotSeries

/** Sizes beyond these are no measurement, and differences between them no numbers. */
const [LEAST, MOST] = [1e-290, 1e290]
const finite = (values: readonly (number | undefined)[]): number[] =>
  values.filter((value): value is number => {
    const size = Math.abs(value ?? Number.NaN)
    return size === 0 || (size > LEAST && size < MOST)
  })

/** The known values of a series along y. */
export function valuesOf(series: Series): number[] {
  switch (series.kind) {
    case 'line':
      return finite(series.points.map(point => point.y))
    case 'area':
      return series.clipped ? [] : finite(series.points.flatMap(({ low, high }) => [low, high]))
    case 'bars':
      return finite(series.bars.flatMap(({ from = 0, to }) => [from, to]))
    case 'candles':
      return finite(series.candles.flatMap(({ low, high }) => [low, high]))
    case 'rule':
      return finite([series.y])
    case 'dots':
      return finite(series.dots.map(dot => dot.y))
    case 'bands':
      return []
  }
}

/** The places of a series along x. */
export function placesOf(series: Series): number[] {
  switch (series.kind) {
    case 'line':
    case 'area':
      return finite(series.points.map(point => point.x))
    case 'bars':
      return finite(series.bars.flatMap(({ x, width }) => [x, x + width]))
    case 'candles':
      return finite(series.candles.flatMap(({ x, width }) => [x, x + width]))
    case 'bands':
      return finite(series.bands.flatMap(({ from, to }) => [from, to]))
    case 'dots':
      return finite(series.dots.map(dot => dot.x))
    case 'rule':
      return []
  }
}
