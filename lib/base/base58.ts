import { DataError, show } from './errors.ts'

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
/** Five base-58 digits at once: its product with 2^16 stays a safe integer. */
const CHUNK = 58 ** 5
const VALUES = new Map([...ALPHABET].map((letter, value) => [letter, value]))

/**
 * Base58 (Bitcoin alphabet) of the 32 bytes at `from`. Throws a RangeError when they are not all
 * there.
 */
export function keyText(bytes: Buffer, from: number): string {
  // 32 bytes are at most 9 chunks of five digits.
  const chunks = new Float64Array(9)
  let top = 8
  for (let at = from; at < from + 32; at += 2) {
    let carry = bytes.readUInt16BE(at)
    for (let i = 8; i >= top || carry > 0; i--) {
      const value = chunks[i]! * 65536 + carry
      carry = Math.floor(value / CHUNK)
      chunks[i] = value - carry * CHUNK
      if (i < top) top = i
    }
  }
  let text = ''
  for (let i = 0; i < 9; i++) text += fiveDigits(chunks[i]!)
  let zeros = 0
  while (zeros < 32 && bytes[from + zeros] === 0) zeros++
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

/** Base58 of any bytes; `keyText` is quicker for keys. */
export function toBase58(bytes: Buffer): string {
  let zeros = 0
  while (zeros < bytes.length && bytes[zeros] === 0) zeros++
  let text = ''
  for (
    let rest = bytes.length === 0 ? 0n : BigInt(`0x${bytes.toString('hex')}`);
    rest > 0n;
    rest /= 58n
  )
    text = ALPHABET[Number(rest % 58n)]! + text
  return '1'.repeat(zeros) + text
}

/** Bytes of a base58 text of at most `most` letters. Throws a DataError for any other text. */
export function fromBase58(text: string, most = 128): Buffer {
  if (text.length > most)
    throw new DataError(`expected base58 of at most ${most} letters, got ${text.length}`)
  let value = 0n
  for (const letter of text) {
    const digit = VALUES.get(letter)
    if (digit === undefined) throw new DataError(`expected base58, got ${show(text)}`)
    value = value * 58n + BigInt(digit)
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
