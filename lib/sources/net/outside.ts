import { show } from '../../base/errors.ts'
import { isAddress } from '../decode/base58.ts'

/** What was wrong with what came from outside: counted and, once per kind, said; never fatal. */
export interface Complaints {
  /** A field of the wrong type or impossible: it is left out. */
  dropped(field: string): void
  /** A record that cannot be used at all. */
  rejected(reason: string): void
}

/** Kinds of complaints that are said in full; all are counted. */
const MAX_KINDS = 200

/** Counts what was wrong with outside data, and says each kind once. */
export function makeComplaints(
  count: (what: string, by?: number) => void,
  warn: (text: string) => void,
): Complaints {
  const said = new Set<string>()
  const once = (text: string): void => {
    if (said.has(text) || said.size >= MAX_KINDS) return
    said.add(text)
    warn(text)
  }
  return {
    dropped(field) {
      count('fields dropped')
      once(`field dropped: ${show(field, 200)} (said once)`)
    },
    rejected(reason) {
      count('records rejected')
      once(`record rejected: ${show(reason, 200)} (said once)`)
    },
  }
}

/**
 * Control characters, marks that turn the direction of text, invisible joiners, line separators.
 */
const HIDDEN =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g
/** Halves of a character without the other half. */
const LONE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g
/** Text is looked at no further than this. */
const LOOK = 20_000

/**
 * Text from outside without anything invisible, at most `max` long; undefined when nothing is left.
 */
export function cleanText(value: unknown, max: number): string | undefined {
  if (typeof value !== 'string') return undefined
  const text = value
    .slice(0, LOOK)
    .replace(LONE, ' ')
    .replace(HIDDEN, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  // Not in the middle of a character of two units.
  const end = text.length > max && /[\ud800-\udbff]/.test(text[max - 1]!) ? max - 1 : max
  return text === '' ? undefined : text.slice(0, end).trim()
}

/** A finite number from a number or its decimal text. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value !== 'string' || value.length > 60) return undefined
  if (!/^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$/.test(value)) return undefined
  const number = Number(value)
  return Number.isFinite(number) ? number : undefined
}

/** Base units of a whole amount of base units, as the text of records. */
export function amountOf(value: unknown): string | undefined {
  if (typeof value === 'number')
    return Number.isSafeInteger(value) && value >= 0 ? String(value) : undefined
  return typeof value === 'string' && /^(0|[1-9]\d{0,37})$/.test(value) ? value : undefined
}

/**
 * Base units of a decimal count of whole tokens: `1.5` with 6 decimals is `1500000`. More decimals
 * are cut off.
 */
export function baseUnits(value: unknown, decimals: number): string | undefined {
  const text = typeof value === 'number' ? plain(value) : value
  if (typeof text !== 'string' || !/^\d{1,30}(\.\d{1,30})?$/.test(text)) return undefined
  const [whole = '', part = ''] = text.split('.')
  const units = BigInt(whole + part.slice(0, decimals).padEnd(decimals, '0'))
  const out = String(units)
  return out.length <= 38 ? out : undefined
}

/** Decimal text of a number without an exponent. */
const plain = (value: number): string | undefined =>
  value >= 0 && value < 1e21
    ? value < 1e-6 && value > 0
      ? value.toFixed(20)
      : String(value)
    : undefined

/** Milliseconds of a time in ms, s or ISO text (without a zone: UTC), within 2020 to 2286. */
function timeFrom(value: unknown, unit: 's' | 'ms' = 'ms'): number | undefined {
  const number = numberOf(value)
  const ms =
    number === undefined ? isoTime(value) : Math.round(unit === 's' ? number * 1000 : number)
  return ms !== undefined && ms >= FIRST_MS && ms <= 9_999_999_999_999 ? ms : undefined
}
/** Solana’s first block, March 2020. */
const FIRST_MS = 1_583_000_000_000

function isoTime(value: unknown): number | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT[\d:.]{5,18}(Z|[+-]\d\d:?\d\d)?$/.test(value))
    return undefined
  const ms = Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(value) ? value : `${value}Z`)
  return Number.isNaN(ms) ? undefined : ms
}

/** Reads fields of a value from outside; a path goes through objects (`liquidity.usd`). */
export interface Reading {
  /** Any value; undefined where the path ends early; null is unknown too. */
  get(path: string): unknown
  number(path: string, least?: number, most?: number): number | undefined
  /** A price; one of 0 is none: it is what providers say that do not know it. */
  price(path: string): number | undefined
  /** A share as a fraction. */
  part(path: string): number | undefined
  /** A share from a percentage. */
  share(path: string): number | undefined
  /** A relative change from a percentage; −1 is a total loss. */
  change(path: string): number | undefined
  count(path: string): number | undefined
  /** Decimals of a token. */
  decimals(path: string): number | undefined
  flag(path: string): boolean | undefined
  text(path: string, max: number): string | undefined
  address(path: string): string | undefined
  time(path: string, unit?: 's' | 'ms'): number | undefined
  list(path: string, max: number): Reading[]
}

/** Sums of shares pass their bounds by as much as doubles are off: 100.00000000000001 %. */
const ROUNDING = 1e-9

/** Largest price or value in USD or SOL that can be meant. */
const LARGEST = 1e15

/** A reading of any value. Wrong types are complained of under `where` and then absent. */
export function reading(value: unknown, where: string, complain: Complaints): Reading {
  const get = (path: string): unknown => {
    let at: unknown = value
    for (const key of path === '' ? [] : path.split('.')) {
      if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined
      at = (at as Record<string, unknown>)[key]
    }
    return at ?? undefined
  }
  const take = <T>(path: string, make: (found: unknown) => T | undefined): T | undefined => {
    const found = get(path)
    if (found === undefined) return undefined
    const made = make(found)
    if (made === undefined) complain.dropped(`${where}.${path}`)
    return made
  }
  const within = (least: number, most: number) => (found: unknown) => {
    const number = numberOf(found)
    return number !== undefined && number >= least && number <= most ? number + 0 : undefined
  }
  const part = (least: number, most: number, whole: number) => (found: unknown) => {
    const given = within((least - ROUNDING) * whole, (most + ROUNDING) * whole)(found)
    if (given === undefined) return undefined
    // Division by 100 leaves digits of rounding that nobody reported.
    const value = Number((given / whole).toPrecision(15))
    return Math.min(most, Math.max(least, value)) + 0
  }
  return {
    get,
    number: (path, least = 0, most = LARGEST) => take(path, within(least, most)),
    price: path => take(path, within(0, LARGEST)) || undefined,
    part: path => take(path, part(0, 1, 1)),
    share: path => take(path, part(0, 1, 100)),
    change: path => take(path, part(-1, 1e9, 100)),
    decimals: path => take(path, found => whole(within(0, 30)(found))),
    count: path => take(path, found => whole(within(0, Number.MAX_SAFE_INTEGER)(found))),
    flag: path => take(path, found => (typeof found === 'boolean' ? found : undefined)),
    text: (path, max) => {
      const found = get(path)
      if (found !== undefined && typeof found !== 'string') complain.dropped(`${where}.${path}`)
      return cleanText(found, max)
    },
    address: path => take(path, found => (isAddress(found) ? found : undefined)),
    time: (path, unit) => take(path, found => timeFrom(found, unit)),
    list: (path, max) => listOf(get(path), max).map(item => reading(item, where, complain)),
  }
}

const whole = (value: number | undefined): number | undefined =>
  value === undefined || !Number.isInteger(value) ? undefined : value

const listOf = (value: unknown, max: number): unknown[] =>
  Array.isArray(value) ? value.slice(0, max) : []
