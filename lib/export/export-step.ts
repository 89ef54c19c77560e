import { createHash } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../base/atomic-write.ts'
import { DataError, UsageError } from '../base/errors.ts'
import { type FeatureSetDefinition, idOf } from '../features/kit/feature-set.ts'
import { SETS } from '../features/sets.ts'
import type { Rec } from '../records/record.ts'
import { type Duck, openDuck } from '../store/duck/duck.ts'
import { mebibytes } from '../store/duck/memory-flag.ts'
import { ident, quote } from '../store/duck/sql.ts'
import type { Step } from '../stream/step.ts'
import type { ExportFlags } from './export-flags.ts'
import { HEAD_COLUMNS, LABEL_COLUMNS, makeFlattener } from './flatten.ts'
import { findLeaks } from './leaks.ts'
import { checkHashes, readManifest, sha256 } from './manifest.ts'
import { SPLITS, type SplitReport, splitRows, writeSplit } from './split-rows.ts'

export interface ExportOptions extends Omit<ExportFlags, 'check' | 'horizons'> {
  out: string
  horizons?: ExportFlags['horizons']
  /** Sets that are declared: those of this program and of plugins. */
  declared?: readonly FeatureSetDefinition[]
  count(what: string, by?: number): void
}

/**
 * The step `train-export`: swallows labelled lines and writes DIR/{train,valid,test}.parquet and
 * manifest.json at the end of input. DIR appears, or is replaced, only when the leak check has
 * passed; a failed export leaves what was there.
 */
export function makeExport(options: ExportOptions): Step {
  const { out, count } = options
  if (existsSync(out) && !existsSync(join(out, 'manifest.json'))) {
    throw new UsageError(`${out} exists and is not an export; remove it or choose another --out`)
  }
  const work = `${out}.part`
  rmSync(work, { recursive: true, force: true })
  mkdirSync(work, { recursive: true })
  const flattener = makeFlattener(options.tensors)
  const file = makeLineFile(join(work, 'rows.ndjson'))
  return {
    line({ rec }) {
      if (!isWanted(rec, options.horizons)) return
      const row = flattener.row(rec)
      if (row === undefined) count('not-ready')
      else file.write(JSON.stringify(row))
    },
    async end() {
      file.close()
      const memory = mebibytes(options.memory)
      const duck = await openDuck(join(work, 'rows.duckdb'), { memory, threads: 1 })
      try {
        await load(duck, work, flattener.columns())
        const report = await splitRows(duck, options)
        await writeAll(duck, work, options, report, {
          columns: flattener.columns(),
          hashes: flattener.hashes(),
          labelHashes: flattener.labelHashes(),
          quiet: flattener.quiet(),
        })
        for (const [way, rows] of Object.entries(flattener.quiet()))
          count(`went quiet: ${way}`, rows)
        const old = flattener.unhashed()
        if (old > 0) count('labels that do not say what they mean', old)
        for (const split of SPLITS) count(split, report.rows[split])
      } finally {
        duck.close()
      }
      put(work, out)
    },
    close() {
      file.close()
      rmSync(work, { recursive: true, force: true })
    },
  }
}

/** A row whose horizon the input ended in is not labelled: its future was cut off. */
function isWanted({ label }: Rec, horizons: readonly string[] | undefined): boolean {
  if (label === undefined || label.reason === 'input-ended') return false
  return horizons === undefined || horizons.includes(label.horizon as string)
}

function makeLineFile(path: string) {
  const fd = openSync(path, 'w')
  let text = ''
  let isOpen = true
  const flush = (): void => {
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
    text = ''
  }
  return {
    write(line: string) {
      text += `${line}\n`
      if (text.length > 1 << 20) flush()
    },
    close() {
      if (!isOpen) return
      isOpen = false
      flush()
      closeSync(fd)
    },
  }
}

async function load(
  duck: Duck,
  work: string,
  features: readonly (readonly [string, string])[],
): Promise<void> {
  const columns = [...HEAD_COLUMNS, ...LABEL_COLUMNS, ...features]
  const list = columns.map(([name, sql]) => `${quote(name)}: ${quote(sql)}`).join(', ')
  const names = columns.map(([name]) => ident(name)).join(', ')
  await duck.run(`CREATE TABLE rows AS SELECT ${names}
    FROM read_json(${quote(join(work, 'rows.ndjson'))},
    format = 'newline_delimited', maximum_object_size = 16777216, columns = {${list}})`)
}

interface Flat {
  columns: [string, string][]
  hashes: Record<string, string>
  labelHashes: Record<string, string>
  quiet: Record<string, number>
}

