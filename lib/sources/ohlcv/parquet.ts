import { statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { DataError, show } from '../../base/errors.ts'
import type { Duck } from '../../store/duck/duck.ts'
import { ident, quote } from '../../store/duck/sql.ts'
import type { Intake } from '../../stream/intake.ts'
import { parseTime, type TimeRule, timeOfNumber } from '../../table/table-time.ts'
import { FACTS, type Fact } from './bar-facts.ts'
import type { TableOptions } from './file-bars.ts'
import { type Columns, type Field, findColumns } from './header-words.ts'
import { type Bar, checkedBar } from './price-row.ts'
import type { Instrument } from './symbol.ts'

/** Rows handed on at once: few enough that their objects die young. */
const SLICE = 256
const NUMBERS = ['open', 'high', 'low', 'close', 'volume', 'trades'] as const

/** Parquet begins with its name; only a file can be one, as it is read from its end. */
export async function isParquet(path: string): Promise<boolean> {
  if (path === '-' || !statSync(path).isFile()) return false
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0)
    return bytesRead === 4 && buffer.toString('latin1') === 'PAR1'
  } finally {
    await file.close()
  }
}

/**
 * The bars of a Parquet file in its own order, a block of columns at a time. The same columns,
 * bounds and fate of bad rows as of a CSV file; times are timestamps, or whole numbers of s, ms or
 * µs. Throws a DataError when the file is no Parquet or lacks a column.
 */
export async function* readParquet(
  path: string,
  options: TableOptions,
  signal: AbortSignal,
  intake?: Intake,
): AsyncGenerator<Bar[]> {
  const { openDuck } = await import('../../store/duck/duck.ts')
  const duck = await openDuck(':memory:', { memory: '512MB' })
  signal.addEventListener('abort', duck.interrupt)
  try {
    const columns = await columnsOf(duck, path, options)
    const name = options.nameFor(columns)
    const names = await symbolsOf(duck, path, columns)
    const instruments = new Map<number, Instrument>()
    const instrumentOf = (code: number): Instrument => {
      let found = instruments.get(code)
      if (found === undefined)
        instruments.set(code, (found = options.instrument(names[code] ?? name)))
      return found
    }
    intake?.read(statSync(path).size)
    const query = intake === undefined ? lookOf(path, columns) : queryOf(path, columns)
    for await (const block of duck.numbers.columns(query)) {
      for (let from = 0; from < (block[0]?.length ?? 0); from += SLICE) {
        const part = block.map(values => values.slice(from, from + SLICE))
        const bars =
          intake === undefined
            ? timesOf(part, columns, instrumentOf)
            : barsOf(part, columns, instrumentOf, intake)
        if (bars.length > 0) yield bars
      }
    }
  } catch (error) {
    signal.throwIfAborted()
    throw located(error, path)
  } finally {
    signal.removeEventListener('abort', duck.interrupt)
    duck.close()
  }
  intake?.finish()
}

async function columnsOf(duck: Duck, path: string, options: TableOptions): Promise<Known> {
  try {
    const found = await duck.rows(`describe select * from read_parquet(${quote(path)})`)
    const names = found.map(row => String(row.column_name))
    const [first = {}] = await duck.rows(
      `select columns(*)::varchar from read_parquet(${quote(path)}) limit 1`,
    )
    const cells = Object.values(first).map(cell => String(cell ?? ''))
    const columns = findColumns(names, options.columns, cells)
    const types = found.map(row => String(row.column_type))
    options.found?.('Parquet')
    return { ...columns, times: timesIn(types[columns.timestamp!.at]!), rule: options.rule, types }
  } catch (error) {
    throw located(error, path)
  }
}

/** Names the file in a DataError, and in what the engine says of a file that it cannot read. */
function located(error: unknown, path: string): unknown {
  if (!(error instanceof Error)) return error
  const failure =
    error instanceof DataError
      ? error
      : new DataError(`no price table: ${show(error.message, 120)}`)
  failure.place ??= path
  return failure
}

interface Known extends Columns {
  times: 'stamps' | 'numbers' | 'texts'
  rule: TimeRule
  /** Types of the columns of the file, in its order. */
  types: readonly string[]
}
const isText = (type: string | undefined): boolean => /^(VARCHAR|ENUM|BLOB)/.test(type ?? '')
const timesIn = (type: string): Known['times'] =>
  /^(TIMESTAMP|DATE)/.test(type) ? 'stamps' : isText(type) ? 'texts' : 'numbers'
const column = (columns: Known, field: Field): string => ident(columns[field]?.name ?? field)

/** Symbols in the order of their codes. */
async function symbolsOf(duck: Duck, path: string, columns: Known): Promise<string[]> {
  if (columns.symbol === undefined) return []
  const symbol = column(columns, 'symbol')
  const from =
    `select distinct ${symbol}::varchar as name from read_parquet(${quote(path)}) where ` +
    `${symbol} is not null`
  const rows = await duck.rows(`${from} order by 1`)
  const names = rows.map(row => String(row.name))
  if (names.length > 0)
    await duck.run(`create type symbols as enum (${names.map(quote).join(', ')})`)
  return names
}

/** A missing number is NaN, which no check lets pass; null would pass for 0. */
const orNaN = (sql: string): string => `coalesce((${sql})::double, 'nan'::double)`

