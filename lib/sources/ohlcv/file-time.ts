const DATE = /(\d{4})-(\d{2})-(\d{2})/
const CLOCK = /(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?/
const ZONE = /(Z|UTC|[+-]\d{2}:?\d{2})/
const STAMP = new RegExp(`^${DATE.source}(?:[ T]${CLOCK.source}(?: ?${ZONE.source})?)?$`)
const NUMBER = /^\d{1,17}(\.\d*)?$/

/**
 * Milliseconds UTC of a time as price files write it, rounded down; NaN when it is none. Numbers
 * are told apart by size: seconds below 10¹⁰, milliseconds below 10¹³, microseconds below 10¹⁶
 * (each reaches to the year 2286). Dates are ISO or `YYYY-MM-DD HH:MM:SS`, UTC unless an offset is
 * given.
 */
export function parseTime(text: string): number {
  return NUMBER.test(text) ? timeOfNumber(Number(text)) : fromStamp(text)
}

/** Milliseconds UTC of a number of seconds, milliseconds or microseconds; NaN when it is none. */
export function timeOfNumber(value: number): number {
  if (!(value >= 0)) return Number.NaN
  if (value < 1e10) return Math.floor(value * 1000)
  if (value < 1e13) return Math.floor(value)
  return value < 1e16 ? Math.floor(value / 1000) : Number.NaN
}

function fromStamp(text: string): number {
  const found = STAMP.exec(text)
  if (found === null) return Number.NaN
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1, 7)
    .map(n => Number(n ?? 0))
  const ms = Math.floor(Number(`0.${found[7] ?? 0}`) * 1000)
  const at = Date.UTC(year, month - 1, day, hour, minute, second, ms)
  const date = new Date(at)
  // Date.UTC carries 31 February over into March; such a date is a mistake, not a day in March.
  const isReal =
    date.getUTCMonth() === month - 1 && date.getUTCDate() === day && minute < 60 && second < 60
  const ts = isReal ? at - offset(found[8]) : Number.NaN
  return ts >= 0 && ts < 1e13 ? ts : Number.NaN
}

function offset(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z' || zone === 'UTC') return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))
  return (zone.startsWith('-') ? -1 : 1) * minutes * 60_000
}
