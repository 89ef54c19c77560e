import { type Static, type TSchema, Type } from 'typebox'

/**
 * The vocabulary of record fields. Each word fixes JSON type, bounds, unit and DuckDB column type
 * once; schemas, checks, documentation, tables and test generators all follow from it.
 */
type Word = { description: string; unit?: string; sql: string }

const word = (description: string, sql: string, unit?: string): Word =>
  unit === undefined ? { description, sql } : { description, unit, sql }

/** What each pattern asks for, in words for error messages. */
export const PATTERNS = {
  '^(0|[1-9][0-9]{0,37})$': 'a whole number of base units as a string',
  '^(0|-?[1-9][0-9]{0,37})$': 'a whole number as a string',
  '^[^\\u0000-\\u001f\\u007f]*$': 'text without control characters',
  '^[A-Za-z0-9._-]{1,64}$': 'an address or symbol of 1 to 64 of A-Z a-z 0-9 . _ -',
  '^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$': 'a name of 1 to 128 of A-Z a-z 0-9 . _ : @ -',
  '^([mhdn][1-9][0-9]{0,4}|path)$': 'a horizon such as m5, h1, d3, n10 or path',
  '^[\\x21-\\x7e]{1,400}$': 'an id of 1 to 400 printable characters without spaces',
} as const
const like = (pattern: keyof typeof PATTERNS) => ({ pattern })

/**
 * Base units of a token or lamports, as a decimal string: supplies pass 2^53, floats would round
 * them.
 */
export const amount = (text: string, unit = 'base units') =>
  Type.String({ ...word(text, 'HUGEINT', unit), ...like('^(0|[1-9][0-9]{0,37})$'), maxLength: 38 })
/** Lamports that may be negative (profit and loss). */
export const signedAmount = (text: string) =>
  Type.String({
    ...word(text, 'HUGEINT', 'lamports'),
    ...like('^(0|-?[1-9][0-9]{0,37})$'),
    maxLength: 39,
  })
/** Non-negative decimal number with a unit. */
export const positive = (text: string, unit: string) =>
  Type.Number({ ...word(text, 'DOUBLE', unit), minimum: 0 })
/** Any finite number with a unit. */
export const number = (text: string, unit: string) => Type.Number(word(text, 'DOUBLE', unit))
/** A fraction between 0 and 1: share, probability, confidence. */
export const fraction = (text: string) =>
  Type.Number({ ...word(text, 'DOUBLE', 'fraction'), minimum: 0, maximum: 1 })
/** A return or relative change: −1 is a total loss. */
export const change = (text: string) =>
  Type.Number({ ...word(text, 'DOUBLE', 'fraction'), minimum: -1 })
/** A plain non-negative count. */
export const count = (text: string, maximum = Number.MAX_SAFE_INTEGER) =>
  Type.Integer({ ...word(text, 'BIGINT', 'count'), minimum: 0, maximum })
/**
 * Milliseconds since 1970 UTC. The upper bound (year 2286) catches microseconds and nanoseconds
 * passed by mistake.
 */
export const time = (text: string) =>
  Type.Integer({ ...word(text, 'BIGINT', 'ms UTC'), minimum: 0, maximum: 9_999_999_999_999 })
/** A duration in milliseconds. */
export const duration = (text: string) =>
  Type.Integer({ ...word(text, 'BIGINT', 'ms'), minimum: 0, maximum: 9_999_999_999_999 })
/** Basis points. */
export const bps = (text: string) =>
  Type.Number({ ...word(text, 'DOUBLE', 'bps'), minimum: -1_000_000, maximum: 1_000_000 })
/** True or false. Absent means unknown. */
export const bool = (text: string) => Type.Boolean(word(text, 'BOOLEAN'))
/** Free text from outside: bounded, without control characters. */
export const text = (description: string, maxLength = 200) =>
  Type.String({
    ...word(description, 'VARCHAR'),
    maxLength,
    ...like('^[^\\u0000-\\u001f\\u007f]*$'),
  })
/** An address on chain (base58), or a symbol that came from a file. */
export const address = (description: string) =>
  Type.String({ ...word(description, 'VARCHAR'), ...like('^[A-Za-z0-9._-]{1,64}$'), maxLength: 64 })
/** A name we chose: model, rule, strategy, source. */
export const name = (description: string) =>
  Type.String({
    ...word(description, 'VARCHAR'),
    ...like('^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$'),
    maxLength: 128,
  })
/** A record id: deterministic, printable, bounded. */
export const id = (description: string) =>
  Type.String({
    ...word(description, 'VARCHAR'),
    ...like('^[\\x21-\\x7e]{1,400}$'),
    maxLength: 400,
  })
/** A word that follows one of the patterns. */
export const matching = (description: string, pattern: keyof typeof PATTERNS) =>
  Type.String({ ...word(description, 'VARCHAR'), ...like(pattern), maxLength: 128 })
/** One of a fixed list of words. */
export const oneOf = <const T extends readonly string[]>(description: string, words: T) =>
  Type.Enum([...words], word(description, 'VARCHAR')) as unknown as Type.TUnsafe<T[number]>
/** A list with a bound on its length. */
export const list = <T extends TSchema>(description: string, items: T, maxItems = 1000) =>
  Type.Array(items, { ...word(description, 'JSON'), maxItems })
/** A map from names to values. */
export const map = <T extends TSchema>(description: string, value: T) =>
  Type.Record(
    Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$' }),
    value,
    word(description, 'JSON'),
  )
/** A nested object; unknown keys pass. */
export const object = <T extends Record<string, TSchema>>(description: string, fields: T) =>
  Type.Object(fields, word(description, 'JSON'))
/** Marks a field that may be absent (= unknown, not yet warm). */
export const maybe = <T extends TSchema>(schema: T) => Type.Optional(schema)

export type { Static, TSchema }
