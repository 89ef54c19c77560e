import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Matured } from '../../../lib/learn/matured.ts'
import { type RetrainOptions, runRetrain } from '../../../lib/learn/run-retrain.ts'
import { scoreRows } from '../../../lib/learn/score-rows.ts'
import { readBundle } from '../../../lib/model/files.ts'
import { promoted, readAliases, writeAliases } from '../../../lib/model/registry.ts'
import { brier } from '../../../lib/train/metrics/proper.ts'
import { range } from '../../../lib/train/sample.ts'
import { folder, makeModel, POOL_NAMES } from '../model/fixture.ts'
import { type MarketRow, START, WEEK, weekOf, writeRows } from './market.ts'

const WEEKS = 26
const CHANGE = 12
/** Weeks that a training sees. */
const WINDOW = 6
const KILLED = 9
const BAD_DATA = 10
const BAD_HAND = 22

const silent = { info() {}, warn() {}, error() {} }
const wholeOf = (rows: readonly MarketRow[]) => ({
  table: {
    names: POOL_NAMES,
    rows: rows.length,
    columns: POOL_NAMES.map((_, f) => Float32Array.from(rows, row => row.x[f]!)),
  },
  label: Float64Array.from(rows, row => row.y),
  time: Float64Array.from(rows, row => row.ts),
  groups: Int32Array.from(rows, (_, i) => i),
})
const weeks = (from: number, to: number): MarketRow[] =>
  Array.from({ length: to - from }, (_, i) => weekOf(from + i, CHANGE)).flat()

/** A market that changes, its models in use, and what they said. */
async function world(t: { after(fn: () => void): void }) {
  const home = folder(t)
  const dir = join(home, 'models/moon')
  await makeModel(join(home, 'models'), 'moon', 'first', {}, wholeOf(weeks(0, WINDOW)))
  writeAliases(dir, { at: START, action: 'alias', reason: 'first', before: {}, after: { production: 'first' } })
  const score = async (version: string, rows: readonly MarketRow[]): Promise<Float64Array> => {
    const { table, ...rest } = wholeOf(rows)
    const unused = { words: [], isTimed: true, until: undefined, groups: undefined, weight: undefined }
    return scoreRows(readBundle(join(dir, version)), { table, ...rest, ...unused }, range(table.rows))
  }
  const live: (Matured & { version: string; shadowVersion: string | undefined })[] = []
  const data = join(home, 'rows.csv')
  const options: Omit<RetrainOptions, 'at'> = {
    ...{ home, models: join(home, 'models'), model: 'moon', data, isManual: false, leaseMs: 3_600_000 },
    columns: { label: 'willMoon', time: 'ts', group: 'token', horizon: 600_000, embargo: 0 },
    due: { rows: 1000, cooldownMs: 6 * 3_600_000 },
    trial: { leastMs: 86_400_000, leastRows: 100, mostMs: 3 * WEEK },
    alertCommand: undefined,
    stderr: () => {},
    now: Date.now,
    log: silent,
    matured: async ({ version }, shadow) =>
      live.filter(row => row.version === version && (shadow === undefined || row.shadowVersion === shadow)).slice(-500),
  }
  return {
    ...{ home, dir, data, options, score },
    /** A week in use: whoever is in production and on trial says something about every token. */
    async live(week: number): Promise<void> {
      const { production = '', shadow } = readAliases(dir)
      const rows = weekOf(week, CHANGE)
      const p = await score(production, rows)
      const other = shadow === undefined ? undefined : await score(shadow, rows)
      rows.forEach(({ ts, mint, y }, i) => {
        const said = other === undefined ? {} : { shadow: other[i]! }
        live.push({ mint, ts, label: y, p: p[i]!, ...said, version: production, shadowVersion: shadow })
      })
    },
    async retrain(week: number, more: Partial<RetrainOptions> = {}): Promise<Record<string, unknown>[]> {
      const lines: Record<string, unknown>[] = []
      // Sunday 03:00 after the week.
      const at = START + (week + 1) * WEEK + 3 * 3_600_000
      await runRetrain({ ...options, at, ...more }, { write: async text => void lines.push(JSON.parse(text)) })
      return lines
    },
  }
}

