import { DataError, show } from '../base/errors.ts'
import type { FeatureSet, Tensor } from '../records/features.ts'
import type { Rec } from '../records/record.ts'

/** Columns of every export and their DuckDB types, before the features. */
export const LABEL_COLUMNS: readonly (readonly [string, string])[] = [
  ['horizon', 'VARCHAR'],
  ['availableAt', 'BIGINT'],
  ['censored', 'BOOLEAN'],
  ['reason', 'VARCHAR'],
  ['quiet', 'VARCHAR'],
  ['basePriceSol', 'DOUBLE'],
  ['return', 'DOUBLE'],
  ['peak', 'DOUBLE'],
  ['trough', 'DOUBLE'],
  ['peakAt', 'BIGINT'],
  ['troughAt', 'BIGINT'],
  ['coverage', 'DOUBLE'],
  ['profitable', 'BOOLEAN'],
  ['maxProfit', 'DOUBLE'],
  ['rug', 'BOOLEAN'],
  ['outcome', 'VARCHAR'],
  ['whaleTrades', 'BIGINT'],
  ['futureMaxGain', 'DOUBLE'],
  ['willMoon', 'BOOLEAN'],
  ['willRug', 'BOOLEAN'],
  ['success', 'BOOLEAN'],
]
/** What a feature must not know. */
export const TARGETS = [
  ...[
    'return',
    'peak',
    'trough',
    'profitable',
    'maxProfit',
    'rug',
    'futureMaxGain',
    'willMoon',
    'willRug',
    'success',
  ],
  ...['whaleTrades', 'peakAt', 'troughAt'],
]
export const HEAD_COLUMNS: readonly (readonly [string, string])[] = [
  ['id', 'VARCHAR'],
  ['mint', 'VARCHAR'],
  ['ts', 'BIGINT'],
]

interface Flattener {
  /** The row of a labelled line; undefined when no set is ready or nothing is labelled. */
  row(rec: Rec): Record<string, unknown> | undefined
  /** Feature columns seen so far with their types, by set and then by name. */
  columns(): [name: string, sql: string][]
  /** Hash of each set seen. */
  hashes(): Record<string, string>
  /** Hash of what the labels of each horizon mean, where they say it. */
  labelHashes(): Record<string, string>
  /** Rows whose token went quiet, by what it counts as. */
  quiet(): Record<string, number>
  /** Rows whose labels do not say what they mean: they were made before labels did. */
  unhashed(): number
}

/**
 * Turns labelled lines into flat rows: `<set>.<feature>` for values, context and indicators of each
 * ready set, with tensors as lists when wanted. Throws a DataError when a set comes with two
 * hashes, or the labels of a horizon do: a column would mean two things.
 */
export function makeFlattener(hasTensors: boolean): Flattener {
  const columns = new Map<string, string>()
  const hashes = new Map<string, string>()
  const meanings = new Map<string, string>()
  const quiet: Record<string, number> = {}
  let unhashed = 0
  return {
    row({ id, mint, ts, label, features }) {
      const ready = Object.entries(features ?? {}).filter(([, set]) => set.ready)
      if (label === undefined || ready.length === 0) return undefined
      if (label.quiet !== undefined) quiet[label.quiet] = (quiet[label.quiet] ?? 0) + 1
      if (label.hash === undefined) unhashed++
      else checkHash(meanings, label.horizon, label.hash, 'label.hash')
      const row: Record<string, unknown> = { id, ts, mint: mint ?? '' }
      for (const [name] of LABEL_COLUMNS)
        if (label[name as 'horizon'] !== undefined) row[name] = label[name as 'horizon']
      for (const [name, set] of ready) {
        checkHash(hashes, name, set.hash, `features.${name}.hash`)
        for (const [feature, value] of numbersOf(set))
          put(row, columns, `${name}.${feature}`, value, 'DOUBLE')
        if (hasTensors) addTensors(row, columns, name, set)
      }
      return row
    },
    columns: () => [...columns].sort(([a], [b]) => (a < b ? -1 : 1)),
    hashes: () => sorted(hashes),
    labelHashes: () => sorted(meanings),
    quiet: () => quiet,
    unhashed: () => unhashed,
  }
}

const sorted = (hashes: ReadonlyMap<string, string>): Record<string, string> =>
  Object.fromEntries([...hashes].sort(([a], [b]) => (a < b ? -1 : 1)))

const numbersOf = (set: FeatureSet): [string, number][] => [
  ...Object.entries(set.context ?? {}),
  ...Object.entries(set.indicators ?? {}),
  ...Object.entries(set.values ?? {}),
]

function put(
  row: Record<string, unknown>,
  columns: Map<string, string>,
  name: string,
  value: unknown,
  sql: string,
): void {
  columns.set(name, sql)
  row[name] = value
}

function checkHash(hashes: Map<string, string>, name: string, hash: string, field: string): void {
  const known = hashes.get(name) ?? hash
  if (known !== hash)
    throw new DataError(`two versions in one export: ${show(known)} and ${show(hash)}`, { field })
  hashes.set(name, hash)
}

function addTensors(
  row: Record<string, unknown>,
  columns: Map<string, string>,
  name: string,
  set: FeatureSet,
): void {
  for (const key of ['candles', 'window'] as const) {
    const tensor = set[key]
    if (tensor !== undefined) put(row, columns, `${name}.${key}`, floatsOf(tensor), 'FLOAT[]')
  }
}

/** Values of a tensor, oldest row first; unknown ones null. */
function floatsOf({ data }: Tensor): (number | null)[] {
  const bytes = Buffer.from(data, 'base64')
  const floats: (number | null)[] = []
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const value = bytes.readFloatLE(at)
    floats.push(Number.isFinite(value) ? value : null)
  }
  return floats
}
