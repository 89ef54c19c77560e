import type { Chart } from '../chart/chart.ts'
import type { Baselines } from './baselines.ts'
import { curveOf } from './curve.ts'
import type { Report } from './trade-report.ts'

/** Equity in shares of the start, and how far below its peak it was. Undefined without a change. */
export function equityChart(report: Report): Chart | undefined {
  const { from, to } = report.span()
  const curve = curveOf(report)
  if (curve.length === 0 || !(to > from)) return undefined
  const points = curve.map(({ ts, equity, fall }) => ({ x: ts, y: equity, fall: -100 * fall }))
  return {
    title: 'Realised equity',
    subtitle: 'closed trades, after all costs',
    x: 'time',
    domain: [from, to],
    panels: [
      {
        title: 'Equity',
        unit: 'of the start',
        height: 220,
        series: [
          { kind: 'rule', y: 1, tone: 'muted' },
          { kind: 'line', tone: 'main', stepped: true, points },
        ],
      },
      {
        title: 'Below the peak',
        unit: '%',
        height: 90,
        series: [
          {
            kind: 'area',
            tone: 'down',
            points: points.map(({ x, fall }) => ({ x, low: fall, high: 0 })),
          },
          { kind: 'line', tone: 'down', points: points.map(({ x, fall }) => ({ x, y: fall })) },
        ],
      },
    ],
  }
}

/** Mean returns of random entries, with that of the choice. Undefined without draws. */
export function randomChart({ bought, random }: Baselines): Chart | undefined {
  const [low, high] = [random?.edges[0] ?? 0, random?.edges.at(-1) ?? 0]
  if (random === undefined || bought.mean === undefined || !(high > low)) return undefined
  const bars = random.counts.map((count, i) => {
    const x = random.edges[i]! * 100
    return { x, width: random.edges[i + 1]! * 100 - x, to: count }
  })
  const room = 0.04 * (Math.max(high, bought.mean) - Math.min(low, bought.mean))
  const [from, to] = [Math.min(low, bought.mean) - room, Math.max(high, bought.mean) + room]
  const most = Math.max(...random.counts)
  return {
    title: 'Random entries, as many as were bought',
    subtitle: `mean return of each of ${random.draws} draws, %`,
    x: 'number',
    domain: [from * 100, to * 100],
    panels: [
      {
        title: 'Draws',
        height: 140,
        keys: [{ name: 'the choice', tone: 'second' }],
        series: [
          { kind: 'bars', tone: 'muted', bars, joined: true },
          {
            kind: 'line',
            tone: 'second',
            points: [
              { x: bought.mean * 100, y: 0 },
              { x: bought.mean * 100, y: most },
            ],
          },
        ],
      },
    ],
  }
}
