import { show, UsageError } from '../../base/errors.ts'
import type { Duck } from '../duck/duck.ts'
import { quote } from '../duck/sql.ts'

/** A statement that only reads, and what it names. */
export interface Judged {
  /** The text to run. */
  sql: string
  /** Names behind FROM without a schema: tables, views, or files. */
  tables: string[]
  /** It asks for what only a database has: a table of a schema, or the list of tables. */
  isOfDatabase: boolean
  /** Texts given to functions that read files. */
  files: string[]
  /** Table functions that are not of our list: only what the database itself defines may be. */
  unknown: string[]
}

/**
 * Judges SQL by the engine’s own parser, without running or binding any of it: one statement that
 * reads (SELECT, FROM, WITH, VALUES, SHOW, DESCRIBE, SUMMARIZE, or EXPLAIN of such a one). Throws
 * UsageError for everything else.
 */
export async function judgeSql(duck: Duck, sql: string): Promise<Judged> {
  const parsed = await parse(duck, sql)
  if ('statements' in parsed) return named(sql, parsed.statements)
  const explained = EXPLAIN.exec(sql)
  if (explained !== null) {
    // What follows the word is judged by itself and put together again, so that nothing in the
    // comments or options of the original is run that was not judged.
    const [word, isRun, options] = explained
    const rest = sql.slice(word.length)
    const inner = await parse(duck, rest)
    if ('statements' in inner) {
      const verb = `EXPLAIN ${isRun === undefined ? '' : 'ANALYZE '}${options ?? ''} `
      return { ...named(rest, inner.statements), sql: verb + rest }
    }
    if (inner.isParserError) throw new UsageError(inner.reason)
  } else if (parsed.isParserError) throw new UsageError(parsed.reason)
  throw new UsageError(ONLY_READS)
}

const ONLY_READS =
  'only one statement that reads: SELECT, FROM, WITH, SHOW, DESCRIBE, SUMMARIZE or EXPLAIN of ' +
  'it; whatever writes, loads, attaches or sets something is for the program duckdb'

const EXPLAIN = /^\s*EXPLAIN\b(\s+ANALYZE\b)?\s*(\(\s*FORMAT\s+\w+\s*\))?/i

type Parsed = { statements: unknown[] } | { isParserError: boolean; reason: string }

/** `json_serialize_sql` takes statements that read and nothing else; PRAGMAs are not expanded. */
async function parse(duck: Duck, sql: string): Promise<Parsed> {
  if (sql.includes('\0')) throw new UsageError('the SQL holds a zero byte')
  const [row] = await duck.rows(`SELECT json_serialize_sql(${quote(sql)})::VARCHAR AS tree`)
  const tree = JSON.parse(String(row?.tree)) as {
    error: boolean
    error_type?: string
    error_message?: string
    statements?: unknown[]
  }
  if (!tree.error) return { statements: tree.statements ?? [] }
  const reason = `Parser Error: ${tree.error_message?.split('\n')[0] ?? 'unknown'}`
  return { isParserError: tree.error_type === 'parser', reason }
}

/** What a tree names. Throws UsageError unless it is of exactly one statement. */
function named(sql: string, statements: readonly unknown[]): Judged {
  if (statements.length === 0) throw new UsageError('there is no SQL to run')
  if (statements.length > 1) throw new UsageError(`${ONLY_READS}, got ${statements.length}`)
  const found: Judged = { sql, tables: [], isOfDatabase: false, files: [], unknown: [] }
  const ownNames = new Set<unknown>()
  walk(statements, node => {
    const { type, schema_name, catalog_name, table_name, cte_map } = node
    if (type === 'BASE_TABLE') {
      if (schema_name === '' && catalog_name === '') found.tables.push(String(table_name))
      else found.isOfDatabase = true
    }
    if (type === 'SHOW_REF' && node.query === null) found.isOfDatabase = true
    if (type === 'TABLE_FUNCTION') noteFunction(node.function, found)
    for (const { key } of (cte_map as { map: { key: string }[] } | undefined)?.map ?? [])
      ownNames.add(key)
  })
  found.tables = found.tables.filter(name => !ownNames.has(name))
  return found
}

function noteFunction(call: unknown, found: Judged): void {
  const { function_name } = call as { function_name: string }
  const name = function_name.toLowerCase()
  if (READ_FILES.has(name)) {
    walk(call, ({ type, value }) => {
      const text = (value as { value?: unknown } | null | undefined)?.value
      if (type === 'VALUE_CONSTANT' && typeof text === 'string') found.files.push(text)
    })
  } else if (!READ_NOTHING.has(name)) found.unknown.push(name)
}

/** Every object of a tree, however deep. */
function walk(tree: unknown, visit: (node: Record<string, unknown>) => void): void {
  const open = [tree]
  while (open.length > 0) {
    const node = open.pop()
    if (typeof node !== 'object' || node === null) continue
    if (!Array.isArray(node)) visit(node as Record<string, unknown>)
    for (const child of Object.values(node)) if (typeof child === 'object') open.push(child)
  }
}

/** Table functions that read the files they are given. */
const READ_FILES = new Set([
  'read_csv',
  'read_csv_auto',
  'sniff_csv',
  'read_json',
  'read_json_auto',
  'read_json_objects',
  'read_json_objects_auto',
  'read_ndjson',
  'read_ndjson_auto',
  'read_ndjson_objects',
  'read_parquet',
  'parquet_scan',
  'parquet_metadata',
  'parquet_schema',
  'parquet_file_metadata',
  'parquet_kv_metadata',
])

/**
 * Table functions that make rows of nothing or tell of the tables. All others are refused: some
 * change what the engine does (logging, profiling, checkpoints), some take SQL as text, which
 * nobody has judged then.
 */
const READ_NOTHING = new Set([
  'range',
  'generate_series',
  'unnest',
  'repeat',
  'repeat_row',
  'json_each',
  'json_tree',
  'summary',
  'duckdb_columns',
  'duckdb_constraints',
  'duckdb_databases',
  'duckdb_functions',
  'duckdb_indexes',
  'duckdb_keywords',
  'duckdb_schemas',
  'duckdb_settings',
  'duckdb_tables',
  'duckdb_types',
  'duckdb_views',
  'icu_calendar_names',
  'pg_timezone_names',
  'pragma_database_size',
  'pragma_show',
  'pragma_storage_info',
  'pragma_table_info',
  'pragma_version',
])

/** Throws UsageError for a table function that neither the list nor the database knows. */
export async function refuseUnknown(duck: Duck, { unknown }: Judged): Promise<void> {
  if (unknown.length === 0) return
  const rows = await duck.rows(
    "SELECT lower(function_name) AS name FROM duckdb_functions() WHERE database_name = 'store' " +
      "AND function_type = 'table_macro'",
  )
  const own = new Set(rows.map(({ name }) => name))
  const foreign = unknown.find(name => !own.has(name))
  if (foreign !== undefined)
    throw new UsageError(
      `${show(foreign).slice(1, -1)}(): no function that query reads from; files are named by ` +
        "--file, FROM 'FILE' or read_csv, read_json and read_parquet",
    )
}
