import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'

export interface Duck {
  /** Runs statements; the result of the last is thrown away. */
  run(sql: string): Promise<void>
  /** All rows of a query, as plain values (lib/store/plain.ts). For small results. */
  rows(sql: string): Promise<Record<string, unknown>[]>
  /** Rows of a query in blocks as they come; memory stays bounded. */
  stream(sql: string): AsyncGenerator<Record<string, unknown>[]>
  close(): void
}

export interface DuckOptions {
  isReadOnly?: boolean
  memory?: string
  threads?: number
}

/** Opens a DuckDB file, or `:memory:`. The only place that loads the engine. */
export async function openDuck(path: string, options: DuckOptions = {}): Promise<Duck> {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const { toPlainRow } = await import('./plain.ts')
  const { isReadOnly = false, memory = '1GB', threads = 2 } = options
  const instance = await DuckDBInstance.create(path, {
    access_mode: isReadOnly ? 'READ_ONLY' : 'AUTOMATIC',
    memory_limit: memory,
    threads: String(threads),
  })
  return makeDuck(instance, await instance.connect(), toPlainRow)
}

function makeDuck(
  instance: DuckDBInstance,
  connection: DuckDBConnection,
  toPlainRow: typeof import('./plain.ts').toPlainRow,
): Duck {
  async function* stream(sql: string): AsyncGenerator<Record<string, unknown>[]> {
    const result = await connection.stream(sql)
    const names = result.deduplicatedColumnNames()
    const types = result.columnTypes()
    for await (const rows of result.yieldRows()) yield rows.map(row => toPlainRow(row, names, types))
  }
  return {
    stream,
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
