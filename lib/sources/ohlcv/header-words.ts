import { DataError, show, UsageError } from '../../base/errors.ts'

/**
 * What a row can hold, with the header words that mean it (compared in lower case, spaces as
 * underscores).
 */
const WORDS = {
  symbol: ['symbol', 'mint', 'pair'],
  timestamp: ['timestamp', 'time', 'date', 'datetime', 'open_time', 'opentime'],
  open: ['open'],
  high: ['high'],
  low: ['low'],
  close: ['close'],
  volume: ['volume'],
  trades: ['trades', 'count', 'number_of_trades', 'num_trades'],
} as const

export type Field = keyof typeof WORDS
const FIELDS = Object.keys(WORDS) as Field[]
/**
 * Without these a row is not a bar: the symbol may come from the file name, trades are rarely
 * known.
 */
const REQUIRED: readonly Field[] = ['timestamp', 'open', 'high', 'low', 'close', 'volume']

/** Where each field stands in a row, and what the file calls it. */
export type Columns = Partial<Record<Field, { at: number; name: string }>>

/** Reads `symbol=Ticker` words: our field, the file's column. Throws a UsageError. */
export function parseColumns(words: readonly string[]): Map<Field, string> {
  const found = new Map<Field, string>()
  for (const word of words) {
    const cut = word.indexOf('=')
    const field = word.slice(0, cut) as Field
    if (cut < 1 || cut === word.length - 1 || !FIELDS.includes(field)) {
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
 * Finds the fields in a header. Throws a DataError naming the missing column and what is there
 * instead.
 */
export function findColumns(header: readonly string[], given: ReadonlyMap<Field, string>): Columns {
  const names = header.map(name => name.trim())
  const words = names.map(plain)
  const columns: Columns = {}
  for (const field of FIELDS) {
    const wanted = given.get(field)
    const at = wanted === undefined ? firstOf(words, WORDS[field]) : exactly(names, wanted)
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
  return columns
}

const plain = (name: string): string => name.toLowerCase().replaceAll(' ', '_')

const firstOf = (words: readonly string[], wanted: readonly string[]): number => {
  const word = wanted.find(one => words.includes(one))
  return word === undefined ? -1 : words.indexOf(word)
}

const exactly = (names: readonly string[], wanted: string): number => {
  const at = names.indexOf(wanted)
  return at >= 0 ? at : names.map(plain).indexOf(plain(wanted))
}
