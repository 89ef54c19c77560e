import { DataError } from '../base/errors.ts'
import type { Duck } from '../store/duck/duck.ts'
import { quote } from '../store/duck/sql.ts'
import type { ExportFlags } from './export-flags.ts'

export const SPLITS = ['train', 'valid', 'test'] as const
type Split = (typeof SPLITS)[number]

type SplitOptions = Pick<ExportFlags, 'train' | 'valid' | 'embargo' | 'mintDisjoint'>

export interface SplitReport {
  /** First ts of valid and of test. */
  validFrom: number
  testFrom: number
  rows: Record<Split, number>
  dropped: { purged: number; mint: number }
}

/**
 * Divides the table `rows` by time into a table `split_rows` with a column `split`. Equal
 * timestamps stay together. Purge: a row is left out when its label was not known `embargo`
 * before the next split begins. A mint belongs to the split of its first row; its later rows are
 * left out. Throws a DataError when a split is left empty.
 */
export async function splitRows(duck: Duck, options: SplitOptions): Promise<SplitReport> {
  const { train, valid, embargo, mintDisjoint } = options
  const [cuts] = await duck.rows(`SELECT quantile_disc(ts, ${train}) AS valid_from,
    quantile_disc(ts, ${train + valid}) AS test_from FROM rows`)
  const { valid_from: validFrom, test_from: testFrom } = cuts as {
    valid_from?: number
    test_from?: number
  }
  if (validFrom === undefined || testFrom === undefined)
    throw new DataError('no labelled rows with ready features')
  await duck.run(`CREATE TABLE split_rows AS WITH
    sided AS (SELECT *, CASE WHEN ts < ${validFrom} THEN 'train'
      WHEN ts < ${testFrom} THEN 'valid' ELSE 'test' END AS side
      FROM rows),
    firsts AS (SELECT mint AS m, arg_min(side, ts) AS first_side FROM sided GROUP BY mint)
    SELECT * EXCLUDE (side, m, first_side), side AS split, CASE
      WHEN ${mintDisjoint} AND mint <> '' AND side <> first_side THEN 'mint'
      WHEN side = 'train' AND "availableAt" + ${embargo} > ${validFrom} THEN 'purged'
      WHEN side = 'valid' AND "availableAt" + ${embargo} > ${testFrom} THEN 'purged'
      ELSE 'kept' END AS fate
    FROM sided JOIN firsts ON mint = m`)
  return report(duck, validFrom, testFrom, mintDisjoint)
}

async function report(
  duck: Duck,
  validFrom: number,
  testFrom: number,
  mintDisjoint: boolean,
): Promise<SplitReport> {
  const counts = (await duck.rows(
    'SELECT split, fate, count(*) AS n FROM split_rows GROUP BY ALL',
  )) as {
    split: Split
    fate: string
    n: number
  }[]
  const count = (is: (row: { split: Split; fate: string }) => boolean): number =>
    counts.filter(is).reduce((sum, { n }) => sum + n, 0)
  const rows = Object.fromEntries(
    SPLITS.map(split => [split, count(row => row.split === split && row.fate === 'kept')]),
  ) as Record<Split, number>
  const empty = SPLITS.filter(split => rows[split] === 0)
  if (empty.length > 0) {
    const remedy = mintDisjoint ? '; with few, long-lived mints use --no-mint-disjoint' : ''
    throw new DataError(
      `no rows left for ${empty.join(' and ')} after purge, embargo and mints${remedy}`,
    )
  }
  const dropped = {
    purged: count(row => row.fate === 'purged'),
    mint: count(row => row.fate === 'mint'),
  }
  return { validFrom, testFrom, rows, dropped }
}

/** Writes one split as Parquet, ordered by time, then id: same rows, same bytes. */
export const writeSplit = (duck: Duck, split: Split, path: string): Promise<void> =>
  duck.run(`COPY (SELECT * EXCLUDE (split, fate) FROM split_rows WHERE split = ${quote(split)}
    AND fate = 'kept'
    ORDER BY ts, id, horizon) TO ${quote(path)} (FORMAT parquet, COMPRESSION zstd)`)
