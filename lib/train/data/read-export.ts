import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { show, UsageError } from '../../base/errors.ts'
import { checkHashes, readManifest } from '../../export/manifest.ts'
import { hashOfIds } from '../../features/kit/feature-set.ts'
import { range } from '../../maths/sample.ts'
import { isHash, type Kind } from '../../model/bundle.ts'
import { SET_OF } from '../../model/heads.ts'
import { numericColumns, type Rows, readTable } from '../../table/read-table.ts'
import type { TrainFlags } from '../train-flags.ts'
import type { Split } from './splits.ts'

/** Rows to train on with the names of their features. */
export interface Examples {
  features: readonly string[]
  rows: Rows
  /** The split of the export; undefined for a plain table. */
  made: Split | undefined
  /** Hash of the set, as the rows of an export carried it. */
  hash?: string | undefined
  /** What its features are, where the set with that hash was declared at the export. */
  declared?: readonly string[] | undefined
  /** The horizon of its labels, where all have one, and the hash of what they mean. */
  horizon?: string | undefined
  labelHash?: string | undefined
}

type Wanted = Pick<TrainFlags, 'features' | 'label' | 'time' | 'group' | 'weight' | 'set'> & {
  kind: Kind
}

const PARTS = ['train', 'valid', 'test'] as const

/** Whether a path is a folder that train-export wrote. */
export const isExport = (path: string): boolean => existsSync(join(path, 'manifest.json'))

/**
 * Reads train.parquet, valid.parquet and test.parquet of an export. Its columns are `set.feature`;
 * the features keep their bare names, time and token default to its columns ts and mint. Throws
 * UsageError when it holds nothing of the set, DataError when a file is not the exported one.
 */
export async function readExport(dir: string, wanted: Wanted): Promise<Examples> {
  checkHashes(dir)
  const set = wanted.set ?? SET_OF[wanted.kind]
  const first = join(dir, 'train.parquet')
  const held = (await numericColumns(first))
    .filter(name => name.startsWith(`${set}.`))
    .map(name => name.slice(set.length + 1))
  const features = wanted.features ?? held
  if (features.length === 0)
    throw new UsageError(`${dir} holds no features of set ${set}; name another with --set`)
  const columns = {
    ...wanted,
    features: features.map(name => `${set}.${name}`),
    time: wanted.time ?? 'ts',
    group: wanted.group ?? 'mint',
  }
  const parts: Rows[] = []
  for (const part of PARTS) parts.push(await readTable(join(dir, `${part}.parquet`), columns))
  const starts = parts.map((_, k) =>
    parts.slice(0, k).reduce((sum, { table }) => sum + table.rows, 0),
  )
  const [train, valid, test] = parts.map(({ table }, k) =>
    range(table.rows).map(i => i + starts[k]!),
  )
  const made = { train, valid, test } as Split
  const hash = hashOf(dir, set)
  const { definitions, horizons, labelHashes } = readManifest(dir)
  const listed = definitions?.[set]
  const horizon = horizons?.length === 1 ? horizons[0] : undefined
  const labelHash = horizon === undefined ? undefined : labelHashes?.[horizon]
  const declared = listed !== undefined && hashOfIds(listed) === hash ? listed : undefined
  return { features, rows: join3(parts, features), made, hash, declared, horizon, labelHash }
}

/** The hash that the rows carried; a model could not be served by one that is none. */
function hashOf(dir: string, set: string): string | undefined {
  const hash = readManifest(dir).sets?.[set]
  if (hash !== undefined && !isHash(hash))
    throw new UsageError(
      `${dir}: features.${set}.hash is ${show(hash)}, expected 12 to 64 hex digits`,
    )
  return hash
}

/** One table of the three, in their order. */
function join3(parts: readonly Rows[], names: readonly string[]): Rows {
  const numbers = (of: (rows: Rows) => Float64Array): Float64Array =>
    Float64Array.from(parts.flatMap(part => [...of(part)]))
  const columns = names.map((_, f) =>
    Float32Array.from(parts.flatMap(({ table }) => [...table.columns[f]!])),
  )
  return {
    table: { names, rows: columns[0]?.length ?? 0, columns },
    label: numbers(part => part.label),
    words: parts.flatMap(part => [...part.words]),
    time: numbers(part => part.time),
    isTimed: true,
    until: undefined,
    groups: parts.flatMap(part => [...(part.groups ?? [])]),
    weight: parts[0]?.weight === undefined ? undefined : numbers(part => part.weight!),
    remarks: parts.flatMap(part => part.remarks),
  }
}