/** The symbol by its code, −1 where there is none; the time in ms when it is a timestamp. */
function keysOf(columns: Known): [code: string, time: string] {
  const time = column(columns, 'timestamp')
  const code =
    columns.symbol &&
    `coalesce(enum_code(${column(columns, 'symbol')}::varchar::symbols), -1)::double`
  const stamp = columns.times === 'stamps' ? `epoch_ms(${time})` : time
  return [code ?? '-1::double', columns.times === 'texts' ? `${time}::varchar` : orNaN(stamp)]
}

/** A column as numbers, whatever it holds: a text that is none is NaN, and refused as such. */
function numberIn(columns: Known, field: Field): string {
  const name = column(columns, field)
  return isText(columns.types[columns[field]?.at ?? -1])
    ? `coalesce(try_cast(${name}::varchar as double), 'nan'::double)`
    : orNaN(name)
}

/** All columns as numbers. */
function queryOf(path: string, columns: Known): string {
  const parts = [
    ...keysOf(columns),
    ...NUMBERS.filter(field => columns[field] !== undefined).map(field => numberIn(columns, field)),
  ]
  return `select ${parts.join(', ')} from read_parquet(${quote(path)})`
}

/**
 * Symbol and time of the rows that are good, for a first look: it asks for nothing else, and reads
 * in half the time.
 */
function lookOf(path: string, columns: Known): string {
  const { symbol, trades } = columns
  const names = (['open', 'high', 'low', 'close', 'volume'] as const).map(field =>
    numberIn(columns, field),
  )
  const [open, high, low, close] = names
  const isGood = [
    ...names.map(name => `${name} >= 0 and ${name} < 1e18`),
    `greatest(${open}, ${low}, ${close}) <= ${high}`,
    `least(${open}, ${close}) >= ${low} and ${low} > 0`,
    ...(symbol === undefined ? [] : [`${column(columns, 'symbol')} is not null`]),
    ...(trades === undefined
      ? []
      : [`coalesce(nullif(${numberIn(columns, 'trades')}, 'nan') between 0 and 1e18, true)`]),
  ]
  const [code, time] = keysOf(columns)
  return `select ${code}, ${time} from read_parquet(${quote(path)}) where ${isGood.join(' and ')}`
}

/**
 * A timestamp is in ms already, a number is told by its size, a text is read by the rule. NaN when
 * it is no time of this planet.
 */
function timeOf(value: number | string | null, { times, rule }: Known): number {
  if (times === 'texts') return parseTime(String(value ?? '').trim(), rule)
  if (typeof value !== 'number') return Number.NaN
  if (times === 'numbers') return timeOfNumber(value)
  return value >= 0 && value < 1e13 ? Math.floor(value) : Number.NaN
}

/** Bars of a first look: nobody reads their prices. */
function timesOf(
  [codes = [], times = []]: readonly number[][],
  columns: Known,
  instrumentOf: (code: number) => Instrument,
): Bar[] {
  const bars: Bar[] = []
  const [none, trades] = [0, Number.NaN]
  for (let i = 0; i < codes.length; i++) {
    const openAt = timeOf(times[i]!, columns)
    if (Number.isNaN(openAt)) continue
    const { mint, currency } = instrumentOf(codes[i]!)
    bars.push({
      mint,
      currency,
      openAt,
      open: none,
      high: none,
      low: none,
      close: none,
      volume: none,
      trades,
    })
  }
  return bars
}

/** Facts of a row; what is missing, or below 0, is unknown. */
function factsOf(columns: readonly number[][], row: number): Pick<Bar, 'facts'> {
  const known = FACTS.flatMap((fact, f): [Fact, number][] => {
    const value = columns[f]?.[row] ?? Number.NaN
    return value >= 0 && value < 1e18 ? [[fact, value]] : []
  })
  return known.length === 0 ? {} : { facts: Object.fromEntries(known) }
}

function barsOf(
  block: readonly number[][],
  columns: Known,
  instrumentOf: (code: number) => Instrument,
  intake: Intake,
): Bar[] {
  const [
    codes = [],
    times = [],
    opens = [],
    highs = [],
    lows = [],
    closes = [],
    volumes = [],
    trades = [],
    ...told
  ] = block
  const bars: Bar[] = []
  const row = {
    at: 0,
    get raw() {
      return JSON.stringify(block.map(values => values[row.at]))
    },
  }
  const read = (): Bar => {
    const i = row.at
    if (columns.symbol !== undefined && codes[i]! < 0)
      throw new DataError('expected a value, got none', { field: columns.symbol.name })
    const { mint, currency } = instrumentOf(codes[i]!)
    const [openAt, open, high] = [timeOf(times[i]!, columns), opens[i]!, highs[i]!]
    const [low, close, volume] = [lows[i]!, closes[i]!, volumes[i]!]
    const count = Math.floor(trades[i]!)
    const bar = { mint, currency, openAt, open, high, low, close, volume, trades: count }
    return checkedBar({ ...bar, ...factsOf(told, i) }, columns)
  }
  for (; row.at < codes.length; row.at++) {
    const bar = intake.take(row, read)
    if (bar !== undefined) bars.push(bar)
  }
  return bars
}
