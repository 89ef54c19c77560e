import { element, label, px } from './element.ts'
import type { Scale } from './scale.ts'
import type {
  AreaSeries,
  BandSeries,
  BarSeries,
  CandleSeries,
  DotSeries,
  LineSeries,
  RuleSeries,
  Series,
} from './series.ts'

/** Where a panel draws: its scales, whose ends are its edges. */
interface Plot {
  x: Scale
  y: Scale
}

/** Room between two bars side by side, as a share of their width. */
const GAP = 0.3

/** The markup of a series. */
export function draw(series: Series, plot: Plot): string {
  switch (series.kind) {
    case 'line':
      return line(series, plot)
    case 'area':
      return area(series, plot)
    case 'bars':
      return bars(series, plot)
    case 'candles':
      return candles(series, plot)
    case 'bands':
      return bands(series, plot)
    case 'rule':
      return rule(series, plot)
    case 'dots':
      return dots(series, plot)
  }
}

/** Stretches of points without an unknown value between them. */
function runs<P>(points: readonly P[], isKnown: (point: P) => boolean): P[][] {
  const all: P[][] = []
  let run: P[] = []
  for (const point of points) {
    if (isKnown(point)) {
      if (run.push(point) === 1) all.push(run)
    } else run = []
  }
  return all
}

function line({ points, tone, dashed, stepped }: LineSeries, { x, y }: Plot): string {
  const paths = runs(points, point => Number.isFinite(point.y)).map(run => {
    const [first, ...rest] = run.map(point => [px(x.at(point.x)), px(y.at(point.y!))] as const)
    const start = `M${first?.[0]} ${first?.[1]}`
    // A single value between two gaps is a dot, or it would not be seen.
    if (rest.length === 0) return `${start}h.01`
    return (
      start + rest.map(([left, top]) => (stepped ? `H${left}V${top}` : `L${left} ${top}`)).join('')
    )
  })
  return element('path', { class: `line s-${tone}${dashed ? ' dash' : ''}`, d: paths.join('') })
}

function area({ points, tone }: AreaSeries, { x, y }: Plot): string {
  const at = (value: number): string => px(y.at(Math.min(y.high, Math.max(y.low, value))))
  const isKnown = ({ low, high }: AreaSeries['points'][number]) =>
    Number.isFinite(low) && Number.isFinite(high)
  const paths = runs(points, isKnown).map(run => {
    const upper = run.map(point => `${px(x.at(point.x))} ${at(point.high!)}`)
    const lower = run.map(point => `${px(x.at(point.x))} ${at(point.low!)}`).reverse()
    return `M${[...upper, ...lower].join('L')}Z`
  })
  return element('path', { class: `area f-${tone}`, d: paths.join('') })
}

function bars({ bars: all, tone, joined }: BarSeries, { x, y }: Plot): string {
  return all
    .filter(({ from = 0, to }) => Number.isFinite(from) && Number.isFinite(to) && from !== to)
    .map(bar => {
      const [a, b] = [y.at(bar.from ?? 0), y.at(bar.to)]
      const width = x.at(bar.x + bar.width) - x.at(bar.x)
      const gap = joined ? 0 : width * GAP
      return element('rect', {
        class: `bar f-${bar.tone ?? tone}`,
        x: x.at(bar.x) + gap / 2,
        y: Math.min(a, b),
        width: width - gap,
        height: Math.abs(a - b),
      })
    })
    .join('')
}

function candles({ candles: all }: CandleSeries, { x, y }: Plot): string {
  return all
    .map(({ x: from, width: span, open, high, low, close }) => {
      const tone = close < open ? 'down' : 'up'
      const width = x.at(from + span) - x.at(from)
      const middle = x.at(from + span / 2)
      const [top, bottom] = [y.at(Math.max(open, close)), y.at(Math.min(open, close))]
      return (
        element('path', {
          class: `s-${tone}`,
          d: `M${px(middle)} ${px(y.at(high))}V${px(y.at(low))}`,
        }) +
        element('rect', {
          class: `f-${tone}`,
          x: x.at(from) + (width * GAP) / 2,
          y: top,
          width: width * (1 - GAP),
          // A bar that closes where it opened is still to be seen.
          height: Math.max(0.6, bottom - top),
        })
      )
    })
    .join('')
}

function bands({ bands: all }: BandSeries, { x, y }: Plot): string {
  const [top, bottom] = [y.at(y.high), y.at(y.low)]
  return all
    .map(({ from, to, tone, label: text }) => {
      const [left, right] = [x.at(Math.max(from, x.low)), x.at(Math.min(to, x.high))]
      if (!(right > left)) return ''
      const attributes = {
        class: `band f-${tone}`,
        x: left,
        y: top,
        width: right - left,
        height: bottom - top,
      }
      return (
        element('rect', attributes) +
        (text === undefined ? '' : label(left + 4, bottom - 5, text, { class: 'soft' }))
      )
    })
    .join('')
}

function rule({ y: level, tone, label: text }: RuleSeries, { x, y }: Plot): string {
  const at = y.at(level)
  const mark = element('path', {
    class: `line dash s-${tone}`,
    d: `M${px(x.at(x.low))} ${px(at)}H${px(x.at(x.high))}`,
  })
  return text === undefined ? mark : mark + label(x.at(x.low) + 4, at - 3, text, { class: 'soft' })
}

function dots({ dots: all, tone }: DotSeries, { x, y }: Plot): string {
  return all
    .map(dot => {
      const left = x.at(dot.x)
      const top = dot.y === undefined ? y.at(y.high) + 8 : y.at(dot.y)
      const isLate = left > x.at(x.low + (x.high - x.low) * 0.85)
      const word = { class: isLate ? 'soft end' : 'soft' }
      return (
        element('circle', { class: `f-${tone}`, cx: left, cy: top, r: 3 }) +
        (dot.label === undefined ? '' : label(left + (isLate ? -6 : 6), top + 4, dot.label, word))
      )
    })
    .join('')
}
