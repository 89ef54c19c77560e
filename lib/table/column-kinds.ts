import { show } from '../base/errors.ts'
import type { Duck } from '../store/duck/duck.ts'
import { ident, quoteList } from '../store/duck/sql.ts'
import { ROW, type TableSource } from './table-source.ts'

/** A cell that is not what the rest of its column is: what it holds, and its row from 1. */
interface Odd {
  value: string
  row: number
  count: number
}

/** What the cells of a column are, by all of them. */
export interface ColumnKind {
  /** Flags are true and false; an empty column of a text has no value in any row. */
  is: 'number' | 'flag' | 'text' | 'list' | 'time' | 'empty'
  /** SQL of its numbers; unknown and infinite ones are null. */
  sql: string
  /** Words such as N/A, which stand for a missing number. */
  missing?: Odd | undefined
  /** Infinities, which no line can hold: unknown as well. */
  infinite?: Odd | undefined
  /** The first cell that keeps a column from being numbers. */
  odd?: Odd | undefined
  /** Most of its cells are numbers. */
  wasNumbers?: boolean
}

/** How tables write that a number is missing (pandas.read_csv knows the same, but for dashes). */
export const MISSING = ['', '-', '--', 'n/a', 'na', '#n/a', 'nan', 'null', 'none', 'nil']
/** The most that a float32 holds: a model would read anything larger as infinite. */
const MOST = '3.4028234663852886e38'
const INFINITE = ['inf', '+inf', '-inf', 'infinity', '+infinity', '-infinity', '∞', '-∞']

const isTexts = (type: string): boolean => /^(VARCHAR|ENUM)/.test(type)
const isNumbers = (type: string): boolean =>
  /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL\([0-9,]+\))$/.test(type)

/**
 * Looks at every cell of some columns. `decimal` is what stands before the decimals of a number
 * that is text.
 */
export async function examine(
  duck: Duck,
  { from, types }: TableSource,
  names: readonly string[],
  decimal: ',' | '.' = '.',
): Promise<Map<string, ColumnKind>> {
  const looks = names.map((name, i) => lookAt(name, types.get(name) ?? '', i, decimal))
  const parts = looks.flatMap(look => look.parts)
  const [found = {}] =
    parts.length === 0 ? [] : await duck.rows(`SELECT ${parts.join(', ')} FROM ${from}`)
  return new Map(looks.map(({ name, kind }) => [name, kind(found)]))
}

interface Look {
  name: string
  parts: string[]
  kind(found: Record<string, unknown>): ColumnKind
}

