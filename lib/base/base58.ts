import { DataError, show } from './errors.ts'

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
/** Five base-58 digits at once: its product with 2^16 stays a safe integer. */
const CHUNK = 58 ** 5
const VALUES = new Map([...ALPHABET].map((letter, value) => [letter, value]))

/**
 * Base58 (Bitcoin alphabet) of the 32 bytes at `from`. Throws a RangeError when they are not all
 * there.
 */
export const keyText = (bytes: Buffer, from: number): string => textOf(bytes, from, 32)

/** Base58 of an even number of bytes: long division by five digits at once, two bytes a step. */
function textOf(bytes: Buffer, from: number, length: number): string {
  // A byte is less than 1.366 digits.
  const count = Math.ceil((length * 1.366) / 5)
  const chunks = new Float64Array(count)
  let top = count - 1
  for (let at = from; at < from + length; at += 2) {
    let carry = bytes.readUInt16BE(at)
    for (let i = count - 1; i >= top || carry > 0; i--) {
      const value = chunks[i]! * 65536 + carry
      carry = Math.floor(value / CHUNK)
      chunks[i] = value - carry * CHUNK
      if (i < top) top = i
    }
  }
  let text = ''
  for (let i = 0; i < count; i++) text += fiveDigits(chunks[i]!)
  let zeros = 0
  while (zeros < length && bytes[from + zeros] === 0) zeros++
  let first = 0
  while (first < text.length && text[first] === '1') first++
  return '1'.repeat(zeros) + text.slice(first)
}

function fiveDigits(value: number): string {
  let text = ''
  let rest = value
  for (let i = 0; i < 5; i++) {
    const next = Math.floor(rest / 58)
    text = ALPHABET[rest - next * 58]! + text
    rest = next
  }
  return text
}

/** Base58 of any bytes. */
export function toBase58(bytes: Buffer): string {
  if (bytes.length % 2 === 0) return textOf(bytes, 0, bytes.length)
  // A zero in front makes it even, and adds one leading `1`.
  const even = Buffer.concat([Buffer.alloc(1), bytes])
  return textOf(even, 0, even.length).slice(1)
}

const DIGITS = 9
const POWERS = Array.from({ length: DIGITS + 1 }, (_, i) => 58n ** BigInt(i))

/** Bytes of a base58 text of at most `most` letters. Throws a DataError for any other text. */
export function fromBase58(text: string, most = 128): Buffer {
  if (text.length > most)
    throw new DataError(`expected base58 of at most ${most} letters, got ${text.length}`)
  let value = 0n
  // Nine digits at once stay a safe integer: so many times fewer products of long numbers.
  for (let from = 0; from < text.length; from += DIGITS) {
    const digits = text.slice(from, from + DIGITS)
    let chunk = 0
    for (const letter of digits) {
      const digit = VALUES.get(letter)
      if (digit === undefined) throw new DataError(`expected base58, got ${show(text)}`)
      chunk = chunk * 58 + digit
    }
    value = value * POWERS[digits.length]! + BigInt(chunk)
  }
  const hex = value === 0n ? '' : value.toString(16)
  const zeros = /^1*/.exec(text)?.[0].length ?? 0
  return Buffer.concat([
    Buffer.alloc(zeros),
    Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'),
  ])
}

/** True for the base58 of 32 bytes: an account, a mint, a program. */
export function isAddress(text: unknown): text is string {
  if (typeof text !== 'string' || text.length < 32 || text.length > 44) return false
  for (const letter of text) if (!VALUES.has(letter)) return false
  return fromBase58(text).length === 32
}
