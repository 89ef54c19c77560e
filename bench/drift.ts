import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeBaseline } from '../lib/alerts/baseline.ts'
import { makeRng, type Rng } from '../lib/base/rng.ts'
import { countQuery, type Relation, windowOf } from '../lib/monitor/drift-sql.ts'
import { evidenceLimit } from '../lib/monitor/false-alarms.ts'
import { judgeDrift } from '../lib/monitor/judge-drift.ts'
import { binOf, capitalOf, startWatch, takeToken } from '../lib/monitor/martingale.ts'
import { openDuck } from '../lib/store/duck/duck.ts'

/**
 * Time of the drift statistics over 1,000,000 rows × 28 features in a Parquet file: every row, and
 * one row per token; then how many tokens the alarm takes for a change of one number.
 */
const ROWS = 1_000_000
const FEATURES = 28
const RUNS = 5

const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const file = join(folder, 'rows.parquet')
const duck = await openDuck(':memory:', { memory: '2GB' })
const normal = 'sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())'
const columns = Array.from({ length: FEATURES }, (_, f) => `${normal} AS f${f}`)
await duck.run(`COPY (SELECT 'mint' || (i // 4) AS mint, 'market:' || i AS id, ${columns.join(', ')}
  FROM range(${ROWS}) t(i)) TO '${file}'`)
const rng = makeRng('bench')
const baseline = makeBaseline(Float32Array.from({ length: 10_000 }, () => rng.normal()))
const watched = Array.from({ length: FEATURES }, (_, f) => ({
  name: `f${f}`,
  baseline,
  from: `f${f}`,
}))
const from = `read_parquet('${file}')`

async function measure(what: string, relation: Relation): Promise<void> {
  const times: number[] = []
  let busy = 0
  for (let run = 0; run < RUNS; run++) {
    const [startedAt, cpu] = [performance.now(), process.cpuUsage()]
    const rows = await duck.rows(countQuery(relation, watched))
    const window = windowOf(rows[0] ?? {}, watched)
    for (const counts of window.counts) judgeDrift(baseline, counts, { pLimit: 0.01 / FEATURES })
    times.push(performance.now() - startedAt)
    const { user, system } = process.cpuUsage(cpu)
    busy = (user + system) / 1000
  }
  const [median, best] = [times.sort((a, b) => a - b)[RUNS >> 1]!, times[0]!]
  process.stdout.write(
    `| ${what} | ${median.toFixed(0)} ms | ${best.toFixed(0)} ms | ${busy.toFixed(0)} ms |\n`,
  )
}

process.stdout.write(
  `${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.versions.node}, 2 threads\n\n`,
)
process.stdout.write(
  `| drift of 1,000,000 × ${FEATURES} | median of ${RUNS} | best | processor time ` +
    '|\n|---|---|---|---|\n',
)
await measure('every row', { from })
await measure('one row of each of 250,000 tokens', { from, mint: 'mint', id: 'id' })
duck.close()

const RUNS_TO_ALARM = 200
const ALPHA = 0.005

/** Tokens from a change to the alarm: median and nine of ten, after so many quiet tokens. */
function tokensToAlarm(quiet: number, after: (rng: Rng) => number): [number, number] {
  const limit = evidenceLimit(ALPHA, FEATURES)
  const times = Array.from({ length: RUNS_TO_ALARM }, (_, run) => {
    const rng = makeRng(`alarm/${run}`)
    const reference = makeBaseline(Float32Array.from({ length: 5000 }, () => rng.normal()))
    const watch = startWatch(reference)
    const take = (value: number): void =>
      takeToken(watch, binOf(reference.edges, value), rng.next(), limit)
    for (let token = 0; token < quiet; token++) take(rng.normal())
    for (let token = 1; ; token++) {
      take(after(rng))
      if (capitalOf(watch) >= limit || token === 20_000) return token
    }
  }).sort((a, b) => a - b)
  return [times[RUNS_TO_ALARM / 2]!, times[RUNS_TO_ALARM * 0.9]!]
}

const CHANGES: [string, (rng: Rng) => number][] = [
  ['shift of 0.25 σ', r => r.normal() + 0.25],
  ['shift of 0.5 σ', r => r.normal() + 0.5],
  ['shift of 1 σ', r => r.normal() + 1],
  ['spread doubled', r => 2 * r.normal()],
  ['30 % unknown', r => (r.next() < 0.3 ? Number.NaN : r.normal())],
  ['dead: one value', () => 0],
]
const QUIET = [0, 500, 5000]
process.stdout.write(
  `\n| tokens to alarm, one of ${FEATURES} numbers, median (nine of ten) | ` +
    `${QUIET.map(n => `${n} quiet before`).join(' | ')} |\n|---|${'---|'.repeat(QUIET.length)}\n`,
)
for (const [name, after] of CHANGES) {
  const cells = QUIET.map(quiet => tokensToAlarm(quiet, after)).map(([m, p]) => `${m} (${p})`)
  process.stdout.write(`| ${name} | ${cells.join(' | ')} |\n`)
}
