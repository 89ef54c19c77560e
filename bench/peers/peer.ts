import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bundle } from '../../lib/model/bundle.ts'
import { reportBinary } from '../../lib/train/evaluate/evaluation.ts'
import { makeParts, withRelativePrices } from '../../lib/train/tabular/fit-head.ts'
import type { TrainOptions } from '../../lib/train/tabular/train-head.ts'

/** What scikit-learn and LightGBM are called in cards. */
const PEERS = {
  hgb: 'scikit-learn VERSION HistGradientBoosting',
  forest: 'scikit-learn VERSION RandomForest',
  lightgbm: 'LightGBM VERSION',
}

/** Most rows that the peer's forest is tried on. */
const FOREST_ROWS = 20_000

/**
 * What the peers reach on the test rows of a training, each trained on all rows before them
 * (training, stopping and calibration) with the settings of trees.py; measured as ours are. Throws
 * when one of them does not run.
 */
export function peersOf(options: TrainOptions): NonNullable<Bundle['peers']> {
  const { train, stop, calibration, test } = withRelativePrices(
    makeParts(options.whole, options.split),
    options.prices,
  )
  const parts = [train, stop, calibration, test]
  const dir = mkdtempSync(join(tmpdir(), 'sluice-peers-'))
  try {
    const columns = train.table.names.flatMap((_, f) => parts.map(part => part.table.columns[f]!))
    writeFileSync(join(dir, 'x.f32'), Buffer.concat(columns.map(bytesOf)))
    writeFileSync(join(dir, 'y.f64'), Buffer.concat(parts.map(part => bytesOf(part.label))))
    const before = train.rows.length + stop.rows.length + calibration.rows.length
    const groups = test.rows.map(i => options.whole.groups![i]!)
    return Object.entries(PEERS).flatMap(([peer, title]) => {
      // Minutes on so many rows, and no peer of boosting.
      if (peer === 'forest' && before > FOREST_ROWS) return []
      const { version, p } = run(peer, dir, before, train.table.names.length)
      const found = reportBinary(
        test.label,
        p,
        options.whole.groups === undefined ? {} : { groups },
      )
      return found
        .filter(({ name }) => ['auc', 'aucByGroup', 'brier', 'logLoss'].includes(name))
        .map(({ name, ...figures }) => ({
          name: title.replace('VERSION', version),
          metric: name,
          ...figures,
        }))
    })
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

const bytesOf = (values: Float32Array | Float64Array): Buffer =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength)

function run(
  peer: string,
  dir: string,
  rows: number,
  width: number,
): { version: string; p: Float64Array } {
  const path = (name: string): string => new URL(name, import.meta.url).pathname
  const argv = [path('trees.py'), peer, dir, String(rows), String(width)]
  const done = spawnSync(path('venv/bin/python'), argv, { encoding: 'utf8', timeout: 300_000 })
  if (done.status !== 0)
    throw new Error(`${peer}: ${done.error ?? done.stderr.trim().split('\n').at(-1)}`)
  const { version } = JSON.parse(done.stdout) as { version: string }
  const bytes = readFileSync(join(dir, 'p.f64'))
  return {
    version,
    p: new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)),
  }
}
