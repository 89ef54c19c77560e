import type { TSchema } from 'typebox'
import { Check, Errors } from 'typebox/value'
import { DataError, show } from '../base/errors.ts'

/**
 * Throws a DataError naming the first field of a row that does not fit its schema. Rows are few:
 * nothing is compiled.
 */
export function fitsSchema(table: string, schema: TSchema, row: unknown): void {
  if (Check(schema, row)) return
  const first = [...Errors(schema, row)][0]
  const field = `${table}${first?.instancePath.replaceAll('/', '.') ?? ''}`
  throw new DataError(`${first?.message ?? 'does not fit'}, got ${show(row, 200)}`, { field })
}