async function writeAll(
  duck: Duck,
  work: string,
  options: ExportOptions,
  report: SplitReport,
  flat: Flat,
): Promise<void> {
  for (const split of SPLITS) await writeSplit(duck, split, join(work, `${split}.parquet`))
  const trusted = options.trust ?? []
  const { embargo: embargoMs, mintDisjoint } = options
  const { leaks, untold } = await findLeaks(duck, work, { embargoMs, mintDisjoint, trusted })
  if (untold.length > 0) options.count('labels too few to look for leaks', untold.length)
  if (leaks.length > 0) throw new DataError(`nothing exported: ${leaks.slice(0, 5).join('; ')}`)
  const files: Record<string, string> = {}
  for (const split of SPLITS) files[split] = sha256(join(work, `${split}.parquet`))
  const { validFrom, testFrom, rows, dropped } = report
  const { train: trainShare, valid: validShare } = options
  const manifest = {
    version: 1,
    dataHash: createHash('sha256').update(Object.values(files).join('\n')).digest('hex'),
    files,
    rows,
    dropped,
    horizons: await horizonsOf(duck),
    split: { trainShare, validShare, embargoMs, mintDisjoint, validFrom, testFrom },
    ...(trusted.length > 0 && { trusted }),
    ...(untold.length > 0 && { tooFewToTell: untold }),
    window: await windows(duck),
    baseRates: await baseRates(duck),
    sets: flat.hashes,
    features: flat.columns.map(([name]) => name),
    definitions: definitionsOf(flat, options.declared ?? Object.values(SETS)),
    labels: LABEL_COLUMNS.map(([name]) => name),
    labelHashes: flat.labelHashes,
    quiet: flat.quiet,
  }
  replaceFile(join(work, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`)
}

/** What the features of each set are, as far as the set that its rows carried is declared. */
function definitionsOf(
  { hashes }: Flat,
  declared: readonly FeatureSetDefinition[],
): Record<string, string[]> {
  const known = declared.filter(({ name, hash }) => hashes[name] === hash)
  return Object.fromEntries(known.map(({ name, features }) => [name, features.map(idOf)]))
}

const horizonsOf = async (duck: Duck): Promise<unknown> =>
  (await duck.rows(`SELECT DISTINCT horizon FROM split_rows ORDER BY 1`)).map(row => row.horizon)

const windows = async (duck: Duck): Promise<unknown> =>
  Object.fromEntries(
    (
      await duck.rows(`SELECT split, min(ts) AS from_at, max(ts) AS until_at,
        max("availableAt") AS known_at,
        count(DISTINCT mint) AS mints FROM split_rows WHERE fate = 'kept' GROUP BY split`)
    ).map(row => [
      row.split,
      { fromAt: row.from_at, untilAt: row.until_at, knownAt: row.known_at, mints: row.mints },
    ]),
  )

/** Share of true per yes/no label, horizon and split, and over how many rows. */
const baseRates = (duck: Duck): Promise<unknown> =>
  duck.rows(`SELECT split, horizon, count(*) AS rows, avg(profitable::INT) AS profitable,
    avg(rug::INT) AS rug, avg("willMoon"::INT) AS "willMoon", avg("willRug"::INT) AS "willRug",
    avg(success::INT) AS success
    FROM split_rows WHERE fate = 'kept' GROUP BY ALL ORDER BY ALL`)

/** Puts the finished folder in place of the one before. */
function put(work: string, out: string): void {
  for (const file of ['rows.ndjson', 'rows.duckdb', 'rows.duckdb.wal'])
    rmSync(join(work, file), { force: true })
  const old = `${out}.old`
  rmSync(old, { recursive: true, force: true })
  if (existsSync(out)) renameSync(out, old)
  renameSync(work, out)
  rmSync(old, { recursive: true, force: true })
}

/** The leak check on an export that is there. Throws a DataError with what it found. */
export function makeCheck(dir: string, count: ExportOptions['count']): Step {
  if (!existsSync(join(dir, 'manifest.json')))
    throw new UsageError(`${dir} is not an export: no manifest.json`)
  return {
    line() {},
    async end() {
      const { split, trusted = [] } = readManifest(dir)
      if (split === undefined)
        throw new DataError(`${dir}/manifest.json does not say how it was split: export again`)
      const duck = await openDuck(':memory:', { threads: 1 })
      try {
        const { leaks, untold } = await findLeaks(duck, dir, { ...split, trusted })
        if (untold.length > 0) count('labels too few to look for leaks', untold.length)
        count('leaks', leaks.length)
        if (leaks.length > 0) throw new DataError(leaks.slice(0, 5).join('; '))
        checkHashes(dir)
      } finally {
        duck.close()
      }
    },
  }
}
