import { numberTicks, timeTicks } from './axis-ticks.ts'
import { element, escapeText, label } from './element.ts'
import { HEAD, type Panel, panelMarkup } from './panel.ts'
import { extentOf, makeScale, padded } from './scale.ts'
import { placesOf } from './series.ts'
import { styleSheet } from './theme.ts'

/** Panels above each other along one x axis. */
export interface Chart {
  title: string
  /** Stands behind the title. */
  subtitle?: string
  /** Pixels; 960 by default. */
  width?: number
  /** What the x axis is: event time in ms UTC, or any number. */
  x: 'time' | 'number'
  /** Ends of the x axis; by default those of the data. */
  domain?: readonly [number, number]
  panels: readonly Panel[]
}

const MARGIN = { top: 34, left: 16, right: 62, bottom: 26, between: 8 }
/** Pixels between two words along x. */
const WORD = 90

/**
 * The picture as SVG: the same chart gives the same bytes. Throws a RangeError where x is without
 * extent.
 */
export function chartSvg(chart: Chart): string {
  const { width = 960, panels } = chart
  const [left, right] = [MARGIN.left, width - MARGIN.right]
  const domain = chart.domain ?? domainOf(chart)
  const x = makeScale(domain, left, right)
  const most = Math.max(2, Math.floor((right - left) / WORD))
  const ticks = chart.x === 'time' ? timeTicks(...domain, most) : numberTicks(...domain, most)
  let top = MARGIN.top
  const drawn = panels.map(panel => {
    const markup = panelMarkup(panel, { top, left, right, x, ticks })
    top += HEAD + panel.height + MARGIN.between
    return markup
  })
  const below = top + 6
  const words = ticks.map(tick => label(x.at(tick.value), below, tick.text, { class: 'soft mid' }))
  const unit = chart.x === 'time' ? label(width - 8, below, 'UTC', { class: 'soft end' }) : ''
  const height = top + MARGIN.bottom - MARGIN.between
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" ` +
      `width="${width}" height="${height}" role="img">`,
    `<title>${escapeText(chart.title)}</title>`,
    `<style>${styleSheet()}</style>`,
    element('rect', { class: 'ground', width, height, rx: 6 }),
    heading(chart, left),
    ...drawn,
    words.join('') + unit,
    '</svg>',
  ].join('\n')}\n`
}

function domainOf(chart: Chart): [number, number] {
  const extent = extentOf(chart.panels.flatMap(panel => panel.series.flatMap(placesOf)))
  if (extent === undefined) throw new RangeError(`${chart.title}: nothing to draw`)
  return extent[0] < extent[1] ? extent : padded(extent, 0.5)
}

function heading({ title, subtitle }: Chart, left: number): string {
  const words = element('tspan', {}, escapeText(title))
  const more =
    subtitle === undefined
      ? ''
      : element(
          'tspan',
          { class: 'soft', dx: 10, 'font-size': 11, 'font-weight': 400 },
          escapeText(subtitle),
        )
  return element('text', { class: 'title', x: left, y: 22 }, words + more)
}
