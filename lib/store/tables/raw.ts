import { PARTS } from '../../records/parts.ts'
import { REPORTS, type ReportTable } from '../../records/report-rows.ts'
import { ident, quote } from '../duck/sql.ts'
import { fieldsOf, structOf } from './table-columns.ts'

/** Parts that no table is made of: read by other means, or nested too freely. */
const LEFT_OUT = ['envelope', 'strategy', 'score', 'gap']

/**
 * SQL that makes the temporary table `raw` from files of whole lines, one row per line in order,
 * with the columns of the schemas and no others. A field that does not fit its type is NULL; a line
 * that is not JSON is a row of NULLs.
 */
export function createRaw(paths: readonly string[], origin: ReportTable | 'lines'): string {
  const columns = origin === 'lines' ? lineColumns() : fieldsOf(REPORTS[origin])
  const list = columns.map(([name, sql]) => `${quote(name)}: ${quote(sql)}`).join(', ')
  return `CREATE OR REPLACE TEMP TABLE raw AS SELECT row_number() OVER () AS seq,
    ${columns.map(([name]) => ident(name)).join(', ')}
    FROM read_json([${paths.map(quote).join(', ')}], format = 'newline_delimited',
    ignore_errors = true,
      maximum_object_size = 16777216, columns = {${list}})`
}

function lineColumns(): [string, string][] {
  const parts = Object.entries(PARTS).filter(([name]) => !LEFT_OUT.includes(name))
  return [
    ...fieldsOf(PARTS.envelope.schema),
    ...parts.map(([name, { schema }]): [string, string] => [name, structOf(schema)]),
  ]
}
