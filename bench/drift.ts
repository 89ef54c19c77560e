import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeBaseline } from '../lib/alerts/baseline.ts'
import { makeRng } from '../lib/base/rng.ts'
import { countQuery, type Relation, windowOf } from '../lib/monitor/drift-sql.ts'
import { judgeDrift } from '../lib/monitor/judge-drift.ts'
import { openDuck } from '../lib/store/duck/duck.ts'

/**
 * Time of the drift statistics over 1,000,000 rows × 28 features in a Parquet file: every row, and
 * one row per token.
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
    for (const counts of window.counts) judgeDrift(baseline, counts, { tests: FEATURES })
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
