import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { MessageChannel } from 'node:worker_threads'
import { makeRng } from '../../lib/base/rng.ts'
import { auc } from '../../lib/maths/auc.ts'
import { range } from '../../lib/maths/sample.ts'
import { take, takeRows } from '../../lib/table/table.ts'
import { openThread } from '../../lib/train/tabular/thread.ts'
import { trainBoost } from '../../lib/train/trees/boost.ts'
import { predictEnsemble } from '../../lib/train/trees/ensemble.ts'
import { trainForest } from '../../lib/train/trees/forest.ts'
import { makeHelpers } from '../../lib/train/trees/helper-threads.ts'

/**
 * Boosting (100 rounds, 31 leaves, rate 0.1, 20 rows a leaf, 255 bins, no early stopping) and a
 * forest (100 trees, 20 rows a leaf) beside scikit-learn and LightGBM with 2 threads, on the same
 * rows: seconds, ratio, difference of AUC.
 *   bench/peers/setup.sh && node --import tsx bench/peers/trees.ts [rows] [repeats] [threads]
 */
const [rows, repeats, threads] = [2, 3, 4].map((k, n) =>
  Number(process.argv[k] ?? [20_000, 3, 2][n]),
) as [number, number, number]
const COLUMNS = 28
const LATER = 10_000
const python = new URL('venv/bin/python', import.meta.url).pathname
if (!existsSync(python)) throw new Error(`${python} is not there; run bench/peers/setup.sh`)

/**
 * Log odds with main effects, a threshold and an interaction; a tenth of two columns is unknown.
 */
function examples(n: number) {
  const rng = makeRng('peers')
  const columns = Array.from({ length: COLUMNS }, (_, f) =>
    Float32Array.from({ length: n }, () => (f < 2 && rng.next() < 0.1 ? Number.NaN : rng.normal())),
  )
  const at = (f: number, i: number): number => columns[f]?.[i] || 0
  const label = Float64Array.from({ length: n }, (_, i) => {
    const z =
      -1.2 + at(0, i) + 0.8 * at(2, i) * at(3, i) + (at(4, i) > 0.5 ? 1 : 0) - 0.5 * at(5, i) ** 2
    return rng.next() < 1 / (1 + Math.exp(-z)) ? 1 : 0
  })
  return { table: { names: columns.map((_, f) => `f${f}`), rows: n, columns }, label }
}

const all = examples(rows + LATER)
const [first, rest] = [range(rows), range(LATER).map(i => i + rows)]
const train = { table: takeRows(all.table, first), label: take(all.label, first) }
const later = { table: takeRows(all.table, rest), label: take(all.label, rest) }
const channels = Array.from({ length: threads - 1 }, () => new MessageChannel())
const workers = channels.map(({ port2 }) =>
  openThread('tree-thread', { workerData: { port: port2 }, transferList: [port2] }),
)
const helpers = makeHelpers(channels.map(({ port1 }) => port1))
const OURS = {
  boosting: () => trainBoost(train, { objective: 'binary' }, helpers).ensemble,
  forest: () => trainForest(train, { trees: 100, minLeaf: 20 }, helpers).ensemble,
}
const PEERS = { boosting: ['hgb', 'lightgbm'], forest: ['forest'] } as const

const dir = mkdtempSync(join(tmpdir(), 'sluice-peers-'))
try {
  writeFileSync(
    join(dir, 'x.f32'),
    Buffer.concat(all.table.columns.map(column => Buffer.from(column.buffer))),
  )
  writeFileSync(join(dir, 'y.f64'), Buffer.from(all.label.buffer))
  // Threads need this one's event loop to start; training blocks it.
  await pause(3000)
  console.log(
    JSON.stringify({
      cpu: cpus()[0]?.model,
      cores: cpus().length,
      load: loadavg()[0],
      node: process.version,
    }),
  )
  for (const kind of ['boosting', 'forest'] as const) {
    const own = ours(OURS[kind])
    console.log(
      JSON.stringify({ rows, columns: COLUMNS, model: `sluice ${kind}`, threads, ...own }),
    )
    for (const name of PEERS[kind]) {
      const peer = theirs(name)
      const ratio = Number((own.seconds / peer.seconds).toFixed(2))
      console.log(
        JSON.stringify({
          rows,
          columns: COLUMNS,
          ...peer,
          ratio,
          aucDifference: Number((own.auc - peer.auc).toFixed(4)),
        }),
      )
    }
  }
} finally {
  rmSync(dir, { recursive: true, force: true })
  for (const helper of workers) await helper.terminate()
}

/** The fastest of some runs: what a loaded machine adds is not the program's. */
function ours(run: () => ReturnType<(typeof OURS)['boosting']>): { seconds: number; auc: number } {
  let seconds = Number.POSITIVE_INFINITY
  let area = Number.NaN
  for (let k = 0; k < repeats; k++) {
    const from = performance.now()
    const ensemble = run()
    seconds = Math.min(seconds, (performance.now() - from) / 1000)
    area = auc(later.label, predictEnsemble(ensemble, later.table)[0]!)?.auc ?? Number.NaN
  }
  return { seconds: Number(seconds.toFixed(3)), auc: Number(area.toFixed(4)) }
}

function theirs(name: string): { model: string; version: string; seconds: number; auc: number } {
  const runs = Array.from({ length: repeats }, () => {
    const argv = [
      new URL('trees.py', import.meta.url).pathname,
      name,
      dir,
      String(rows),
      String(COLUMNS),
    ]
    const done = spawnSync(python, argv, { encoding: 'utf8', timeout: 110_000 })
    if (done.status !== 0) throw new Error(`${name}: ${done.stderr.trim().split('\n').at(-1)}`)
    return JSON.parse(done.stdout) as {
      model: string
      version: string
      seconds: number
      auc: number
    }
  })
  const fastest = runs.reduce((best, each) => (each.seconds < best.seconds ? each : best))
  return {
    ...fastest,
    seconds: Number(fastest.seconds.toFixed(3)),
    auc: Number(fastest.auc.toFixed(4)),
  }
}