function lookAt(name: string, type: string, i: number, decimal: ',' | '.'): Look {
  const column = ident(name)
  if (isTexts(type)) return lookAtTexts(name, `CAST(${column} AS VARCHAR)`, i, decimal)
  if (type === 'BOOLEAN')
    return { name, parts: [], kind: () => ({ is: 'flag', sql: `CAST(${column} AS INTEGER)` }) }
  if (!isNumbers(type)) {
    const is = /^(TIMESTAMP|DATE)/.test(type) ? 'time' : /\[/.test(type) ? 'list' : 'text'
    return { name, parts: [], kind: () => ({ is, sql: column }) }
  }
  const value = `CAST(${column} AS DOUBLE)`
  const isInfinite = `abs(${value}) > ${MOST} AND NOT isnan(${value})`
  const sql = `CASE WHEN abs(${value}) <= ${MOST} THEN ${value} END`
  return {
    name,
    parts: oddParts(`i${i}`, column, isInfinite),
    kind: found => ({ is: 'number', sql, infinite: oddOf(found, `i${i}`) }),
  }
}

/** A column of texts is numbers, or flags, where all cells are, but for those that are missing. */
function lookAtTexts(name: string, text: string, i: number, decimal: ',' | '.'): Look {
  const word = `lower(trim(${text}))`
  const written = decimal === ',' ? withPoint(text) : text
  const value = `TRY_CAST(${written} AS DOUBLE)`
  const isMissing = `${word} IN (${listed(MISSING)})`
  const isLarge = `coalesce(abs(${value}) > ${MOST} AND NOT isnan(${value}), false)`
  const isInfinite = `${word} IN (${listed(INFINITE)}) OR ${isLarge}`
  const isFlag = `${word} IN ('true', 'false')`
  const isOdd = `NOT (${isMissing}) AND NOT (${isInfinite}) AND ${value} IS NULL`
  const number = `CASE WHEN abs(${value}) <= ${MOST} THEN ${value} END`
  const flag = `CASE ${word} WHEN 'true' THEN 1 WHEN 'false' THEN 0 END`
  return {
    name,
    parts: [
      `count(${text}) AS n${i}`,
      `count(*) FILTER (${isFlag}) AS f${i}`,
      `count(*) FILTER (trim(${text}) = '') AS e${i}`,
      ...oddParts(`m${i}`, text, `${isMissing} AND trim(${text}) <> ''`),
      ...oddParts(`i${i}`, text, isInfinite),
      ...oddParts(`o${i}`, text, isOdd),
      `count(*) FILTER (${isOdd} AND regexp_matches(${text}, '${ALMOST}')) AS q${i}`,
    ],
    kind(found) {
      const [all, flags, blank, almost] = ['n', 'f', 'e', 'q'].map(key =>
        Number(found[`${key}${i}`] ?? 0),
      )
      const [missing, infinite, odd] = ['m', 'i', 'o'].map(key => oddOf(found, `${key}${i}`))
      const held = all! - blank! - (missing?.count ?? 0)
      const odds = { missing, infinite, odd }
      if (held <= 0) return { is: missing === undefined ? 'empty' : 'text', sql: number, ...odds }
      if (flags === held) return { is: 'flag', sql: flag, missing }
      const isNumber = odd === undefined && held > (infinite?.count ?? 0)
      const wasNumbers = odd !== undefined && held - odd.count + almost! >= held / 2
      return { is: isNumber ? 'number' : 'text', sql: number, ...odds, wasNumbers }
    },
  }
}

/** Digits with separators in places where the engine wants none. */
const ALMOST = "^[+-]?[0-9][0-9., ''\u00a0]*$"
const listed = (words: readonly string[]): string => quoteList(words).slice(1, -1)

/** `1.234,5` as `1234.5`; points elsewhere than between thousands stay, and make it no number. */
const withPoint = (text: string): string =>
  `replace(CASE WHEN regexp_matches(${text}, '^[+-]?\\d{1,3}(\\.\\d{3})+(,|$)') ` +
  `THEN replace(${text}, '.', '') WHEN contains(${text}, '.') THEN 'x' ELSE ${text} END, ',', '.')`

const oddParts = (key: string, value: string, when: string): string[] => [
  `count(*) FILTER (${when}) AS c_${key}`,
  `min(${ROW}) FILTER (${when}) AS r_${key}`,
  `arg_min(CAST(${value} AS VARCHAR), ${ROW}) FILTER (${when}) AS v_${key}`,
]

function oddOf(found: Record<string, unknown>, key: string): Odd | undefined {
  const count = Number(found[`c_${key}`] ?? 0)
  if (count === 0) return undefined
  return { count, row: Number(found[`r_${key}`]), value: String(found[`v_${key}`]) }
}

const GROUPED = /^[+-]?\d{1,3}([,'\u00a0 ]\d{3})+(\.\d+)?$/
const COMMA = /^[+-]?\d*,\d+$/

/** What a cell is that keeps a column from being numbers, and what to do about it. */
export function whyOdd({ value }: Odd): string {
  if (GROUPED.test(value)) return `${show(value)}, a number with thousands separators`
  if (COMMA.test(value)) return `${show(value)}, a decimal comma (--decimal , reads it)`
  return show(value)
}
