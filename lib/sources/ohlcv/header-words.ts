import { DataError, show, UsageError } from '../../base/errors.ts'
import { parseTime } from '../../table/table-time.ts'
import { isQuote } from './pair.ts'

/**
 * What a row can hold, with the header words that mean it (compared in lower case, spaces as
 * underscores).
 */
const WORDS = {
  symbol: ['symbol', 'mint', 'pair', 'ticker', 'tic', 'instrument', 'address'],
  timestamp: [
    'timestamp',
    'unix',
    'unix_timestamp',
    'unixtime',
    'unix_time',
    'time',
    'date',
    'datetime',
    'open_time',
    'opentime',
    'gmt_time',
    'local_time',
    'start',
    'start_time',
    't',
  ],
  open: ['open', 'o', 'open_price'],
  high: ['high', 'h', 'high_price'],
  low: ['low', 'l', 'low_price'],
  close: ['close', 'c', 'close_price'],
  volume: ['volume', 'vol', 'v', 'base_volume', 'volumefrom', 'tickvol', 'tick_volume'],
  liquidity: ['liquidity', 'liquidity_usd', 'liquidityusd', 'reserve_in_usd'],
  marketCap: ['marketcap', 'market_cap', 'market_cap_usd', 'marketcapusd', 'mcap'],
  holders: ['holders', 'holder_count', 'holdercount'],
  ageHours: ['agehours', 'age_hours', 'token_age_hours'],
  volume24h: ['volume24h', 'volume_24h', 'volume_24h_usd', 'volume24husd'],
  trades: ['trades', 'count', 'number_of_trades', 'num_trades', 'tradecount', 'trade_count'],
} as const

export type Field = keyof typeof WORDS
const FIELDS = Object.keys(WORDS) as Field[]
/**
 * Without these a row is not a bar: the symbol may come from the file name, trades are rarely
 * known.
 */
const REQUIRED: readonly Field[] = ['timestamp', 'open', 'high', 'low', 'close', 'volume']

/** Where each field stands in a row, and what the file calls it. */
export interface Columns extends Partial<Record<Field, Place>> {
  /** The clock, where a column of its own holds it beside that of the date. */
  clock?: Place
}
interface Place {
  at: number
  name: string
}

/** Reads `symbol=Ticker` words: our field, the file's column. Throws a UsageError. */
export function parseColumns(words: readonly string[]): Map<Field, string> {
  const found = new Map<Field, string>()
  for (const word of words) {
    const cut = word.indexOf('=')
    const field = word.slice(0, cut) as Field
    const isNameless = cut === word.length - 1 && field !== 'timestamp'
    if (cut < 1 || isNameless || !FIELDS.includes(field)) {
      throw new UsageError(
        `--columns: expected FIELD=COLUMN with FIELD one of ${FIELDS.join(', ')}, got ` +
          `${show(word)}`,
      )
    }
    if (found.has(field)) throw new UsageError(`--columns: ${field} is given twice`)
    found.set(field, word.slice(cut + 1))
  }
  return found
}

/**
 * Finds the fields in a header by their usual names, those of `--columns` (names, or places counted
 * from 1) and, for the time, in a column without a name whose first cell is one, as pandas writes
 * an index. Throws a DataError naming the missing column and what is there instead.
 */
export function findColumns(
  header: readonly string[],
  given: ReadonlyMap<Field, string>,
  first: readonly string[] = [],
): Columns {
  const names = header.map(name => name.trim())
  const words = names.map(plain)
  const columns: Columns = {}
  for (const field of FIELDS) {
    const wanted = given.get(field)
    const at = wanted === undefined ? usual(words, field, first) : exactly(names, wanted)
    if (at >= 0) columns[field] = { at, name: names[at]! }
    else if (wanted !== undefined || REQUIRED.includes(field)) {
      throw new DataError(
        `no column ${wanted ?? WORDS[field].join(' or ')}, the header is ` +
          `${show(names.join(','), 120)}`,
        {
          field: wanted ?? field,
        },
      )
    }
  }
  return given.has('timestamp') ? columns : withClock(columns, words, names, first)
}

/** `Open Time`, `open_time` and MetaTrader’s `<OPEN>` are one word each. */
const plain = (name: string): string =>
  name
    .toLowerCase()
    .replace(/^<(.*)>$/, '$1')
    .replaceAll(' ', '_')

const isTime = (cell: string | undefined): boolean =>
  cell !== undefined && !Number.isNaN(parseTime(cell.trim(), { order: 'dmy' }))

function usual(words: readonly string[], field: Field, first: readonly string[]): number {
  const word = WORDS[field].find((one: string) => words.includes(one))
  if (word !== undefined && words.indexOf(word) !== words.lastIndexOf(word))
    throw new DataError(
      `${show(word)} stands twice in the header: say which one by place, as --columns ` +
        `${field}=${words.indexOf(word) + 1}`,
      { field },
    )
  if (word !== undefined) return words.indexOf(word)
  if (field === 'timestamp') {
    const at = words.findIndex(name => INDEX.test(name))
    return at >= 0 && isTime(first[at]) ? at : -1
  }
  return field === 'volume' ? words.findIndex(isTokenVolume) : -1
}

/** Names that pandas gives an index without one, in CSV, Parquet and Feather. */
const INDEX = /^$|^unnamed:_0$|^index$|^level_0$|^__index_level_0__$/

/** `Volume BTC` beside `Volume USDT`: tokens, not the money they changed hands for. */
function isTokenVolume(name: string): boolean {
  const unit = /^vol(?:ume)?[_(]+([a-z][a-z0-9]{1,11})\)?$/.exec(name)?.[1]
  return unit !== undefined && !isQuote(unit)
}

/** A date whose clock stands in a column of its own. */
function withClock(
  columns: Columns,
  words: readonly string[],
  names: readonly string[],
  first: readonly string[],
): Columns {
  const [date, time] = [words.indexOf('date'), words.indexOf('time')]
  if (date < 0 || time < 0 || !/^\d{1,2}:\d{2}/.test(first[time]?.trim() ?? '')) return columns
  return {
    ...columns,
    timestamp: { at: date, name: names[date]! },
    clock: { at: time, name: names[time]! },
  }
}

function exactly(names: readonly string[], wanted: string): number {
  const at = names.indexOf(wanted)
  if (at >= 0) return at
  const alike = names.map(plain).indexOf(plain(wanted))
  const place = /^[1-9]\d{0,3}$/.test(wanted) ? Number(wanted) - 1 : -1
  return alike < 0 && place < names.length ? place : alike
}
