import { show, UsageError } from '../../base/errors.ts'

/** What SQLite reads as one piece: texts, names in quotes, comments (sqlite.org/lang_expr.html). */
const PIECES =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g

/**
 * The SQL without a semicolon at its end, once it is seen to be one statement that reads. An engine
 * prepares the first statement of a text and says nothing of those behind it, so they are looked
 * for here; that it reads only, the engine says itself, which takes nothing else for a view.
 * Throws a UsageError for anything else.
 */
export function oneSelect(sql: string): string {
  const bare = sql.replace(PIECES, piece => (/^(--|\/\*)/.test(piece) ? ' ' : 'x'))
  const [first = '', ...rest] = bare.split(';')
  if (sql.includes('\0') || rest.some(each => each.trim() !== ''))
    throw new UsageError(`--sql takes one statement, got ${show(sql)}`)
  if (!/^\s*(select|with)\b/i.test(first))
    throw new UsageError(`--sql takes a SELECT, got ${show(sql)}`)
  return sql
}

/** A name as SQLite takes it, whatever it holds. */
export const sqliteName = (name: string): string => `"${name.replaceAll('"', '""')}"`
