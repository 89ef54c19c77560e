import type { DuckDBAppender, DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api'
import type { Bar } from './bar.ts'
import { makeFolder } from './folder.ts'
import type { IntervalOf } from './interval.ts'
import { makeNames, type Names } from './names.ts'

/** A table of bars on disk, sorted by DuckDB in 256 MB of memory whatever its size. */
export interface Sorter {
  add(bars: readonly Bar[]): void
  /** The most common step between consecutive bars of each mint that has one; the smallest of equally common ones. */
  modes(): Promise<Map<string, number>>
  /** All bars by close time, then as compareBars orders them. */
  sorted(intervalOf: IntervalOf): AsyncGenerator<Bar[]>
  /** Removes the files. */
  close(): void
}

const COLUMNS = ['mint', 'open_at', 'open', 'high', 'low', 'close', 'volume', 'trades']
/** Rows of a DuckDB data chunk. */
const ROWS = 2048

const MODES = `
  with steps as (
    select mint, open_at - lag(open_at) over (partition by mint order by open_at) as step from bars
  ), counted as (
    select mint, step, count(*) as n from steps where step > 0 group by mint, step
  )
  select mint, arg_min(step, (-n, step)) from counted group by mint`

const SORTED = `
  select b.* from bars b join names n using (mint)
  order by open_at + n.length, n.rank, ${COLUMNS.slice(2)
    .map(name => `b.${name}`)
    .join(', ')}`

/** Opens an empty table in a folder of its own. Close it, whatever happens. */
export async function openSorter(signal: AbortSignal): Promise<Sorter> {
  const folder = makeFolder()
  try {
    const { db, close } = await openDatabase(folder.path, signal)
    await createTable(db, 'bars', COLUMNS)
    const bars = await makeTable(db, 'bars')
    const names = makeNames()
    return {
      add: batch => bars.add(batch.map(bar => toRow(bar, names))),
      async modes() {
        bars.flush()
        const rows = await (await db.run(MODES)).getRows()
        return new Map(rows.map(([index, step]) => [names.at(index as number).mint, step as number]))
      },
      async *sorted(intervalOf) {
        bars.flush()
        await createTable(db, 'names', ['mint', 'rank', 'length'])
        const table = await makeTable(db, 'names')
        table.add(names.ranked().map(({ index, mint }, rank) => [index, rank, intervalOf(mint)]))
        table.flush()
        const result = await db.stream(SORTED)
        for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
          yield toBars(chunk, names)
        }
      },
      close() {
        close()
        folder.remove()
      },
    }
  } catch (error) {
    folder.remove()
    throw error
  }
}

async function openDatabase(path: string, signal: AbortSignal) {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const instance = await DuckDBInstance.create(`${path}/bars.duckdb`, {
    memory_limit: '256MB',
    temp_directory: path,
    threads: '2',
    preserve_insertion_order: 'false',
  })
  const db = await instance.connect()
  const interrupt = (): void => db.interrupt()
  signal.addEventListener('abort', interrupt)
  const close = (): void => {
    signal.removeEventListener('abort', interrupt)
    db.closeSync()
    instance.closeSync()
  }
  return { db, close }
}

const createTable = (db: DuckDBConnection, name: string, columns: readonly string[]) =>
  db.run(`create table ${name}(${columns.map(column => `${column} double`).join(', ')})`)

/** Appends rows of numbers to a table, a chunk at a time. */
async function makeTable(db: DuckDBConnection, name: string) {
  const { DuckDBDataChunk, DOUBLE } = await import('@duckdb/node-api')
  const appender: DuckDBAppender = await db.createAppender(name)
  const types = Array.from({ length: appender.columnCount }, () => DOUBLE)
  return {
    add(rows: readonly number[][]): void {
      for (let from = 0; from < rows.length; from += ROWS) {
        const part = rows.slice(from, from + ROWS)
        const chunk = DuckDBDataChunk.create(types)
        chunk.setColumns(types.map((_, column) => part.map(row => row[column] as number)))
        appender.appendDataChunk(chunk)
      }
    },
    flush: () => appender.flushSync(),
  }
}

/** Trades are −1 on disk where unknown, so that they sort as compareBars sorts them. */
const toRow = (bar: Bar, names: Names): number[] => [
  names.indexOf(bar),
  bar.openAt,
  bar.open,
  bar.high,
  bar.low,
  bar.close,
  bar.volume,
  Number.isNaN(bar.trades) ? -1 : bar.trades,
]

/** Bars of a chunk, read by column: an object per row, none per row and value. */
function toBars(chunk: DuckDBDataChunk, names: Names): Bar[] {
  const column = (index: number): number[] => chunk.getColumnValues(index) as number[]
  const [mints, openAts, opens, highs] = [column(0), column(1), column(2), column(3)]
  const [lows, closes, volumes, trades] = [column(4), column(5), column(6), column(7)]
  return mints.map((index, i) => {
    const { mint, currency } = names.at(index)
    const count = trades[i] as number
    return {
      mint,
      currency,
      openAt: openAts[i] as number,
      open: opens[i] as number,
      high: highs[i] as number,
      low: lows[i] as number,
      close: closes[i] as number,
      volume: volumes[i] as number,
      trades: count < 0 ? Number.NaN : count,
    }
  })
}
