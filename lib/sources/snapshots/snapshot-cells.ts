import { DataError, show } from '../../base/errors.ts'
import { MAX_AMOUNT } from '../../market/ratio.ts'
import { MISSING } from '../../table/column-kinds.ts'
import { parseTime, type TimeRule, whyNoTime } from '../../table/table-time.ts'
import { isDecimal, type Scaled, scaled } from './exact-decimal.ts'
import { type CellKind, FIELDS, type FieldName } from './snapshot-fields.ts'
import type { SnapshotMap } from './snapshot-map.ts'
import type { Cells } from './snapshot-table.ts'

/** Cells of one row by field; each is undefined where the table does not tell it. */
export interface RowCells {
  text(name: FieldName): string | undefined
  /** A number; numbers are for people, so a double holds them. */
  number(name: FieldName): number | undefined
  /** Base units, of a cell in whole tokens by the decimals that are given. */
  amount(name: FieldName, decimals: number): Scaled | undefined
  flag(name: FieldName): boolean | undefined
}

const ADDRESS = /^[A-Za-z0-9._-]{1,64}$/
const NAME = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/
/** What begins with a digit is no word for a missing value. */
const DIGIT = /^\d/
const YES = ['true', 't', 'yes', '1']
const NO = ['false', 'f', 'no', '0']
const MOST_DECIMALS = 30

/**
 * Reads cells by a mapping. Each reading throws a DataError with the name of the column for a cell
 * that is not what its field is. There is one object for all rows: it tells the row given last.
 */
export function makeCellReader(
  map: SnapshotMap,
  columns: readonly string[],
  rule: TimeRule,
): (cells: Cells) => RowCells {
  const origins = new Map(
    [...map].map(([name, from]) => [
      name,
      'column' in from
        ? { column: from.column, at: columns.indexOf(from.column), value: '' }
        : { column: name, at: -1, value: from.value },
    ]),
  )
  let row: Cells = []
  const read = <T>(name: FieldName, act: (cell: string) => T | undefined): T | undefined => {
    const origin = origins.get(name)
    if (origin === undefined) return undefined
    const { column, at, value: constant } = origin
    const cell = (at < 0 ? constant : (row[at] ?? '')).trim()
    if (!DIGIT.test(cell) && MISSING.includes(cell.toLowerCase())) return undefined
    const value = act(cell)
    if (value !== undefined) return value
    throw new DataError(whyNot(FIELDS[name].is, cell, rule), { field: column })
  }
  const reader: RowCells = {
    text: name => read(name, cell => asText(FIELDS[name].is, cell)),
    number: name => read(name, cell => asNumber(FIELDS[name].is, cell, rule)),
    flag: name => read(name, asFlag),
    amount: (name, decimals) => read(name, cell => asAmount(FIELDS[name].is, cell, decimals)),
  }
  return cells => {
    row = cells
    return reader
  }
}

/** Base units up to the most that a line holds; only of whole tokens may something be cut off. */
function asAmount(kind: CellKind, cell: string, decimals: number): Scaled | undefined {
  const isWhole = kind === 'whole'
  const found = scaled(cell, isWhole ? decimals : 0)
  if (found === undefined || found.amount < 0n || found.amount > MAX_AMOUNT) return undefined
  return found.isExact || isWhole ? found : undefined
}

const asText = (kind: CellKind, cell: string): string | undefined =>
  (kind === 'name' ? NAME : ADDRESS).test(cell) ? cell : undefined

function asNumber(kind: CellKind, cell: string, rule: TimeRule): number | undefined {
  if (kind === 'time') {
    const ts = parseTime(cell, rule)
    return Number.isNaN(ts) ? undefined : ts
  }
  const value = isDecimal(cell) ? Number(cell) : Number.NaN
  if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) return undefined
  if (kind === 'number') return value
  const most = kind === 'decimals' ? MOST_DECIMALS : Number.MAX_SAFE_INTEGER
  return Number.isInteger(value) && value <= most ? value : undefined
}

function asFlag(cell: string): boolean | undefined {
  const word = cell.toLowerCase()
  return YES.includes(word) ? true : NO.includes(word) ? false : undefined
}

const EXPECTED: Record<Exclude<CellKind, 'time'>, string> = {
  address: 'an address',
  name: 'a name without spaces',
  amount: 'a whole number of base units (whole tokens are …Reserve)',
  whole: 'a number of tokens from 0',
  decimals: `a whole number from 0 to ${MOST_DECIMALS}`,
  count: 'a whole number from 0',
  number: 'a number from 0',
  flag: 'true or false',
}

const whyNot = (kind: CellKind, cell: string, rule: TimeRule): string =>
  kind === 'time' ? whyNoTime(cell, rule) : `expected ${EXPECTED[kind]}, got ${show(cell)}`