/** Starts a retraining in a process of its own and kills it in the middle of the training. */
async function killRetrain(options: object): Promise<void> {
  const path = fileURLToPath(new URL('./retrain-child.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', path, JSON.stringify(options)], {
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

const rowsOf = (home: string, table: string): Record<string, unknown>[] =>
  readdirSync(join(home, 'rows', table))
    .sort()
    .flatMap(file =>
      readFileSync(join(home, 'rows', table, file), 'utf8')
        .trim()
        .split('\n'),
    )
    .map(line => JSON.parse(line))

test('six months with a change of the market, a bad candidate, a bad promotion and a killed training', async t => {
  const it = await world(t)
  const forced: string[] = []
  for (let week = WINDOW; week < WEEKS; week++) {
    await it.live(week)
    writeRows(it.data, weeks(week + 1 - WINDOW, week + 1))
    if (week === KILLED) await killRetrain({ ...it.options, isManual: true, at: START + (week + 1) * WEEK + 1 })
    if (week === BAD_DATA) {
      // Labels upside down in what it is trained and calibrated on: the candidate is bad where it is compared.
      const rows = weeks(week + 1 - WINDOW, week + 1)
      const cut = rows.length * 0.8
      writeRows(
        it.data,
        rows.map((row, i) => (i < cut ? { ...row, y: 1 - row.y } : row)),
      )
      const at = START + (week + 1) * WEEK + 1
      const lines = await it.retrain(week, { at, isManual: true })
      assert.deepEqual([lines.at(-1)?.action, lines.at(-1)?.reason], ['refuse', 'worse than production'])
      writeRows(it.data, rows)
    }
    if (week === BAD_HAND) {
      // Someone promotes the first model, which knows the old market only.
      const before = readAliases(it.dir)
      forced.push(before.production as string)
      writeAliases(it.dir, { at: 0, action: 'promote', reason: 'by hand', before, after: promoted(before, 'first') })
      await it.live(week)
      const lines = await it.retrain(week, { at: START + (week + 1) * WEEK + 2 })
      assert.equal(lines.find(line => line.table === 'promotions')?.action, 'rollback')
      assert.equal(readAliases(it.dir).production, before.production)
    }
    await it.retrain(week)
  }

  const { production = '' } = readAliases(it.dir)
  const test = weekOf(WEEKS, CHANGE, 4000)
  const label = Float64Array.from(test, row => row.y)
  const scores = new Map<string, number>()
  for (const version of readdirSync(it.dir).filter(name => !name.includes('json')))
    scores.set(version, brier(label, await it.score(version, test)))
  const best = Math.min(...scores.values())
  const ours = scores.get(production) as number
  assert.ok(ours < 0.75 * (scores.get('first') as number), `${production} ${ours}, first ${scores.get('first')}`)
  // Another version must be more than 5 % better to replace it.
  assert.ok(ours * 0.93 <= best, `${production} ${ours}, best ${best}`)

  const jobs = rowsOf(it.home, 'ml_training_jobs')
  const promotions = rowsOf(it.home, 'promotions')
  const comparisons = rowsOf(it.home, 'ml_model_comparisons')
  const history = readFileSync(join(it.dir, 'history.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  for (const job of jobs.filter(row => row.state === 'started')) {
    const end = jobs.filter(row => row.startedAt === job.startedAt && row.state !== 'started')
    assert.equal(end.length, 1, `${job.id} ended ${end.length} times`)
    if (end[0]?.state === 'finished')
      assert.ok(
        comparisons.some(row => row.challenger === job.version),
        `${job.version} was not compared`,
      )
  }
  assert.equal(jobs.filter(row => row.reason === 'killed').length, 1)
  assert.ok(jobs.some(row => row.trigger === 'weekly' || row.trigger === 'rows'))
  assert.ok(
    jobs.some(row => row.trigger === 'degradation'),
    'the change of the market was not noticed',
  )
  assert.ok(promotions.some(row => row.action === 'promote') && promotions.some(row => row.action === 'refuse'))
  // Every change of an alias but those by hand has its row.
  const made = promotions.filter(row => row.action !== 'refuse')
  assert.equal(made.length, history.length - 2)
  for (const row of [...made, ...comparisons])
    assert.ok(Object.keys(row.metrics as object).length > 0, `${row.id} has no numbers`)
  // One look per week at least leaves a row.
  assert.ok(new Set([...jobs, ...promotions].map(row => row.ts)).size >= WEEKS - WINDOW)
})
