import { join } from 'node:path'
import { SETS, type SetName } from '../features/sets.ts'
import type { Duck } from '../store/duck/duck.ts'
import { ident, quote } from '../store/duck/sql.ts'
import { copies, sameRows, untold } from './copies.ts'
import { HEAD_COLUMNS, LABEL_COLUMNS, TARGETS } from './flatten.ts'
import { SPLITS } from './split-rows.ts'

/** How an export was made, as far as leaks are concerned. */
interface Made {
  embargoMs: number
  mintDisjoint: boolean
  /** Features whose closeness to a label somebody has looked at. */
  trusted: readonly string[]
}

/**
 * Looks for what would let a model see the future in an export: rows twice, by id or by what they
 * hold, labels known before their row, features that are times after their row, mints in two
 * splits, labels that reach into the next split, and features that are a label or say as much
 * about one. Gives one sentence per finding, none when it is sound, and the labels that were too
 * few to be held against features.
 */
export async function findLeaks(
  duck: Duck,
  dir: string,
  { embargoMs, mintDisjoint, trusted }: Made,
): Promise<{ leaks: string[]; untold: string[] }> {
  const parts = SPLITS.map(
    split =>
      `SELECT '${split}' AS split, * FROM read_parquet(${quote(join(dir, `${split}.parquet`))})`,
  )
  await duck.run(`CREATE OR REPLACE TEMP VIEW exported AS ${parts.join(' UNION ALL BY NAME ')}`)
  const columns = (await duck.rows('DESCRIBE exported')) as {
    column_name: string
    column_type: string
  }[]
  const known = new Set([
    'split',
    ...HEAD_COLUMNS.map(([name]) => name),
    ...LABEL_COLUMNS.map(([name]) => name),
  ])
  const features = columns
    .filter(c => !known.has(c.column_name) && c.column_type === 'DOUBLE')
    .map(c => c.column_name)
  const targets = columns.filter(c => TARGETS.includes(c.column_name)).map(c => c.column_name)
  const suspects = features.filter(name => !trusted.includes(name))
  const leaks = [
    ...(await twice(duck)),
    ...(await sameRows(duck, features, targets)),
    ...(await future(duck, features)),
    ...(mintDisjoint ? await mints(duck) : []),
    ...(await overlaps(duck, embargoMs)),
    ...(await copies(duck, suspects, targets)),
  ]
  return { leaks, untold: await untold(duck, targets) }
}

/** Whether a column is a feature that a set declares: none of them is a time. */
function isOurs(column: string): boolean {
  const [set = '', feature] = column.split('.')
  return (
    Object.hasOwn(SETS, set) && SETS[set as SetName].features.some(({ name }) => name === feature)
  )
}

async function twice(duck: Duck): Promise<string[]> {
  const rows = await duck.rows(
    `SELECT id, horizon, count(*) AS n FROM exported GROUP BY ALL HAVING n > 1 ORDER BY id LIMIT 3`,
  )
  return rows.map(({ id, horizon, n }) => `duplicate id: ${id} (${horizon}) is there ${n} times`)
}

/**
 * Milliseconds since 1970 of this century. Features of our own sets are not looked at: some are
 * volumes of that size.
 */
async function future(duck: Duck, features: readonly string[]): Promise<string[]> {
  const early = await duck.rows(
    'SELECT id FROM exported WHERE "availableAt" <= ts OR ts IS NULL OR "availableAt" IS ' +
      'NULL LIMIT 1',
  )
  const found = early.map(({ id }) => `label of ${id} is not later than its row`)
  for (const feature of features.filter(name => !isOurs(name))) {
    const at = `exported.${ident(feature)}`
    const late = await duck.rows(
      `SELECT id FROM exported WHERE ${at} > ts AND ${at} BETWEEN 1e12 AND 1e13 LIMIT 1`,
    )
    found.push(
      ...late.map(
        ({ id }) => `future timestamp: feature ${feature} of ${id} is a time after its row`,
      ),
    )
  }
  return found
}

async function mints(duck: Duck): Promise<string[]> {
  const rows = await duck.rows(`SELECT mint,
      string_agg(DISTINCT split, ' and ' ORDER BY split DESC) AS splits FROM exported
    WHERE mint <> '' GROUP BY mint HAVING count(DISTINCT split) > 1 ORDER BY mint LIMIT 3`)
  return rows.map(({ mint, splits }) => `mint on both sides: ${mint} is in ${splits}`)
}

async function overlaps(duck: Duck, embargoMs: number): Promise<string[]> {
  const rows = (await duck.rows(
    `SELECT split, min(ts) AS first, max("availableAt") AS last FROM exported GROUP BY split`,
  )) as {
    split: string
    first: number
    last: number
  }[]
  const of = new Map(rows.map(row => [row.split, row]))
  const found: string[] = []
  for (const [before, after] of [
    ['train', 'valid'],
    ['valid', 'test'],
    ['train', 'test'],
  ] as const) {
    const [a, b] = [of.get(before), of.get(after)]
    if (a !== undefined && b !== undefined && a.last + embargoMs > b.first) {
      found.push(
        `overlapping horizon: a label of ${before} was known at ${a.last}, ${after} begins ` +
          `at ${b.first}`,
      )
    }
  }
  return found
}
