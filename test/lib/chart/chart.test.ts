import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Chart, chartSvg } from '../../../lib/chart/chart.ts'
import type { Series } from '../../../lib/chart/series.ts'

const DAY = 86_400_000
const START = Date.UTC(2026, 0, 1)

/** Elements that are opened and not closed, or closed and not opened. */
function unbalanced(svg: string): string[] {
  const open: string[] = []
  for (const [, close, name, , self] of svg.matchAll(/<(\/?)([a-z]+)((?:\s[^<>]*?)?)(\/?)>/g)) {
    if (close === '/') {
      if (open.pop() !== name) return [name!]
    } else if (self !== '/') open.push(name!)
  }
  return open
}

const chart = (series: Series[], more: Partial<Chart> = {}): Chart => ({
  title: 'Equity',
  x: 'time',
  panels: [{ title: 'value', height: 100, series }],
  ...more,
})

test('a point lies where its value says', () => {
  const line: Series = {
    kind: 'line',
    tone: 'main',
    points: [
      { x: 0, y: 0 },
      { x: 50, y: 5 },
      { x: 100, y: 10 },
    ],
  }
  const svg = chartSvg({
    title: 't',
    x: 'number',
    width: 278, // 200 pixels of plot between the margins of 16 and 62
    panels: [{ title: 'p', height: 100, domain: [0, 10], series: [line] }],
  })
  // The plot begins at 34 + 20 and is 100 high: 0 lies at 154, 10 at 54.
  assert.match(svg, /d="M16 154L116 104L216 54"/)
})

test('an unknown value is a gap and a lone one between gaps a dot', () => {
  const points = [
    { x: 0, y: 1 },
    { x: 1, y: 2 },
    { x: 2 },
    { x: 3, y: 1 },
    { x: 4, y: Number.NaN },
    { x: 5, y: 2 },
    { x: 6, y: 1 },
  ]
  const [, path = ''] =
    /class="line s-main" d="([^"]*)"/.exec(
      chartSvg(chart([{ kind: 'line', tone: 'main', points }])),
    ) ?? []
  assert.equal(path.split('M').length - 1, 3)
  assert.ok(path.includes('h.01M'))
})

test('text from outside stays text', () => {
  const evil = '</title><script>alert("1")</script>&\u0000\u001b'
  const dots: Series = { kind: 'dots', tone: 'warn', name: evil, dots: [{ x: START, label: evil }] }
  const svg = chartSvg(chart([dots], { title: evil, subtitle: evil }))
  assert.ok(!svg.includes('<script'))
  assert.ok(![...svg].some(letter => letter < ' ' && letter !== '\n'))
  assert.deepEqual(unbalanced(svg), [])
})

test('every kind of series, a learning loop and an equity curve in one picture', () => {
  const days = [0, 1, 2, 3].map(day => START + day * DAY)
  const series: Series[] = [
    {
      kind: 'bands',
      bands: [{ from: START, to: START + 2 * DAY, tone: 'main', label: '2026-01-01.1' }],
    },
    {
      kind: 'area',
      tone: 'down',
      name: 'drawdown',
      points: days.map((x, i) => ({ x, low: -i / 10, high: 0 })),
    },
    {
      kind: 'line',
      tone: 'main',
      name: 'equity',
      stepped: true,
      points: days.map((x, i) => ({ x, y: i })),
    },
    { kind: 'bars', tone: 'up', bars: days.map((x, i) => ({ x, width: DAY, to: i })) },
    {
      kind: 'candles',
      candles: days.map(x => ({ x, width: DAY, open: 1, high: 3, low: 0.5, close: 2 })),
    },
    { kind: 'rule', y: 1, tone: 'muted', label: 'start' },
    {
      kind: 'dots',
      tone: 'warn',
      dots: [
        { x: START + DAY, label: 'promoted' },
        { x: START + 3 * DAY, y: 2, label: 'end' },
      ],
    },
  ]
  const svg = chartSvg(chart(series))
  assert.deepEqual(unbalanced(svg), [])
  for (const word of [
    '2026-01-01.1',
    'drawdown',
    'equity',
    'start',
    'promoted',
    'end',
    'UTC',
    '2 Jan',
  ])
    assert.ok(svg.includes(`>${word}<`), word)
  assert.equal(svg, chartSvg(chart(series)))
})

test('whatever the numbers, the markup holds and names no number that is none', () => {
  const value = fc.option(fc.oneof(fc.double(), fc.constantFrom(0, 1e-300, 1e300, Number.NaN)), {
    nil: undefined,
  })
  const points = fc.array(fc.record({ x: fc.integer({ min: 0, max: 2 ** 41 }), y: value }), {
    minLength: 1,
    maxLength: 20,
  })
  fc.assert(
    fc.property(points, fc.boolean(), (list, isLog) => {
      const panel = {
        title: 'p',
        height: 80,
        isLog,
        series: [{ kind: 'line', tone: 'main', points: list } satisfies Series],
      }
      const svg = chartSvg({ title: 't', x: 'time', panels: [panel] })
      assert.deepEqual(unbalanced(svg), [])
      assert.doesNotMatch(svg, /NaN|Infinity|undefined/)
    }),
  )
})

test('the largest and the smallest numbers there are end the axis too', () => {
  for (const isLog of [false, true])
    for (const y of [Number.MAX_VALUE, Number.MIN_VALUE, 1e-300]) {
      const points = [
        { x: 0, y },
        { x: 1, y: isLog ? 1 : -y },
        { x: 2, y: y * 2 },
      ]
      const panel = {
        title: 'p',
        height: 80,
        isLog,
        series: [{ kind: 'line', tone: 'main', points } satisfies Series],
      }
      assert.doesNotMatch(
        chartSvg({ title: 't', x: 'time', panels: [panel] }),
        /NaN|Infinity|undefined/,
      )
    }
})

test('nothing to draw: said in the panel, refused for the whole', () => {
  const known: Series = { kind: 'line', tone: 'main', points: [{ x: 1, y: 1 }] }
  const empty: Series = { kind: 'line', tone: 'main', points: [{ x: 1 }] }
  const panels = [
    { title: 'a', height: 50, series: [known] },
    { title: 'b', height: 50, series: [empty] },
  ]
  assert.ok(chartSvg({ title: 't', x: 'number', panels }).includes('>no data<'))
  assert.throws(() => chartSvg({ title: 't', x: 'number', panels: [] }), /nothing to draw/)
})
