import { show, UsageError } from '../base/errors.ts'

/** Day or month first, where a date holds both as numbers. */
export type DayOrder = 'dmy' | 'mdy'

export const MONTHS = [
  'jan',
  'feb',
  'mar',
  'apr',
  'may',
  'jun',
  'jul',
  'aug',
  'sep',
  'oct',
  'nov',
  'dec',
]

/** Date and clock as they are written. */
interface Written {
  date: [year: number, month: number, day: number]
  clock: [hour: number, minute: number, second: number, fraction: string]
  offset: number | undefined
}

/** Codes of strftime(3), and the same in the letters of spreadsheets; each once in a pattern. */
const CODES: Record<string, { name: string; match: string }> = {
  '%Y': { name: 'Y', match: '\\d{4}' },
  '%y': { name: 'y', match: '\\d{2}' },
  '%m': { name: 'm', match: '\\d{1,2}' },
  '%b': { name: 'b', match: '[A-Za-z]{3,9}' },
  '%B': { name: 'b', match: '[A-Za-z]{3,9}' },
  '%d': { name: 'd', match: '\\d{1,2}' },
  '%H': { name: 'H', match: '\\d{1,2}' },
  '%I': { name: 'I', match: '\\d{1,2}' },
  '%M': { name: 'M', match: '\\d{2}' },
  '%S': { name: 'S', match: '\\d{2}' },
  '%f': { name: 'f', match: '\\d{1,9}' },
  '%p': { name: 'p', match: '[AaPp][Mm]' },
  '%z': { name: 'z', match: 'Z|[+-]\\d{2}:?\\d{2}' },
}
const LETTERS: Record<string, string> = {
  YYYY: '%Y',
  YY: '%y',
  MM: '%m',
  MMM: '%b',
  DD: '%d',
  HH: '%H',
  hh: '%I',
  mm: '%M',
  ss: '%S',
}

/**
 * The pattern of `--time-format`: `%d/%m/%Y %H:%M` as strftime writes it, or `DD/MM/YYYY HH:mm`.
 * Throws a UsageError for one that leaves year, month or day open.
 */
export function compilePattern(text: string): RegExp {
  const codes = text.includes('%')
    ? text
    : text.replace(/YYYY|YY|MMM|MM|DD|HH|hh|mm|ss/g, word => LETTERS[word]!)
  const seen = new Set<string>()
  const parts = codes.match(/%.|[^%]/gs) ?? []
  const source = parts.map(part => {
    if (!part.startsWith('%')) return part.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
    const code = CODES[part]
    if (code === undefined || seen.has(code.name))
      throw new UsageError(
        `--time-format ${show(text)}: ${part} is ${code ? 'there twice' : 'no code'}`,
      )
    seen.add(code.name)
    return `(?<${code.name}>${code.match})`
  })
  const hasDate =
    (seen.has('Y') || seen.has('y')) && (seen.has('m') || seen.has('b')) && seen.has('d')
  if (!hasDate || seen.has('I') !== seen.has('p'))
    throw new UsageError(
      `--time-format: expected dmy, mdy or a pattern of year, month, day and clock such as ` +
        `%d/%m/%Y %H:%M, got ${show(text)}`,
    )
  return new RegExp(`^${source.join('')}$`)
}

/** Date and clock of a text by a compiled pattern; undefined when it does not fit. */
export function readPattern(text: string, pattern: RegExp): Written | undefined {
  const found = pattern.exec(text)?.groups
  if (found === undefined) return undefined
  const { Y, y, m, b, d, H, I, M = '0', S = '0', f = '', p, z } = found
  const hour = I === undefined ? Number(H ?? 0) : halfDay(Number(I), p ?? '')
  const month = b === undefined ? Number(m) : MONTHS.indexOf(b.slice(0, 3).toLowerCase()) + 1
  const year = Y === undefined ? 2000 + Number(y) : Number(Y)
  return {
    date: [year, month, Number(d)],
    clock: [hour, Number(M), Number(S), f],
    offset: z === undefined ? undefined : offsetOf(z),
  }
}

const halfDay = (hour: number, half: string): number =>
  hour < 1 || hour > 12 ? Number.NaN : (hour % 12) + (half.toUpperCase() === 'PM' ? 12 : 0)

function offsetOf(zone: string): number {
  if (zone === 'Z') return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))
  return zone.startsWith('-') ? -minutes : minutes
}

const COMPACT = /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?$/

/**
 * `20240722`, `202407222130`, `20240722213000` as a date and a clock; undefined where the digits
 * are none from 1990 to 2099: as seconds, milliseconds or microseconds such numbers would be of
 * 1970 to 1976, before any market that is read here.
 */
export function compactTime(digits: string): Written | undefined {
  if (digits.length !== 8 && digits.length !== 12 && digits.length !== 14) return undefined
  const found = COMPACT.exec(digits)
  if (found === null) return undefined
  const [year, month, day, hour = 0, minute = 0, second = 0] = found
    .slice(1)
    .map(text => Number(text ?? 0))
  const isDate =
    year! >= 1990 && year! <= 2099 && month! >= 1 && month! <= 12 && day! >= 1 && day! <= 31
  return isDate && hour < 24 && minute < 60 && second < 60
    ? { date: [year!, month!, day!], clock: [hour, minute, second, ''], offset: undefined }
    : undefined
}
