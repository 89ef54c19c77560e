import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chartSvg } from '../lib/chart/chart.ts'
import type { Tone } from '../lib/chart/series.ts'
import { CHANGE, START, WEEK } from '../test/lib/learn/six-months-market.ts'
import { rowsOf, sixMonths } from '../test/lib/learn/six-months-story.ts'

/**
 * The picture of models/README.md: how the model in production did in every week of the simulated
 * half year, beside the first one, and every decision of retrain.
 *
 *   node --import tsx bench/six-months.ts
 */
const home = mkdtempSync(join(tmpdir(), 'sluice-six-'))
process.on('exit', () => rmSync(home, { recursive: true, force: true }))
const { told } = await sixMonths(home)
const startOf = (week: number): number => START + week * WEEK
const points = (of: (week: (typeof told)[number]) => number) =>
  told.map(week => ({ x: startOf(week.week + 0.5), y: of(week) }))

const versions = [...new Set(told.map(({ production }) => production))]
const TONES: readonly Tone[] = ['muted', 'main', 'third', 'second', 'up']
const bands = told.map(({ week, production }, i) => ({
  from: startOf(week),
  to: startOf(week + 1),
  tone: TONES[versions.indexOf(production) % TONES.length]!,
  ...(told[i - 1]?.production === production ? {} : { label: production.replace('2026-', '') }),
}))
const LANES = ['trained', 'killed', 'refused', 'on trial', 'promoted', 'rolled back']
const LANE_OF: Record<string, string> = {
  finished: 'trained',
  failed: 'killed',
  refuse: 'refused',
  shadow: 'on trial',
  promote: 'promoted',
  retire: 'refused',
  rollback: 'rolled back',
}
const rows = [...rowsOf(home, 'ml_training_jobs'), ...rowsOf(home, 'promotions')]
const lanes = LANES.map((lane, k) => ({
  kind: 'dots' as const,
  tone: (['muted', 'down', 'warn', 'second', 'up', 'down'] as const)[k] as Tone,
  name: lane,
  dots: rows
    .filter(row => LANE_OF[String(row.state ?? row.action)] === lane)
    .map(row => ({ x: Number(row.ts), y: -k })),
}))

const svg = chartSvg({
  title: 'Half a year of retraining',
  subtitle:
    'rug within the hour, told ten minutes after launch · simulated, the market turns on 29 March',
  x: 'time',
  domain: [startOf(told[0]?.week ?? 0), startOf(told.length + (told[0]?.week ?? 0))],
  panels: [
    {
      title: 'Brier score of each week',
      height: 220,
      series: [
        { kind: 'bands', bands },
        {
          kind: 'line',
          tone: 'down',
          name: 'first model',
          dashed: true,
          points: points(week => week.first),
        },
        {
          kind: 'line',
          tone: 'main',
          name: 'model in production',
          points: points(week => week.ours),
        },
        { kind: 'dots', tone: 'warn', dots: [{ x: startOf(CHANGE), label: 'the market turns' }] },
      ],
    },
    {
      title: 'Decisions',
      height: 110,
      isBare: true,
      domain: [-LANES.length + 0.5, 0.5],
      series: lanes,
    },
  ],
})
writeFileSync('bench/pictures/six-months.svg', svg)
process.stdout.write(
  `bench/pictures/six-months.svg: ${versions.length} versions in production, ${rows.length} rows\n`,
)
