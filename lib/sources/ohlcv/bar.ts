import { DataError, show } from '../../errors.ts'
import type { Columns, Field } from './columns.ts'
import type { Instrument } from './symbol.ts'
import { parseTime } from './time.ts'

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
}

const DECIMAL = /^(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$/
/** No price or volume of this world; products of such numbers would leave what a float32 tensor can hold. */
const ABSURD = 1e18

/** Turns the fields of a row into a bar. Throws a DataError naming column and value. */
export function readBar(fields: readonly string[], columns: Columns, instrument: (name: string) => Instrument): Bar {
  const cell = (field: Field): string => {
    const { at, name } = columns[field] as { at: number; name: string }
    const text = fields[at]?.trim()
    if (text === undefined || text === '') throw new DataError(`expected a value, got ${show(text)}`, { field: name })
    return text
  }
  const amount = (field: Field): number => {
    const text = cell(field)
    const value = DECIMAL.test(text) ? Number(text) : Number.NaN
    if (!(value < ABSURD)) {
      throw new DataError(`expected a number from 0 to 1e18, got ${show(text)}`, { field: columns[field]?.name })
    }
    return value
  }
  const openAt = parseTime(cell('timestamp'))
  if (Number.isNaN(openAt)) {
    const { name, at } = columns.timestamp as { at: number; name: string }
    throw new DataError(`expected a time in s, ms or µs or YYYY-MM-DD HH:MM:SS, got ${show(fields[at])}`, { field: name })
  }
  const [open, high, low, close] = [amount('open'), amount('high'), amount('low'), amount('close')]
  if (high < low) throw new DataError(`expected at least low ${low}, got ${high}`, { field: columns.high?.name })
  const volume = amount('volume')
  const trades = columns.trades === undefined ? Number.NaN : Math.floor(amount('trades'))
  return { ...named(columns, cell, instrument), openAt, open, high, low, close, volume, trades }
}

function named(columns: Columns, cell: (field: Field) => string, instrument: (name: string) => Instrument): Instrument {
  if (columns.symbol === undefined) return instrument('')
  const name = cell('symbol')
  try {
    return instrument(name)
  } catch (error) {
    throw error instanceof DataError ? new DataError(error.message, { field: columns.symbol.name }) : error
  }
}

/** Order of bars of one time: by mint, then by their numbers, so that it does not depend on which file a row was in. */
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
