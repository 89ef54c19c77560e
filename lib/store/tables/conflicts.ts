import type { Duck } from '../duck/duck.ts'
import { ident, quote } from '../duck/sql.ts'
import type { Piece, Trouble } from './piece.ts'
import { FACT_TABLES, factRows, type Table } from './tables.ts'

/**
 * Lines of `raw` whose key is in their table with another value of a fact. The first stays. Who saw
 * it and when may differ, and what only one of them knows is no contradiction. Call after the new
 * rows are in.
 */
export async function conflictsIn(
  duck: Duck,
  table: Table,
  piece: Piece,
  path: string,
): Promise<Trouble[]> {
  if (!FACT_TABLES.includes(table)) return []
  const on = table.key.map(key => `old.${ident(key)} = new.${ident(key)}`).join(' AND ')
  const facts = table.columns
    .map(({ name }) => name)
    .filter(name => !table.key.includes(name) && !EXCEPT.includes(name))
  const field = facts
    .map(name => `WHEN new.${ident(name)} <> old.${ident(name)} THEN ${quote(name)}`)
    .join(' ')
  const rows = await duck.rows(`SELECT * FROM (
    SELECT new.seq, new.id, CASE ${field} END AS field
    FROM (${factRows(table)}) AS new JOIN ${ident(table.name)} AS old ON ${on})
    WHERE field IS NOT NULL ORDER BY seq`)
  return (rows as { seq: number; id: string; field: string }[]).map(({ seq, id, field }) => ({
    path,
    line: piece.numbers[seq - 1]!,
    reason: `${id} is known with another ${field}; the first stays`,
    raw: piece.textOf(seq - 1),
    what: 'conflict',
  }))
}

const EXCEPT = ['source', 'seen_at']
