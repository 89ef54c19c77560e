import { DataError, show } from '../../base/errors.ts'

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
/** Five base-58 digits at once: its product with 2^16 stays a safe integer. */
const CHUNK = 58 ** 5
/** Value of each letter by its code; −1 for what is none. */
const VALUES = new Int8Array(128).fill(-1)
for (const [value, letter] of [...ALPHABET].entries()) VALUES[letter.charCodeAt(0)] = value

/**
 * Base58 (Bitcoin alphabet) of the 32 bytes at `from`. Throws a RangeError when they are not all
 * there.
 */
export const keyText = (bytes: Buffer, from: number): string => textOf(bytes, from, from + 32)

/** Base58 of any bytes. */
export const toBase58 = (bytes: Buffer): string => textOf(bytes, 0, bytes.length)

/** Digits of base 58 that a byte needs, log 256 / log 58, rounded up. */
const DIGITS = 1.3657

function textOf(bytes: Buffer, from: number, to: number): string {
  const chunks = new Float64Array(Math.max(1, Math.ceil(((to - from) * DIGITS) / 5)))
  const last = chunks.length - 1
  let top = last
  // A first byte that has no other beside it.
  const isOdd = (to - from) % 2 === 1
  if (isOdd) chunks[last] = bytes.readUInt8(from)
  for (let at = isOdd ? from + 1 : from; at < to; at += 2) {
    let carry = bytes.readUInt16BE(at)
    for (let i = last; i >= top || carry > 0; i--) {
      const value = chunks[i]! * 65536 + carry
      carry = Math.floor(value / CHUNK)
      chunks[i] = value - carry * CHUNK
      if (i < top) top = i
    }
  }
  let text = ''
  for (let i = top; i <= last; i++) text += fiveDigits(chunks[i]!)
  let zeros = 0
  while (from + zeros < to && bytes[from + zeros] === 0) zeros++
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

/** Bytes of a base58 text of at most `most` letters. Throws a DataError for any other text. */
export function fromBase58(text: string, most = 128): Buffer {
  if (text.length > most)
    throw new DataError(`expected base58 of at most ${most} letters, got ${text.length}`)
  const limbs = new Float64Array(Math.ceil((text.length * Math.log2(58)) / 16) + 1)
  const used = takeDigits(text, limbs)
  if (used < 0) throw new DataError(`expected base58, got ${show(text)}`)
  const bytes = Buffer.alloc(2 * used)
  for (let i = 0; i < used; i++) bytes.writeUInt16BE(limbs[i]!, 2 * (used - 1 - i))
  return Buffer.concat([Buffer.alloc(onesIn(text)), bytes.subarray(bytes[0] === 0 ? 1 : 0)])
}

/**
 * Puts the number that a text stands for into limbs of 16 bits, lowest first, and returns how many
 * it needs; −1 for a text that is not base58. With five digits more a limb stays a safe integer.
 */
function takeDigits(text: string, limbs: Float64Array): number {
  let used = 0
  for (let at = 0; at < text.length; ) {
    let [digits, factor] = [0, 1]
    for (const end = Math.min(text.length, at + 5); at < end; at++) {
      const value = VALUES[text.charCodeAt(at)] ?? -1
      if (value < 0) return -1
      digits = digits * 58 + value
      factor *= 58
    }
    let carry = digits
    for (let i = 0; i < used || carry > 0; i++) {
      const value = (i < used ? limbs[i]! * factor : 0) + carry
      carry = Math.floor(value / 65536)
      limbs[i] = value - carry * 65536
      if (i >= used) used = i + 1
    }
  }
  return used
}

/** Leading ones: each is a byte of zero. */
function onesIn(text: string): number {
  let ones = 0
  while (text.charCodeAt(ones) === ONE) ones++
  return ones
}
const ONE = 49
const scratch = new Float64Array(18)

/** True for the base58 of 32 bytes: an account, a mint, a program. */
export function isAddress(text: unknown): text is string {
  if (typeof text !== 'string' || text.length < 32 || text.length > 44) return false
  const used = takeDigits(text, scratch)
  if (used < 0) return false
  const bytes = used === 0 ? 0 : 2 * used - (scratch[used - 1]! < 256 ? 1 : 0)
  return onesIn(text) + bytes === 32
}
