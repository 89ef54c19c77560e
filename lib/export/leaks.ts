import { join } from 'node:path'
import { SETS, type SetName } from '../features/sets.ts'
import type { Duck } from '../store/duck/duck.ts'
import { ident, quote } from '../store/duck/sql.ts'
import { HEAD_COLUMNS, LABEL_COLUMNS, TARGETS } from './flatten.ts'
import { SPLITS } from './split-rows.ts'

/** A feature this close to a linear image of a label is the label. */
const SAME = 0.9999
const LEAST_ROWS = 20

/**
 * Looks for what would let a model see the future in an export: rows twice, labels known before
 * their row, features that are times after their row, mints in two splits, labels that reach into
 * the next split, and features that are a label. Returns one sentence per finding; none when it is
 * sound.
 */
export async function findLeaks(
  duck: Duck,
  dir: string,
  embargoMs: number,
  mintDisjoint: boolean,
): Promise<string[]> {
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
  return [
    ...(await twice(duck)),
    ...(await future(duck, features)),
    ...(mintDisjoint ? await mints(duck) : []),
    ...(await overlaps(duck, embargoMs)),
    ...(await copies(duck, features, targets)),
  ]
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

async function copies(
  duck: Duck,
  features: readonly string[],
  targets: readonly string[],
): Promise<string[]> {
  const found: string[] = []
  for (const target of targets) {
    const y = `TRY_CAST(${ident(target)} AS DOUBLE)`
    const measures = features.map((feature, i) => {
      const x = ident(feature)
      return (
        `abs(corr(${x}, ${y}) FILTER (WHERE isfinite(${x}))) AS r${i}, count(${x}) FILTER ` +
        `(WHERE ${y} IS NOT NULL) AS n${i}`
      )
    })
    if (measures.length === 0) continue
    const [row] = await duck.rows(`SELECT ${measures.join(', ')} FROM exported`)
    for (const [i, feature] of features.entries()) {
      const { [`r${i}`]: r, [`n${i}`]: n } = row as Record<string, number>
      if (typeof r === 'number' && r >= SAME && (n ?? 0) >= LEAST_ROWS) {
        found.push(
          `feature equal to the label: ${feature} follows ${target} (|r| = ${r.toFixed(6)} ` +
            `over ${n} rows)`,
        )
      }
    }
  }
  return found
}
