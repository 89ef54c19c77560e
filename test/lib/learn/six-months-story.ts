import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Matured } from '../../../lib/learn/rows/matured.ts'
import { scoreRows } from '../../../lib/learn/rows/score-rows.ts'
import { type RetrainOptions, runRetrain } from '../../../lib/learn/run-retrain.ts'
import { range } from '../../../lib/maths/sample.ts'
import type { Bundle } from '../../../lib/model/bundle.ts'
import { readBundle } from '../../../lib/model/files.ts'
import { promoted, readAliases, writeAliases } from '../../../lib/model/registry.ts'
import { inputOf } from '../../../lib/model/set-input.ts'
import { takeRows, toMatrix } from '../../../lib/table/table.ts'
import { brier } from '../../../lib/train/evaluate/proper.ts'
import { trainHead, writeTrained } from '../../../lib/train/tabular/train-head.ts'
import { childArgs } from '../../kit/child.ts'
import { about, SPLIT, settings } from '../model/fixture.ts'
import {
  HEAD,
  type MarketRow,
  NAMES,
  readRows,
  START,
  textOf,
  WEEK,
  WEEKS,
} from './six-months-market.ts'

/** Weeks that a training sees. */
export const WINDOW = 6
const KILLED = 9
const BAD_DATA = 10
const BAD_HAND = 22

export const MARKET = readRows()
const silent = { info() {}, warn() {}, error() {} }
const wholeOf = (rows: readonly MarketRow[]) => ({
  table: {
    names: NAMES,
    rows: rows.length,
    columns: NAMES.map((_, f) => Float32Array.from(rows, row => row.x[f]!)),
  },
  label: Float64Array.from(rows, row => row.y),
  time: Float64Array.from(rows, row => row.ts),
  groups: Int32Array.from(rows, (_, i) => i),
})
export const weeks = (from: number, to: number): MarketRow[] => MARKET.slice(from, to).flat()
const writeRows = (path: string, rows: readonly MarketRow[]): void =>
  writeFileSync(path, `${[HEAD, ...rows.map(textOf)].join('\n')}\n`)

/** A market that changes, its models in use, and what they said. */
async function world(home: string) {
  const dir = join(home, 'models/rug')
  const described = about('rug', 'first', { kind: 'rug', input: inputOf('tabular', NAMES) })
  const whole = wholeOf(weeks(0, WINDOW))
  const { trained, metrics } = trainHead({
    whole,
    head: 'p',
    settings: settings(),
    split: SPLIT,
    about: described,
  })
  await writeTrained(join(dir, 'first'), trained, described, metrics)
  writeAliases(dir, {
    at: START,
    action: 'alias',
    reason: 'first',
    before: {},
    after: { production: 'first' },
  })
  const score = async (version: string, rows: readonly MarketRow[]): Promise<Float64Array> => {
    const { table } = wholeOf(rows)
    const feeds = ({ inputs }: Bundle, wanted: Int32Array) => [
      {
        name: inputs[0]!.name!,
        data: toMatrix(takeRows(table, wanted)),
        shape: [table.columns.length],
      },
    ]
    const [p] = await scoreRows(
      readBundle(join(dir, version)),
      { feeds, names: undefined },
      range(table.rows),
    )
    return p!
  }
  const live: (Matured & { version: string; shadowVersion: string | undefined })[] = []
  const data = join(home, 'rows.csv')
  const options: Omit<RetrainOptions, 'at'> = {
    home,
    models: join(home, 'models'),
    model: 'rug',
    data,
    isManual: false,
    lease: 3_600_000,
    label: 'rug',
    time: 'ts',
    group: 'mint',
    horizon: 3_600_000,
    embargo: 0,
    rows: 1000,
    cooldown: 6 * 3_600_000,
    trial: 86_400_000,
    trialRows: 100,
    trialMost: 3 * WEEK,
    alpha: 0.05,
    acceptUnderpowered: false,
    guardRows: 100,
    alertCommand: undefined,
    stderr: () => {},
    now: Date.now,
    trainerTimeout: 1000,
    env: {},
    signal: new AbortController().signal,
    log: silent,
    matured: async ({ version }, shadow) =>
      live
        .filter(
          row => row.version === version && (shadow === undefined || row.shadowVersion === shadow),
        )
        .slice(-500),
  }
  return {
    home,
    dir,
    data,
    options,
    score,
    /** A week in use: whoever is in production and on trial says something about every token. */
    async live(week: number): Promise<Week> {
      const { production = '', shadow } = readAliases(dir)
      const rows = weeks(week, week + 1)
      const p = await score(production, rows)
      const other = shadow === undefined ? undefined : await score(shadow, rows)
      rows.forEach(({ ts, mint, y }, i) => {
        const said = other === undefined ? {} : { shadow: [other[i]!] }
        live.push({
          mint,
          ts,
          label: y,
          said: [p[i]!],
          ...said,
          version: production,
          shadowVersion: shadow,
        })
      })
      const label = Float64Array.from(rows, row => row.y)
      return {
        week,
        production,
        ours: brier(label, p),
        first: brier(label, await score('first', rows)),
      }
    },
    async retrain(
      week: number,
      more: Partial<RetrainOptions> = {},
    ): Promise<Record<string, unknown>[]> {
      const lines: Record<string, unknown>[] = []
      // Sunday 03:00 after the week.
      const at = START + (week + 1) * WEEK + 3 * 3_600_000
      await runRetrain(
        { ...options, at, ...more },
        { write: async text => void lines.push(JSON.parse(text)) },
      )
      return lines
    },
  }
}

