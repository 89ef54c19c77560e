import { DataError, show } from '../../base/errors.ts'
import { parseTime, type TimeRule, whyNoTime } from '../../table/table-time.ts'
import { type BarFacts, FACTS } from './bar-facts.ts'
import type { Columns, Field } from './header-words.ts'
import type { Instrument } from './symbol.ts'

/** One row of a price file: a bar whose length is not yet known. */
export interface Bar extends Instrument {
  openAt: number
  open: number
  high: number
  low: number
  close: number
  volume: number
  /** Trades in the bar; NaN when the file does not say. */
  trades: number
  /** What the row says of the token beside its prices. */
  facts?: BarFacts | undefined
  /** Put in where the file has no bar. */
  isFilled?: true
}

const DECIMAL = /^(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$/
/**
 * No price or volume of this world; products of such numbers would leave what a float32 tensor can
 * hold.
 */
const ABSURD = 1e18

/**
 * Turns the fields of a row into a bar; `name` is its symbol where no column says it. Throws a
 * DataError naming column and value.
 */
export function readBar(
  fields: readonly string[],
  columns: Columns,
  { instrument, rule, decimal }: Reader,
  name: string,
): Bar {
  const amount = (field: Field): number => amountOf(fields, columns, field, decimal)
  const { mint, currency } = named(
    () => instrument(columns.symbol ? cellOf(fields, columns, 'symbol') : name),
    columns,
  )
  const openAt = timeOf(fields, columns, rule)
  const [open, high, low, close] = [amount('open'), amount('high'), amount('low'), amount('close')]
  const volume = amount('volume')
  const trades = columns.trades === undefined ? Number.NaN : Math.floor(amount('trades'))
  const facts = factsOf(fields, columns, amount)
  const bar = { mint, currency, openAt, open, high, low, close, volume, trades }
  return possible(facts === undefined ? bar : { ...bar, facts }, columns)
}

const UNKNOWN = /^$|^(-|n\/?a|nan|null|none)$/i

/** Facts of the columns that the file has; an empty cell is unknown. */
function factsOf(
  fields: readonly string[],
  columns: Columns,
  amount: (field: Field) => number,
): BarFacts | undefined {
  let facts: BarFacts | undefined
  for (const fact of FACTS) {
    const at = columns[fact]?.at
    if (at === undefined || UNKNOWN.test(fields[at]?.trim() ?? '')) continue
    facts ??= {}
    facts[fact] = amount(fact)
  }
  return facts
}

/** How cells become a bar. */
interface Reader {
  instrument(name: string): Instrument
  rule: TimeRule
  decimal: ',' | '.'
}

/**
 * The bar, if there can be one: prices are above 0, low is the least and high the most of them.
 * Throws a DataError naming the price that cannot be.
 */
function possible(bar: Bar, columns: Columns): Bar {
  const { open, high, low, close } = bar
  // A zero is what tables put where they know no price, and a return over it has no end.
  for (const field of ['open', 'low', 'close'] as const)
    if (bar[field] === 0) throw wrong(columns, field, 'expected a price above 0, got 0')
  if (high < low) throw wrong(columns, 'high', `expected at least low ${low}, got ${high}`)
  for (const [field, price] of [
    ['open', open],
    ['close', close],
  ] as const)
    if (price < low || price > high)
      throw wrong(columns, field, `expected low ${low} to high ${high}, got ${price}`)
  return bar
}

const AMOUNTS = ['open', 'high', 'low', 'close', 'volume'] as const

/** A bar whose fields are numbers already, held to the bounds of `readBar`. Throws a DataError. */
export function checkedBar(bar: Bar, columns: Columns): Bar {
  const { open, high, low, close, volume } = bar
  const most = Math.max(open, high, low, close, volume)
  const isSane = most < ABSURD && Math.min(open, low, close, volume) >= 0
  for (const field of isSane ? [] : AMOUNTS)
    if (!(bar[field] >= 0 && bar[field] < ABSURD))
      throw wrong(columns, field, `expected a number from 0 to below 1e18, got ${bar[field]}`)
  if (bar.trades < 0 || bar.trades >= ABSURD)
    throw wrong(columns, 'trades', `expected a number from 0 to below 1e18, got ${bar.trades}`)
  if (!Number.isNaN(bar.openAt)) return possible(bar, columns)
  throw wrong(columns, 'timestamp', 'expected a time in s, ms, µs or ns')
}

function cellOf(fields: readonly string[], columns: Columns, field: Field): string {
  const at = columns[field]?.at
  const text = at === undefined ? undefined : fields[at]?.trim()
  if (text === undefined || text === '')
    throw wrong(columns, field, `expected a value, got ${show(text)}`)
  return text
}

function amountOf(
  fields: readonly string[],
  columns: Columns,
  field: Field,
  decimal: Reader['decimal'],
): number {
  const text = cellOf(fields, columns, field)
  const plain = (decimal === ',' ? withPoint(text) : text).replace(/^\+/, '')
  const value = DECIMAL.test(plain) ? Number(plain) : Number.NaN
  if (value < ABSURD) return value
  const hint = decimal === '.' ? hintFor(text) : ''
  throw wrong(columns, field, `expected a number from 0 to below 1e18, got ${show(text)}${hint}`)
}

function hintFor(text: string): string {
  if (GROUPED.test(text))
    return ', which may have thousands separators; --decimal , reads it as a decimal comma'
  return WITH_COMMA.test(text) ? '; --decimal , reads decimal commas' : ''
}

const GROUPED = /^\d{1,3}(,\d{3})+(\.\d+)?$/
const WITH_COMMA = /^\d{1,3}(\.\d{3})*,\d+$|^\d+,\d*$/

/** `1.234,5` as `1234.5`; a point elsewhere than between thousands makes it no number. */
function withPoint(text: string): string {
  const [whole = '', rest] = text.split(',', 2)
  const grouped = /^\d{1,3}(\.\d{3})+$/.test(whole) ? whole.replaceAll('.', '') : whole
  if (grouped.includes('.')) return 'NaN'
  return rest === undefined ? grouped : `${grouped}.${rest}`
}

function timeOf(fields: readonly string[], columns: Columns, rule: TimeRule): number {
  const cell = cellOf(fields, columns, 'timestamp')
  const clock = columns.clock && fields[columns.clock.at]?.trim()
  const text = clock ? `${cell} ${clock}` : cell
  const at = parseTime(text, rule)
  if (!Number.isNaN(at)) return at
  throw wrong(columns, 'timestamp', whyNoTime(text, rule))
}

function named(find: () => Instrument, columns: Columns): Instrument {
  try {
    return find()
  } catch (error) {
    throw error instanceof DataError && error.field === undefined
      ? wrong(columns, 'symbol', error.message)
      : error
  }
}

const wrong = (columns: Columns, field: Field, reason: string): DataError =>
  new DataError(reason, { field: columns[field]?.name ?? field })

/**
 * Order of bars of one time: by mint, then by their numbers, so that it does not depend on which
 * file a row was in.
 */
export function compareBars(a: Bar, b: Bar): number {
  if (a.mint !== b.mint) return a.mint < b.mint ? -1 : 1
  return (
    a.open - b.open ||
    a.high - b.high ||
    a.low - b.low ||
    a.close - b.close ||
    a.volume - b.volume ||
    (Number.isNaN(a.trades) ? -1 : a.trades) - (Number.isNaN(b.trades) ? -1 : b.trades)
  )
}
