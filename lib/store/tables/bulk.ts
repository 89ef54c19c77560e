import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Duck } from '../duck/duck.ts'
import { quote, quoteList } from '../duck/sql.ts'
import type { Fresh } from './offsets.ts'
import { featuresView, selectFeatures } from './views.ts'

/** More files of one journal and day than this are merged. */
const MANY = 24

const folder = (home: string): string => resolve(home, 'bulk', 'features')
/** Path of a feature file, as the view `features` names it. */
export const featureFile = (home: string, file: string): string => join(folder(home), file)

/**
 * Writes the features of `raw` to a Parquet file and notes it in the database that is being made.
 */
export async function addFeatureFile(
  duck: Duck,
  home: string,
  fresh: Fresh,
  from: number,
  to: number,
): Promise<void> {
  const { journal, date } = fresh
  const [counted] = await duck.rows(
    'SELECT count(*) AS n FROM raw WHERE features IS NOT NULL AND label IS NULL',
  )
  if (counted?.n === 0) return
  const file = `${journal}.${date}.${from}-${to}.parquet`
  await copyTo(duck, selectFeatures(journal), join(folder(home), file))
  await note(duck, home, file, journal, date)
}

async function copyTo(duck: Duck, select: string, path: string): Promise<void> {
  mkdirSync(join(path, '..'), { recursive: true })
  await duck.run(`COPY (${select}) TO ${quote(`${path}.part`)} (FORMAT parquet, COMPRESSION zstd)`)
  renameSync(`${path}.part`, path)
}

const note = (
  duck: Duck,
  home: string,
  file: string,
  journal: string,
  date: string,
): Promise<void> =>
  duck.run(`INSERT INTO bulk_files SELECT ${quote(file)}, ${quote(journal)}, ${quote(date)},
    count(*)
    FROM read_parquet(${quote(join(folder(home), file))})`)

/**
 * Removes files that the published database does not name: leftovers of a killed sync, or merged
 * the time before.
 */
export async function cleanFeatureFiles(duck: Duck, home: string): Promise<void> {
  mkdirSync(folder(home), { recursive: true })
  const known = new Set((await duck.rows('SELECT file FROM bulk_files')).map(row => row.file))
  for (const file of readdirSync(folder(home))) {
    if (!known.has(file)) rmSync(join(folder(home), file))
  }
}

/**
 * Merges the many small files of a day into one and points the view `features` at what there is.
 */
export async function mergeFeatureFiles(duck: Duck, home: string): Promise<void> {
  const groups =
    await duck.rows(`SELECT journal, date, list(file ORDER BY rowid) AS files FROM bulk_files
    GROUP BY journal, date HAVING count(*) > ${MANY}`)
  for (const { journal, date, files } of groups as {
    journal: string
    date: string
    files: string[]
  }[]) {
    const last = /-(\d+)\.parquet$/.exec(files.at(-1) ?? '')?.[1] ?? '0'
    const merged = `${journal}.${date}.0-${last}.parquet`
    const paths = files.map(file => join(folder(home), file))
    await copyTo(
      duck,
      `SELECT * FROM read_parquet(${quoteList(paths)})`,
      join(folder(home), merged),
    )
    await duck.run(
      `DELETE FROM bulk_files WHERE journal = ${quote(journal)} AND date = ${quote(date)}`,
    )
    await note(duck, home, merged, journal, date)
  }
  const all = await duck.rows('SELECT file FROM bulk_files ORDER BY date, file')
  await duck.run(featuresView(all.map(row => row.file as string)))
}
