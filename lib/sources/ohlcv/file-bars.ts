import { openBytes } from '../../base/bytes.ts'
import { DataError } from '../../base/errors.ts'
import type { Intake } from '../../stream/intake.ts'
import type { TimeRule } from '../../table/table-time.ts'
import { openTable } from './formats/open-table.ts'
import type { Currency, PriceTable, RawRow } from './formats/price-table.ts'
import { type Columns, type Field, findColumns } from './header-words.ts'
import { type Bar, readBar } from './price-row.ts'
import type { Instrument } from './symbol.ts'

export interface TableOptions {
  /** `--columns`: our field → the file's column. */
  columns: ReadonlyMap<Field, string>
  rule: TimeRule
  decimal: ',' | '.'
  /**
   * Name of the instrument where the columns hold no symbol: that of the file, or what it says of
   * itself. Throws a UsageError when two say it.
   */
  nameFor(columns: Columns, told?: string): string
  /** The instrument of a name; prices are in `told` where neither name nor flag says it. */
  instrument(name: string, told?: Currency): Instrument
  /** Told what the file is, once that is known. */
  found?(format: string): void
}

/**
 * The bars of one file in its own order, one batch per chunk of the file. A bad row goes to the
 * intake of the file, or is passed over in a first look (no intake). Throws a DataError when the
 * file is no table of bars, naming what it is.
 */
export async function* readTable(
  path: string,
  options: TableOptions,
  signal: AbortSignal,
  intake?: Intake,
): AsyncGenerator<Bar[]> {
  const { table, parse } = await opened(path, options, signal, intake)
  for await (const rows of table.rows) {
    const bars: Bar[] = []
    let failure: { error: unknown } | undefined
    for (const row of rows) {
      try {
        const bar = takeRow(parse, row, intake)
        if (bar !== undefined) bars.push(bar)
      } catch (error) {
        failure = { error }
        break
      }
    }
    if (bars.length > 0) yield bars
    if (failure) throw failure.error
  }
  intake?.finish()
}

type Parse = (row: RawRow) => Bar

async function opened(
  path: string,
  options: TableOptions,
  signal: AbortSignal,
  intake: Intake | undefined,
): Promise<{ table: PriceTable; parse: Parse }> {
  try {
    const table = await openTable(openBytes(path, signal, intake?.read), options)
    if (table === undefined) throw new DataError('expected a table of bars, got an empty file')
    const parse = makeParse(table, options)
    options.found?.(table.format)
    return { table, parse }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof DataError) error.place ??= path
    throw error
  }
}

/** Throws a DataError where a header lacks a column, or a row without one has no known layout. */
function makeParse(table: PriceTable, options: TableOptions): Parse {
  const columns = columnsOf(table, options)
  const name = options.nameFor(columns, table.symbol)
  const instrument = (said: string): Instrument => options.instrument(said, table.currency)
  const reader = { instrument, rule: options.rule, decimal: options.decimal }
  return ({ raw, fields = table.split?.(raw) ?? [] }) => readBar(fields, columns, reader, name)
}

function columnsOf(table: PriceTable, { columns }: TableOptions): Columns {
  try {
    return findColumns(table.header, columns, table.first)
  } catch (error) {
    if (!(error instanceof DataError)) throw error
    const places = 'timestamp=1,open=2,high=3,low=4,close=5,volume=6'
    const unknown =
      table.isHeaderless && columns.size === 0
        ? new DataError(
            `${table.header.length} columns without a header are no layout that is known: say ` +
              `which is which by place, as --columns ${places}`,
          )
        : error
    unknown.line = table.line
    throw unknown
  }
}

function takeRow(parse: Parse, row: RawRow, intake: Intake | undefined): Bar | undefined {
  const read = (): Bar => {
    try {
      return parse(row)
    } catch (error) {
      if (error instanceof DataError) error.line = row.no
      throw error
    }
  }
  if (intake !== undefined) return intake.take(row, read)
  try {
    return read()
  } catch (error) {
    if (error instanceof DataError) return undefined
    throw error
  }
}