/** Starts a retraining in a process of its own and kills it in the middle of the training. */
async function killRetrain(options: object): Promise<void> {
  const program = childArgs(new URL('./retrain-child.ts', import.meta.url))
  const child = spawn(process.execPath, [...program, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.on('data', chunk => {
    text += chunk
    if (text.includes('"started"')) child.kill('SIGKILL')
  })
  const signal = await new Promise(resolve => child.on('exit', (_, by) => resolve(by)))
  assert.equal(signal, 'SIGKILL', text)
}

export const rowsOf = (home: string, table: string): Record<string, unknown>[] =>
  readdirSync(join(home, 'rows', table))
    .sort()
    .flatMap(file =>
      readFileSync(join(home, 'rows', table, file), 'utf8')
        .trim()
        .split('\n'),
    )
    .map(line => JSON.parse(line))

/**
 * What a week was like: Brier scores of its tokens by who was in production, by the first version,
 * and by the best one later.
 */
export interface Week {
  week: number
  production: string
  ours: number
  first: number
}

/**
 * Half a year with a change of the market, a killed training, a bad candidate and a bad promotion.
 */
export async function sixMonths(home: string) {
  const it = await world(home)
  const told: Week[] = []
  const forced: string[] = []
  for (let week = WINDOW; week < WEEKS - 1; week++) {
    told.push(await it.live(week))
    writeRows(it.data, weeks(week + 1 - WINDOW, week + 1))
    if (week === KILLED)
      await killRetrain({ ...it.options, isManual: true, at: START + (week + 1) * WEEK + 1 })
    if (week === BAD_DATA) {
      // Labels upside down in what it is trained and calibrated on: the candidate is bad where it
      // is compared.
      const rows = weeks(week + 1 - WINDOW, week + 1)
      const cut = rows.length * 0.8
      writeRows(
        it.data,
        rows.map((row, i) => (i < cut ? { ...row, y: 1 - row.y } : row)),
      )
      const at = START + (week + 1) * WEEK + 1
      const lines = await it.retrain(week, { at, isManual: true })
      assert.deepEqual(
        [lines.at(-1)?.action, lines.at(-1)?.reason],
        ['refuse', 'worse than production'],
      )
      writeRows(it.data, rows)
    }
    if (week === BAD_HAND) {
      // Someone promotes the first model, which knows the old market only.
      const before = readAliases(it.dir)
      forced.push(before.production!)
      writeAliases(it.dir, {
        at: 0,
        action: 'promote',
        reason: 'by hand',
        before,
        after: promoted(before, 'first'),
      })
      await it.live(week)
      const lines = await it.retrain(week, { at: START + (week + 1) * WEEK + 2 })
      assert.equal(lines.find(line => line.table === 'promotions')?.action, 'rollback')
      assert.equal(readAliases(it.dir).production, before.production)
    }
    await it.retrain(week)
  }

  return { ...it, told }
}
