import { show } from '../base/errors.ts'
import { compactTime, type DayOrder, MONTHS, readPattern } from './time-pattern.ts'
import type { Zone } from './time-zone.ts'

/** What a caller says of the times of a table beyond what they say themselves. */
export interface TimeRule {
  /** Day or month first, where both are numbers; absent = an unclear date is refused. */
  order?: DayOrder | undefined
  /** The one way in which times are written; then no other is read. */
  pattern?: RegExp | undefined
  /** Where the clock hangs that texts without a zone were read from; absent = UTC. */
  zone?: Zone | undefined
}

const NUMBER = /^\d{1,19}(\.\d*)?$/
const YEAR_FIRST = /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?=$|[ T])/
const YEAR_LAST = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?=$|[ T,])/
const WORD_FIRST = /^([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})(?=$|[ ,])/
const WORD_SECOND = /^(\d{1,2})[ -]([A-Za-z]{3,9})\.?,?[ -](\d{4})(?=$|[ ,])/
const HOUR_ONLY = /(\d{1,2})-([AP]M)/
const HOURS = /(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?: ?([AaPp][Mm]))?/
const CLOCK = new RegExp(`^(?:[ T]|, ?)(?:${HOURS.source}|${HOUR_ONLY.source})`)
const ZONE = /^ ?(?:(Z|UTC|GMT|[+-]00(?::?00)?)|(?:GMT|UTC)?([+-])(\d{2}):?(\d{2})?|([A-Z]{2,5}))$/

/** Date and clock as they are written, month from 1. */
interface Wall {
  date: [year: number, month: number, day: number]
  clock: [hour: number, minute: number, second: number, fraction: string]
  /** Minutes ahead of UTC; undefined when nothing is said, NaN for a zone that has only a name. */
  offset: number | undefined
}

/**
 * Milliseconds UTC of a time as tables write it, rounded down; NaN when it is none or may mean two
 * times (then see `whyNoTime`). Numbers are told apart by size: seconds below 10¹⁰, milliseconds
 * below 10¹³, microseconds below 10¹⁶, nanoseconds below 10¹⁹ (each reaches to the year 2286);
 * whole numbers like 20240722 or 20240722213000 are dates. Texts are ISO 8601, its relatives with a
 * space, slashes or points, months in English, or what the rule says; UTC unless they or the rule
 * name a zone.
 */
export function parseTime(text: string, rule: TimeRule = {}): number {
  if (rule.pattern !== undefined) return fromWall(readPattern(text, rule.pattern), rule)
  if (!NUMBER.test(text)) return fromWall(readWall(text, rule.order), rule)
  const compact = compactTime(text)
  if (compact !== undefined) return fromWall(compact, rule)
  // Beyond 2⁵³ a double is no longer exact: such nanoseconds are cut while they are text.
  return text.length > 15 && !text.includes('.') ? fromDigits(text) : timeOfNumber(Number(text))
}

/** Milliseconds UTC of a number by the same rule; NaN when it is none. */
export function timeOfNumber(value: number): number {
  if (!(value >= 0)) return Number.NaN
  const compact = Number.isInteger(value) ? compactTime(String(value)) : undefined
  if (compact !== undefined) return fromWall(compact, {})
  if (value < 1e10) return Math.floor(value * 1000)
  if (value < 1e13) return Math.floor(value)
  if (value < 1e16) return Math.floor(value / 1000)
  return value < 1e19 ? Math.floor(value / 1e6) : Number.NaN
}

/** What is wrong with a text that is no time by `parseTime`, in words for an error. */
export function whyNoTime(text: string, rule: TimeRule = {}): string {
  const said = show(text)
  if (rule.pattern !== undefined) return `expected a time as --time-format says, got ${said}`
  if (readWall(text, 'dmy') !== undefined && readWall(text, rule.order) === undefined)
    return `${said} may be day or month first: say --time-format dmy or --time-format mdy`
  const wall = readWall(text, rule.order)
  if (wall !== undefined && Number.isNaN(wall.offset) && rule.zone === undefined)
    return `${said} is local time: say whose with --time-zone, such as America/New_York`
  if (wall !== undefined && wall.offset === undefined && !Number.isNaN(fromWall(wall, {})))
    return `the clocks of --time-zone showed ${said} twice or never that day`
  return `expected a time in s, ms, µs or ns or like 2024-07-22 21:30:00, got ${said}`
}

