import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { makeNumbers, type Numbers } from './numbers.ts'

export interface Duck {
  /** Runs statements; the result of the last is thrown away. */
  run(sql: string): Promise<void>
  /** All rows of a query, as plain values (lib/store/duck/plain.ts). For small results. */
  rows(sql: string): Promise<Record<string, unknown>[]>
  /** Rows of a query in blocks as they come; memory stays bounded. */
  stream(sql: string): AsyncGenerator<Record<string, unknown>[]>
  /** Bulk traffic of tables whose columns are all DOUBLE. */
  numbers: Numbers
  /** Ends a running query with an error. */
  interrupt(): void
  close(): void
}

interface DuckOptions {
  isReadOnly?: boolean
  memory?: string
  threads?: number
  /** Folder for what does not fit into memory. */
  temporary?: string
  /** The most it may hold, as `4GB`. */
  temporaryMost?: string
}

/**
 * What is never wanted: code from elsewhere, and secrets that other programs of this user left
 * behind (duckdb.org/docs, “Securing DuckDB”).
 */
const NOTHING_FOREIGN = {
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  allow_community_extensions: 'false',
  allow_persistent_secrets: 'false',
}

/** Opens a DuckDB file, or `:memory:`. The only place that loads the engine. */
export async function openDuck(path: string, options: DuckOptions = {}): Promise<Duck> {
  const api = await import('@duckdb/node-api')
  const { toPlainRow } = await import('./plain-row.ts')
  const { isReadOnly = false, memory = '1GB', threads = 2, temporary, temporaryMost } = options
  const instance = await api.DuckDBInstance.create(path, {
    access_mode: isReadOnly ? 'READ_ONLY' : 'AUTOMATIC',
    memory_limit: memory,
    threads: String(threads),
    ...NOTHING_FOREIGN,
    ...(temporary === undefined ? {} : { temp_directory: temporary }),
    ...(temporaryMost === undefined ? {} : { max_temp_directory_size: temporaryMost }),
  })
  const connection = await instance.connect()
  return makeDuck(instance, connection, toPlainRow, makeNumbers(api, connection))
}

function makeDuck(
  instance: DuckDBInstance,
  connection: DuckDBConnection,
  toPlainRow: typeof import('./plain-row.ts').toPlainRow,
  numbers: Numbers,
): Duck {
  async function* stream(sql: string): AsyncGenerator<Record<string, unknown>[]> {
    const result = await connection.stream(sql)
    const names = result.deduplicatedColumnNames()
    const types = result.columnTypes()
    for await (const rows of result.yieldRows())
      yield rows.map(row => toPlainRow(row, names, types))
  }
  return {
    stream,
    numbers,
    interrupt: () => connection.interrupt(),
    async run(sql) {
      await connection.run(sql)
    },
    async rows(sql) {
      const all: Record<string, unknown>[] = []
      for await (const rows of stream(sql)) all.push(...rows)
      return all
    },
    close() {
      connection.closeSync()
      instance.closeSync()
    },
  }
}
