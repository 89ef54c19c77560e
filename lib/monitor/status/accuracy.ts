import type { Output } from '../../base/console.ts'
import { TemporaryError } from '../../base/errors.ts'
import { wilson } from '../../maths/confidence-interval.ts'
import { query } from '../../store/query/query.ts'
import { encode } from '../../stream/encode.ts'

const SQL =
  'SELECT * FROM accuracy_weekly ORDER BY week DESC, model, "version", is_shadow, token_age, regime'

/**
 * Writes the rows of accuracy_weekly, newest week first, each with the 95 % interval of its
 * accuracy: as lines, or as a table for people. Throws TemporaryError while nothing has matured.
 */
export async function writeAccuracy(home: string, isScreen: boolean, out: Output): Promise<void> {
  const rows: Record<string, unknown>[] = []
  for await (const block of query({ home, sql: SQL, tail: true })) rows.push(...block)
  if (rows.length === 0)
    throw new TemporaryError(
      'no prediction has an outcome yet: label what was predicted, then sync',
    )
  const all = rows.map(row => {
    const tokens = Number(row.tokens)
    const [low, high] = wilson(Math.round(Number(row.accuracy) * tokens), tokens)
    return { ...row, tokens, accuracy_low: low, accuracy_high: high }
  })
  await out.write(isScreen ? tableOf(all) : all.map(row => `${encode(row)}\n`).join(''))
}

const COLUMNS = [
  'week',
  'model',
  'version',
  'token_age',
  'regime',
  'tokens',
  'accuracy',
  'accuracy_low',
  'accuracy_high',
  'brier',
  'base_rate',
  'bought',
  'refused',
  'refused_return',
]

function tableOf(rows: readonly Record<string, unknown>[]): string {
  const cells = [COLUMNS, ...rows.map(row => COLUMNS.map(name => textOf(row[name])))]
  const widths = COLUMNS.map((_, k) => Math.max(...cells.map(row => row[k]!.length)))
  return cells
    .map(
      row =>
        `${row
          .map((cell, k) => cell.padEnd(widths[k]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}

const textOf = (value: unknown): string =>
  typeof value === 'number' && !Number.isInteger(value) ? value.toFixed(3) : String(value ?? '–')
