import { appendFileSync, closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import type { TSchema } from 'typebox'
import { Check, Errors } from 'typebox/value'
import { DataError, show } from '../../base/errors.ts'
import { REPORTS, type ReportTable } from '../../records/report-rows.ts'
import { encode } from '../../stream/encode.ts'
import { dateOf } from './days.ts'
import { repairTail } from './tail.ts'

/**
 * Appends a row of the learning loop (a training job, a comparison, a drift report, a promotion),
 * on disk when it returns. `sync` loads it; `query --tail` sees it at once. The same id again is
 * not loaded twice. Throws a DataError when the row does not fit the schema of the table.
 */
export function appendRow(
  home: string,
  table: ReportTable,
  row: { id: string; ts: number; [key: string]: unknown },
): void {
  fitsSchema(table, REPORTS[table], row)
  const dir = join(home, 'rows', table)
  mkdirSync(dir, { recursive: true })
  const path = join(dir, `${dateOf(row.ts)}.ndjson`)
  const fd = openSync(path, 'a')
  try {
    repairTail(path)
    appendFileSync(fd, `${encode(row, table)}\n`)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/**
 * Throws a DataError naming the first field of a row that does not fit its schema. Rows are few:
 * nothing is compiled.
 */
function fitsSchema(table: string, schema: TSchema, row: unknown): void {
  if (Check(schema, row)) return
  const first = [...Errors(schema, row)][0]
  const field = `${table}${first?.instancePath.replaceAll('/', '.') ?? ''}`
  throw new DataError(`${first?.message ?? 'does not fit'}, got ${show(row, 200)}`, { field })
}
