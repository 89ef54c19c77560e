import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { TemporaryError } from '../../base/errors.ts'
import { defaultsOf } from '../../base/flags.ts'
import { exportFlags } from '../../export/export-flags.ts'
import { makeExport } from '../../export/export-step.ts'
import type { Rec } from '../../records/record.ts'
import { quote } from '../../store/duck/sql.ts'
import { query } from '../../store/query/query.ts'
import { snake } from '../../store/tables/table-columns.ts'
import { makeLine } from '../../stream/line.ts'
import type { ModelRecipe } from './model-recipe.ts'

/** The label that says whether a row of the home counts for a recipe; networks learn several. */
const labelOf = ({ label, kind }: ModelRecipe): string | undefined =>
  label ?? (kind === 'sequence' ? 'profitable' : undefined)

/** What there is to learn from in a home. */
interface RowCount {
  rows: number
  /** Different outcomes among them. */
  outcomes: number
}

/** Asks the database. */
async function ask(home: string, sql: string): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = []
  for await (const rows of query({ home, sql })) found.push(...rows)
  return found
}

/** Bars in which somebody traded, of the length that most have; filled ones are no prices. */
const CLOSES = `SELECT mint, ts, "close" FROM candles WHERE NOT coalesce(filled, false)
  AND interval_ms = (SELECT mode(interval_ms) FROM candles)`

/** SQL for the labelled rows of a recipe that have features of its set, `after` a time. */
function rowsSql(recipe: ModelRecipe, after: number): string {
  const { horizons, set } = recipe
  const label = labelOf(recipe)
  const outcome = label === undefined ? 'true' : `l.${snake(label)}`
  return `SELECT ${outcome} AS outcome FROM ml_labels l
    JOIN label_features k ON k.id = l.id AND k.feature_set = ${quote(set)}
    WHERE l.horizon = ${quote(horizons[0]!)} AND ${outcome} IS NOT NULL AND l.ts > ${after}`
}

/** Labelled rows of a home that a recipe can learn from, later than `after` (event time, ms). */
export async function countRows(home: string, recipe: ModelRecipe, after = 0): Promise<RowCount> {
  const from =
    recipe.algo === 'garch'
      ? `SELECT "close" AS outcome FROM (${CLOSES}) WHERE ts > ${after}`
      : rowsSql(recipe, after)
  const [row] = await ask(
    home,
    `SELECT count(*) AS n, count(DISTINCT outcome) AS outcomes FROM (${from})`,
  )
  return { rows: Number(row?.n ?? 0), outcomes: Number(row?.outcomes ?? 0) }
}

/**
 * What a first training lacks, in words; undefined where there is enough. Throws nothing: it is the
 * caller’s to wait.
 */
export function lackOf(recipe: ModelRecipe, { rows, outcomes }: RowCount): string | undefined {
  const what = recipe.algo === 'garch' ? 'closes' : 'labelled rows'
  const needsBoth = labelOf(recipe) !== undefined
  const isEnough = rows >= recipe.minRows && (!needsBoth || outcomes > 1)
  if (isEnough) return undefined
  const both = needsBoth && outcomes < 2 ? ', both classes needed' : ''
  return `${rows.toLocaleString('en')} of ${recipe.minRows.toLocaleString('en')} ${what}${both}`
}

/**
 * Writes the rows of a recipe for training: an export below the home, or a table of closes. Returns
 * its path; what was there is replaced. Throws what train-export throws.
 */
export async function writeRows(
  home: string,
  recipe: ModelRecipe,
  count: (what: string, by?: number) => void,
): Promise<string> {
  const out = join(home, `export-${recipe.name}`)
  if (recipe.algo === 'garch') return await writeCloses(home, `${out}.ndjson`)
  const { horizons, algo, trainer, trust } = recipe
  const step = makeExport({
    ...defaultsOf(exportFlags),
    out,
    horizons,
    trust,
    tensors: algo === 'network' || trainer !== undefined,
    count,
  })
  const list = horizons.map(quote).join(', ')
  const sql = `FROM training_lines WHERE (label->>'horizon') IN (${list})`
  try {
    for await (const rows of query({ home, sql }))
      for (const row of rows) step.line?.(makeLine(row as unknown as Rec), () => {})
    await step.end?.(() => {})
  } finally {
    await step.close?.()
  }
  return out
}

async function writeCloses(home: string, path: string): Promise<string> {
  mkdirSync(dirname(path), { recursive: true })
  const fd = openSync(`${path}.part`, 'w')
  let rows = 0
  try {
    const sql = `${CLOSES} ORDER BY ts, mint`
    for await (const block of query({ home, sql })) {
      rows += block.length
      writeSync(fd, block.map(row => `${JSON.stringify(row)}\n`).join(''))
    }
  } finally {
    closeSync(fd)
    if (rows === 0) rmSync(`${path}.part`)
  }
  if (rows === 0) throw new TemporaryError('no closes')
  renameSync(`${path}.part`, path)
  return path
}