function fromDigits(text: string): number {
  const ms = text.length <= 16 ? BigInt(text) / 1000n : BigInt(text) / 1_000_000n
  return Number(ms)
}

/** Date and clock of a text; undefined when it is none, or its order is not known. */
function readWall(text: string, order: DayOrder | undefined): Wall | undefined {
  const found = readDate(text, order)
  if (found === undefined) return undefined
  const rest = text.slice(found.length)
  const clock = CLOCK.exec(rest)
  const zone = zoneOf(rest.slice(clock?.[0].length ?? 0))
  if (zone === null) return undefined
  const half = (clock?.[5] ?? clock?.[7])?.toUpperCase()
  const said = Number(clock?.[1] ?? clock?.[6] ?? 0)
  if (half !== undefined && (said < 1 || said > 12)) return undefined
  const hour = half === undefined ? said : (said % 12) + (half === 'PM' ? 12 : 0)
  const [minute, second] = [Number(clock?.[2] ?? 0), Number(clock?.[3] ?? 0)]
  return { date: found.date, clock: [hour, minute, second, clock?.[4] ?? ''], offset: zone }
}

function readDate(
  text: string,
  order: DayOrder | undefined,
): { date: Wall['date']; length: number } | undefined {
  const first = YEAR_FIRST.exec(text)
  if (first !== null)
    return { date: [Number(first[1]), Number(first[3]), Number(first[4])], length: first[0].length }
  const word = WORD_FIRST.exec(text)
  const second = word === null ? WORD_SECOND.exec(text) : null
  const found = word ?? second
  if (found !== null) {
    const [name, day] = word === null ? [found[2]!, found[1]!] : [found[1]!, found[2]!]
    const month = MONTHS.indexOf(name.slice(0, 3).toLowerCase()) + 1
    return { date: [Number(found[3]), month, Number(day)], length: found[0].length }
  }
  return readYearLast(text, order)
}

/** `22/07/2024`: the order is what the rule says, or what a number above 12 leaves possible. */
function readYearLast(text: string, order: DayOrder | undefined) {
  const found = YEAR_LAST.exec(text)
  if (found === null) return undefined
  const [a, b, end] = [Number(found[1]), Number(found[3]), found[4]!]
  const year = end.length === 2 ? 2000 + Number(end) : Number(end)
  const told = end.length === 2 ? undefined : a > 12 ? 'dmy' : b > 12 ? 'mdy' : undefined
  const taken = order ?? told
  if (taken === undefined && a !== b) return undefined
  if (taken === undefined && end.length === 2) return undefined
  const [day, month] = taken === 'mdy' ? [b, a] : [a, b]
  const date: Wall['date'] = [year, month, day]
  return { date, length: found[0].length }
}

/** Minutes ahead of UTC; undefined for no zone, NaN for a name alone, null for what is none. */
function zoneOf(text: string): number | undefined | null {
  if (text === '') return undefined
  const found = ZONE.exec(text)
  if (found === null) return null
  if (found[1] !== undefined) return 0
  if (found[5] !== undefined) return Number.NaN
  const minutes = Number(found[3]) * 60 + Number(found[4] ?? 0)
  return found[2] === '-' ? -minutes : minutes
}

function fromWall(wall: Wall | undefined, { zone }: TimeRule): number {
  if (wall === undefined) return Number.NaN
  const [year, month, day] = wall.date
  const [hour, minute, second, fraction] = wall.clock
  const ms = fraction === '' ? 0 : Math.floor(Number(`0.${fraction}`) * 1000)
  const at = Date.UTC(year, month - 1, day, hour, minute, second, ms)
  const date = new Date(at)
  // Date.UTC carries 31 February over into March; such a date is a mistake, not a day in March.
  const isReal = date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  if (!isReal || hour > 23 || minute > 59 || second > 59) return Number.NaN
  const ts = toUtc(at, wall.offset, zone)
  return ts >= 0 && ts < 1e13 ? ts : Number.NaN
}

const toUtc = (at: number, offset: number | undefined, zone: Zone | undefined): number =>
  offset !== undefined && !Number.isNaN(offset)
    ? at - offset * 60_000
    : zone === undefined
      ? at + (offset ?? 0)
      : zone(at)
