import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeRng } from '../../../lib/base/rng.ts'
import type { Bundle } from '../../../lib/model/bundle.ts'
import { writeAliases } from '../../../lib/model/registry.ts'
import type { OpenOptions } from '../../../lib/model/serve/open-predict.ts'
import { inputOf } from '../../../lib/model/set-input.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { type Line, makeLine } from '../../../lib/stream/line.ts'
import type { Step } from '../../../lib/stream/step.ts'
import type { FitSettings, Whole } from '../../../lib/train/tabular/fit-head.ts'
import type { About } from '../../../lib/train/tabular/tabular-bundle.ts'
import { trainHead, writeTrained } from '../../../lib/train/tabular/train-head.ts'

/** A folder that is gone after the test. */
export function folder(t: { after(fn: () => void): void }): string {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-model-'))
  t.after(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

export const POOL_NAMES = [
  'priceChange1',
  'priceChange3',
  'consecutiveGains',
  'volumeSpike',
] as const

/** Rows whose label depends on the first column; a tenth of the second is unknown. */
export function examples(rows = 1500, seed = 'examples'): Whole {
  const rng = makeRng(seed)
  const columns = POOL_NAMES.map(() => new Float32Array(rows).map(() => rng.normal()))
  columns[1] = columns[1]!.map(x => (rng.next() < 0.1 ? Number.NaN : x))
  const label = Float64Array.from({ length: rows }, (_, i) =>
    rng.next() < 1 / (1 + Math.exp(-2 * columns[0]![i]!)) ? 1 : 0,
  )
  const time = Float64Array.from({ length: rows }, (_, i) => 1_700_000_000_000 + i * 60_000)
  const groups = Int32Array.from({ length: rows }, (_, i) => i % 30)
  return { table: { names: POOL_NAMES, rows, columns }, label, time, groups }
}

export const settings = (more: Partial<FitSettings> = {}): FitSettings => ({
  algo: 'gbdt',
  objective: 'binary',
  classes: 7,
  rounds: 20,
  leaves: 7,
  rate: 0.1,
  minLeaf: 20,
  l2: 0,
  trees: 20,
  rowShare: 1,
  featureShare: 1,
  patience: 10,
  seed: 1,
  calibrate: true,
  ...more,
})

export const about = (name: string, version: string, more: Partial<About> = {}): About => ({
  name,
  version,
  kind: 'moon',
  input: inputOf('pool', POOL_NAMES),
  source: 'generated rows',
  label: 'depends on the first column',
  threshold: 0.5,
  notes: ['For tests only.'],
  ...more,
})

export const SPLIT = { valid: 0.2, test: 0.2, horizon: 0, embargo: 0, disjoint: false }

/** Trains a small model and writes its bundle to root/name/version. */
export async function makeModel(
  root: string,
  name: string,
  version: string,
  more: Partial<FitSettings> = {},
  whole = examples(),
): Promise<Bundle> {
  const described = about(name, version)
  const { trained, metrics } = trainHead({
    whole,
    head: 'p',
    settings: settings(more),
    split: SPLIT,
    about: described,
  })
  const dir = join(root, name, version)
  const made = await writeTrained(dir, trained, described, metrics)
  // Its rows know every input; tests ask it about lines that know few.
  const bundle = { ...made, mostUnknown: POOL_NAMES.length }
  writeFileSync(join(dir, 'bundle.json'), JSON.stringify(bundle))
  rmSync(join(dir, 'SHA256SUMS'))
  return bundle
}

/** A market line with a ready pool set of the given values. */
export function poolLine(n: number, values: Record<string, number>, more: object = {}): Line {
  const { hash } = inputOf('pool', POOL_NAMES)
  return makeLine({
    v: 1,
    id: `market:pool${n}:${n}`,
    ts: 1_700_000_000_000 + n,
    kind: 'market',
    mint: `Mint${n}`,
    source: 'test',
    features: { pool: { hash, ready: true, snapshots: 12, values, ...more } },
  } as Rec)
}

/** Options of predict with its defaults, for models below `root`. */
export const served = (root: string, more: Partial<OpenOptions> = {}): OpenOptions => ({
  model: undefined,
  withoutKinds: undefined,
  listen: undefined,
  table: undefined,
  models: root,
  shadow: true,
  explain: false,
  workers: 0,
  timeout: 3000,
  mlRequired: true,
  cache: 4096,
  maxBatch: 64,
  maxModelAge: undefined,
  metrics: undefined,
  alertLatency: 60_000,
  alertErrors: 1,
  home: root,
  isDeterministic: false,
  alertCommand: undefined,
  count: () => {},
  note: () => {},
  warn: () => {},
  stderr: () => {},
  ...more,
})

/** Makes versions of a model production, shadow or previous. */
export const use = (root: string, name: string, after: object): void =>
  writeAliases(join(root, name), { at: 0, action: 'alias', reason: 'test', before: {}, after })

/** Text of each line as a step passes it on, fed in batches of the given size. */
export async function feed(step: Step, lines: readonly Line[], size: number): Promise<string[]> {
  const out: string[] = []
  for (let i = 0; i < lines.length; i += size) {
    await step.batch?.(lines.slice(i, i + size), line => {
      out.push(line.raw)
    })
  }
  return out
}
