import { renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { syncFolder } from '../../base/atomic-write.ts'
import { openDuck } from './duck.ts'
import { quote } from './sql.ts'

/**
 * Turns a day of a journal into Parquet (zstd) with the exact text of each line, its number and the
 * columns one filters by. The plain file goes only after the archive is complete under its name.
 */
export async function archiveDay(path: string): Promise<void> {
  const target = path.replace(/\.ndjson$/, '.parquet')
  const duck = await openDuck(':memory:', { threads: 1 })
  try {
    await duck.run(`SET preserve_insertion_order = true`)
    await duck.run(
      `COPY (SELECT row_number() OVER () AS seq, json_extract_string(raw, '$.id') AS id,
        (raw ->> '$.ts')::BIGINT AS ts, raw ->> '$.kind' AS kind, raw ->> '$.mint' AS mint,
        raw ->> '$.pool' AS pool, raw
        FROM (SELECT ${UNSEALED} AS raw FROM ${lineTable(path)}))
        TO ${quote(`${target}.part`)} (FORMAT parquet, COMPRESSION zstd)`,
    )
  } finally {
    duck.close()
  }
  renameSync(`${target}.part`, target)
  syncFolder(dirname(target))
  rmSync(path)
}

/** The line without its checksum (lib/store/sealed/checksum.ts); an archive has none. */
const SUM = ',"checksum":"[0-9a-f]{16}([.][0-9a-f]{8})?"([}][[:space:]]*)$'
const UNSEALED = `regexp_replace(raw, ${quote(SUM)}, '\\2')`

/**
 * A file of lines as a table with one column `raw`, byte for byte: no quoting, no separator that
 * could occur.
 */
const lineTable = (path: string): string =>
  `read_csv(${quote(path)}, columns = {'raw': 'VARCHAR'}, header = false, delim = '\\x01',
    quote = '', escape = '', auto_detect = false, new_line = '\\n', max_line_size = 16777216,
    buffer_size = 67108864, parallel = false)`

/** The lines of an archived day in order, from line `from` on, in blocks. */
export async function* archivedLines(
  path: string,
  from: number,
  until?: number,
): AsyncGenerator<string[]> {
  const duck = await openDuck(':memory:', { threads: 1, memory: '512MB' })
  try {
    const end = until === undefined ? '' : ` AND seq <= ${until}`
    const sql = `SELECT raw FROM read_parquet(${quote(path)}) WHERE seq > ${from}${end}
      ORDER BY seq`
    for await (const rows of duck.stream(sql)) yield rows.map(row => row.raw as string)
  } finally {
    duck.close()
  }
}
