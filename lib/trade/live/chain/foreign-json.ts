import { DataError, show } from '../../../base/errors.ts'

/** JSON of a host that may say anything. */
export type Json = Record<string, unknown>

/** The value as an object; a DataError naming it for anything else. */
export function objectAt(value: unknown, what: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json
  throw new DataError(`${what}: expected an object, got ${show(value)}`)
}

/** The value as a list of at most `most` entries; a DataError for anything else. */
export function listAt(value: unknown, what: string, most = 1000): unknown[] {
  if (!Array.isArray(value)) throw new DataError(`${what}: expected a list, got ${show(value)}`)
  if (value.length > most)
    throw new DataError(`${what}: expected at most ${most} entries, got ${value.length}`)
  return value
}

const WHOLE = /^(0|[1-9]\d{0,19})$/
const MAX_U64 = 2n ** 64n - 1n

/**
 * An amount that fits 64 bits, as a string of digits or an exact number; a DataError for anything
 * else.
 */
export function amountAt(value: unknown, what: string): bigint {
  const isExact = typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
  const amount =
    isExact || (typeof value === 'string' && WHOLE.test(value)) ? BigInt(value) : undefined
  if (amount === undefined || amount > MAX_U64)
    throw new DataError(`${what}: expected a whole amount below 2^64, got ${show(value)}`)
  return amount
}

/** A slot or block height; a DataError for anything else. */
export function countAt(value: unknown, what: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw new DataError(`${what}: expected a whole number, got ${show(value)}`)
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

/** Bytes of a base64 text of at most `most` bytes; a DataError for anything else. */
export function bytesAt(value: unknown, what: string, most: number): Buffer {
  if (typeof value !== 'string' || value.length > Math.ceil(most / 3) * 4 || !BASE64.test(value))
    throw new DataError(`${what}: expected base64 of at most ${most} bytes, got ${show(value)}`)
  return Buffer.from(value, 'base64')
}
