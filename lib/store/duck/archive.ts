import { renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { syncFolder } from '../../base/atomic-write.ts'
import { DataError, Failure, messageOf, show } from '../../base/errors.ts'
import { type Duck, openDuck } from './duck.ts'
import { quote } from './sql.ts'

/**
 * Turns a day of a journal into Parquet (zstd) with the exact text of each line, its number, that
 * of the last line and a checksum of these, and the columns one filters by: Parquet itself notices
 * few flipped bits. The plain file goes only after the archive is complete under its name.
 */
export async function archiveDay(path: string): Promise<void> {
  const target = path.replace(/\.ndjson$/, '.parquet')
  const duck = await openDuck(':memory:', { threads: 1 })
  try {
    await duck.run(`SET preserve_insertion_order = true`)
    const [{ lines } = {}] = await duck.rows(`SELECT count(*) AS lines FROM ${lineTable(path)}`)
    await duck.run(
      `COPY (SELECT seq, json_extract_string(raw, '$.id') AS id,
        (raw ->> '$.ts')::BIGINT AS ts, raw ->> '$.kind' AS kind, raw ->> '$.mint' AS mint,
        raw ->> '$.pool' AS pool, raw, lines, ${SUM_OF} AS sum
        FROM (SELECT row_number() OVER () AS seq, ${lines}::BIGINT AS lines, ${UNSEALED} AS raw
          FROM ${lineTable(path)}))
        TO ${quote(`${target}.part`)} (FORMAT parquet, COMPRESSION zstd)`,
    )
  } finally {
    duck.close()
  }
  renameSync(`${target}.part`, target)
  syncFolder(dirname(target))
  rmSync(path)
}

/** 32 bits of the MD5 of a row, which DuckDB has in all versions. */
const SUM_OF = `(md5_number_lower(seq || '/' || lines || ' ' || raw) & 4294967295)::UINTEGER`

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

/**
 * The lines of an archived day in order, from line `from` on, in blocks. A DataError where they are
 * not those that were archived; versions before kept no checksums to tell.
 */
export async function* archivedLines(
  path: string,
  from: number,
  until?: number,
): AsyncGenerator<string[]> {
  const duck = await openDuck(':memory:', { threads: 1, memory: '512MB' })
  try {
    const end = until === undefined ? '' : ` AND seq <= ${until}`
    const told = (await hasSums(duck, path)) ? `, seq, lines, sum = ${SUM_OF} AS good` : ''
    const sql = `SELECT raw${told} FROM read_parquet(${quote(path)}) WHERE seq > ${from}${end}
      ORDER BY seq`
    let last: Record<string, unknown> | undefined
    for await (const rows of duck.stream(sql)) {
      const bad = told === '' ? undefined : rows.find(row => row.good !== true)
      if (bad !== undefined) throw damaged(path, `line ${bad.seq} is not as it was written`)
      last = rows.at(-1) ?? last
      yield rows.map(row => row.raw as string)
    }
    const isShort = last === undefined ? from === 0 : last.seq !== last.lines
    if (told !== '' && until === undefined && isShort)
      throw damaged(path, 'its last lines are gone')
  } catch (error) {
    throw asDamage(path, error)
  } finally {
    duck.close()
  }
}

const hasSums = async (duck: Duck, path: string): Promise<boolean> =>
  (await duck.rows(`SELECT 1 FROM parquet_schema(${quote(path)}) WHERE name = 'sum'`)).length > 0

/** What has nothing to do with what is in the file. */
const OUTSIDE = /No space left|Too many open files|Out of Memory|No files found|Permission denied/

/** What the engine says of a file that it cannot read. */
function asDamage(path: string, error: unknown): unknown {
  const text = messageOf(error)
  if (error instanceof Failure || OUTSIDE.test(text)) return error
  return damaged(path, show(text.split('\n')[0]))
}

function damaged(path: string, why: string): DataError {
  const error = new DataError(`the archive is damaged (${why}); put a copy of it back`)
  error.place = path
  return error
}
