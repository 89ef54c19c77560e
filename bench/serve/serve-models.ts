import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { makeRng } from '../../lib/base/rng.ts'
import { SETS } from '../../lib/features/sets.ts'
import type { Bundle } from '../../lib/model/bundle.ts'
import { writeBundle } from '../../lib/model/files.ts'
import { writeAliases } from '../../lib/model/registry.ts'
import { inputOf } from '../../lib/model/set-input.ts'
import type { Rec } from '../../lib/records/record.ts'
import { type Line, makeLine } from '../../lib/stream/line.ts'
import { trainSequence } from '../../lib/train/networks/train-sequence.ts'
import type { FitSettings } from '../../lib/train/tabular/fit-head.ts'
import type { About } from '../../lib/train/tabular/tabular-bundle.ts'
import { trainHead, writeTrained } from '../../lib/train/tabular/train-head.ts'

/**
 * Models of the sizes that are served, made from generated rows: what they say is worth nothing,
 * what they cost is real.
 */
export const POOL = SETS.pool.features.map(({ name }) => name)
const STEPS = 100
const NOTE = 'Made from generated rows to measure speed.'
const TREES = {
  algo: 'gbdt',
  objective: 'binary',
  classes: 7,
  rounds: 100,
  leaves: 31,
  rate: 0.1,
  minLeaf: 20,
  l2: 0,
  trees: 100,
  rowShare: 1,
  featureShare: 1,
  patience: 100,
  seed: 1,
  calibrate: true,
} as const satisfies FitSettings
const SPLIT = { valid: 0.2, test: 0.2, horizon: 0, embargo: 0, disjoint: false }

/**
 * Two versions of a 100 × 31 tree model, a forest and a logistic one on the pool set, and the
 * sequence network.
 */
export async function benchModels(root: string): Promise<void> {
  if (existsSync(join(root, 'net'))) return
  trees(root, 'gbdt', '1', TREES)
  trees(root, 'gbdt', '2', { ...TREES, rate: 0.08 })
  trees(root, 'forest', '1', { ...TREES, algo: 'forest' })
  trees(root, 'logistic', '1', { ...TREES, algo: 'logistic' })
  await network(root)
  for (const name of ['gbdt', 'forest', 'logistic', 'net']) promote(root, name, '1')
}

export const promote = (root: string, name: string, production: string): void =>
  writeAliases(join(root, name), {
    at: 0,
    action: 'promote',
    reason: 'bench',
    before: {},
    after: { production },
  })

function trees(root: string, name: string, version: string, settings: FitSettings): void {
  const rng = makeRng('trees')
  const rows = 6000
  const columns = POOL.map(() => new Float32Array(rows).map(() => rng.normal()))
  const signal = (i: number): number =>
    columns.slice(0, 6).reduce((sum, c, f) => sum + Math.sin((f + 1) * (c[i] ?? 0)), 0)
  const label = Float64Array.from({ length: rows }, (_, i) =>
    rng.next() < 1 / (1 + Math.exp(-signal(i))) ? 1 : 0,
  )
  const time = Float64Array.from({ length: rows }, (_, i) => 1_700_000_000_000 + i * 60_000)
  const whole = { table: { names: POOL, rows, columns }, label, time }
  const about: About = {
    name,
    version,
    kind: 'moon',
    input: inputOf('pool', POOL),
    source: 'generated',
    label: 'generated',
    threshold: 0.5,
    notes: [NOTE],
  }
  const { trained, metrics } = trainHead({ whole, head: 'p', settings, split: SPLIT, about })
  void writeTrained(join(root, name, version), trained, about, metrics)
}

/** Candles, oldest first, of a random walk. */
function walk(seed: string): Float32Array {
  const rng = makeRng(seed)
  const out = new Float32Array(STEPS * 5)
  let close = 1e-6
  for (let t = 0; t < STEPS; t++) {
    const open = close
    close *= Math.exp(0.02 * rng.normal())
    out.set(
      [open, Math.max(open, close) * 1.01, Math.min(open, close) * 0.99, close, 100 * rng.next()],
      t * 5,
    )
  }
  return out
}

async function network(root: string): Promise<void> {
  const n = 64
  const candles = new Float32Array(n * STEPS * 5)
  for (let i = 0; i < n; i++) candles.set(walk(`row ${i}`), i * STEPS * 5)
  const rng = makeRng('labels')
  const rows = {
    candles,
    context: new Float32Array(n * 5).map(() => 1000 * rng.next()),
    indicators: new Float32Array(0),
    labels: new Float32Array(n * 3).map((_, k) =>
      k % 3 === 1 ? 0.1 * rng.next() : Number(rng.next() < 0.5),
    ),
    ts: Float64Array.from({ length: n }, (_, i) => i * 60_000),
  }
  const hooks = {
    now: () => 0,
    stopped: () => false,
    onStep: () => {},
    onEpoch: () => {},
    save: async () => {},
  }
  const model = await trainSequence(rows, { epochs: 1, threads: 1, batch: 16 }, { hooks })
  if (model === undefined) throw new Error('training was stopped')
  const sha256 = createHash('sha256').update(model.onnx).digest('hex')
  const { hash } = SETS.sequence
  const context = ['liquidity', 'marketCap', 'holders', 'ageHours', 'volume24h']
  const bundle: Bundle = {
    format: 1,
    name: 'net',
    version: '1',
    kind: 'sequence',
    model: { file: 'model.onnx', sha256, bytes: model.onnx.length, minBatch: 2 },
    inputs: [
      { name: 'candles', set: 'sequence', hash, tensor: 'candles', shape: [STEPS, 5] },
      { ...inputOf('sequence', context), name: 'context' },
    ],
    heads: model.heads.map(({ name }) => ({ name, output: name })),
    algorithm: { name: 'network', settings: { parameters: model.parameters } },
    seed: 1,
    data: { source: 'generated', hash: sha256, label: 'generated', parts: {} },
    metrics: [],
    parity: { inputs: [], outputs: {} },
    notes: [NOTE],
  }
  writeBundle(join(root, 'net', '1'), bundle, model.onnx, NOTE)
}

/** Lines that carry the set of a model of that name. */
export function benchLines(model: string, count: number): Line[] {
  const rng = makeRng(`lines ${model}`)
  return Array.from({ length: count }, (_, i) => {
    const envelope = {
      v: 1,
      id: `x:${i}`,
      ts: 1_763_685_000_000 + i,
      mint: `Mint${i}`,
      source: 'bench',
    } as const
    if (model !== 'net') {
      const values = Object.fromEntries(POOL.map(name => [name, rng.normal()]))
      const pool = { hash: SETS.pool.hash, ready: true, values }
      return makeLine({ ...envelope, kind: 'market', features: { pool } } as Rec)
    }
    const data = Buffer.from(walk(`line ${i}`).buffer).toString('base64')
    const context = {
      liquidity: 1e4,
      marketCap: 1e5,
      holders: 100 + (i % 50),
      ageHours: 3,
      volume24h: 1e4,
    }
    const sequence = {
      hash: SETS.sequence.hash,
      ready: true,
      bars: 100,
      candles: { shape: [STEPS, 5], data },
      context,
    }
    return makeLine({ ...envelope, kind: 'candle', features: { sequence } } as Rec)
  })
}
