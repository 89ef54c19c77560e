import { exponentOf, numberTicks, ratioTicks, type Tick } from './axis-ticks.ts'
import { element, label, px } from './element.ts'
import { draw } from './plot.ts'
import { extentOf, makeLogScale, makeScale, padded, paddedByRatio, type Scale } from './scale.ts'
import { type Series, type Tone, valuesOf } from './series.ts'

/** One drawing with a y axis of its own. */
export interface Panel {
  title: string
  /** Pixels of the plot itself. */
  height: number
  /** What y is in, put behind the title. */
  unit?: string
  /** Ends of the y axis; by default those of the data and a little room. */
  domain?: readonly [number, number]
  /** Equal ratios equally far apart; what is 0 or less lies on the lower edge. */
  isLog?: boolean
  /** No numbers along y. */
  isBare?: boolean
  /** Legend entries besides those of named series. */
  keys?: readonly { name: string; tone: Tone }[]
  /** Drawn in this order. */
  series: readonly Series[]
}

/** Height of the line above a plot with its title and legend. */
export const HEAD = 20
const ROOM = 0.08
const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹'

interface Frame {
  /** Upper edge of the head. */
  top: number
  left: number
  right: number
  x: Scale
  ticks: readonly Tick[]
}

/** The markup of a panel: head, grid, series, axis. */
export function panelMarkup(panel: Panel, { top, left, right, x, ticks }: Frame): string {
  const [upper, lower] = [top + HEAD, top + HEAD + panel.height]
  const domain = panel.domain ?? domainOf(panel)
  const exponent = domain === undefined || panel.isBare ? 0 : exponentOf(...domain)
  const unit = [exponent === 0 ? '' : `10${superscript(exponent)}`, panel.unit ?? ''].filter(
    part => part !== '',
  )
  const head = heading(panel, unit.join(' '), { left, right, at: top + HEAD - 7 })
  const grid = ticks.map(tick => `M${px(x.at(tick.value))} ${px(upper)}V${px(lower)}`).join('')
  const frame = `M${px(left)} ${px(upper)}H${px(right)}V${px(lower)}H${px(left)}Z`
  const ground = head + element('path', { class: 'grid', d: grid + frame })
  if (domain === undefined)
    return (
      ground + label((left + right) / 2, (upper + lower) / 2 + 4, 'no data', { class: 'soft mid' })
    )
  const y = (panel.isLog ? makeLogScale : makeScale)(domain, lower, upper)
  const axis = panel.isBare ? '' : yAxis(y, panel, { left, right, exponent })
  return ground + axis + panel.series.map(series => draw(series, { x, y })).join('')
}

function domainOf({ series, isLog }: Panel): readonly [number, number] | undefined {
  const values = series.flatMap(valuesOf)
  const extent = extentOf(isLog ? values.filter(value => value > 0) : values)
  return extent && (isLog ? paddedByRatio : padded)(extent, ROOM)
}

function yAxis(
  y: Scale,
  { height, isLog }: Panel,
  { left, right, exponent }: { left: number; right: number; exponent: number },
): string {
  const ticks = (isLog ? ratioTicks : numberTicks)(
    y.low,
    y.high,
    Math.max(2, Math.floor(height / 28)),
    exponent,
  )
  const lines = ticks.map(tick => `M${px(left)} ${px(y.at(tick.value))}H${px(right)}`).join('')
  const words = ticks.map(tick =>
    label(right + 6, y.at(tick.value) + 4, tick.text, { class: 'soft' }),
  )
  return element('path', { class: 'grid', d: lines }) + words.join('')
}

/** Roughly how wide a word is: enough to keep the entries of a legend apart. */
const widthOf = (text: string): number =>
  [...text].reduce(
    (sum, letter) => sum + (/[A-Z]/.test(letter) ? 8 : /[ ,.il]/.test(letter) ? 3.6 : 6.7),
    0,
  )

function heading(
  panel: Panel,
  unit: string,
  { left, right, at }: { left: number; right: number; at: number },
): string {
  const named = panel.series.flatMap(series =>
    'name' in series && series.name ? [{ name: series.name, tone: series.tone }] : [],
  )
  let x = right
  const keys = [...named, ...(panel.keys ?? [])].reverse().map(({ name, tone }) => {
    x -= widthOf(name)
    const word = label(x, at, name, { class: 'soft' })
    x -= 13
    const mark = element('rect', { class: `f-${tone}`, x, y: at - 8, width: 9, height: 9, rx: 2 })
    x -= 10
    return mark + word
  })
  const title = label(left, at, panel.title, { class: 'head' })
  return (
    title +
    (unit === '' ? '' : label(left + widthOf(panel.title) * 1.1 + 8, at, unit, { class: 'soft' })) +
    keys.join('')
  )
}

const superscript = (exponent: number): string =>
  (exponent < 0 ? '⁻' : '') +
  [...String(Math.abs(exponent))].map(digit => SUPERSCRIPTS[Number(digit)]).join('')
