import { createHash } from 'node:crypto'

/**
 * Writers of Borsh values for tests: written after the Borsh specification, not with the code under
 * test.
 */
export const u8 = (value: number): Buffer => Buffer.from([value])
export const u16 = (value: number): Buffer => Buffer.from([value & 255, value >> 8])
export const u32 = (value: number): Buffer => {
  const out = Buffer.alloc(4)
  out.writeUInt32LE(value)
  return out
}
export const u64 = (value: bigint | number): Buffer => {
  const out = Buffer.alloc(8)
  out.writeBigUInt64LE(BigInt(value))
  return out
}
export const i64 = (value: bigint | number): Buffer => {
  const out = Buffer.alloc(8)
  out.writeBigInt64LE(BigInt(value))
  return out
}
export const i128 = (value: bigint): Buffer => {
  const whole = BigInt.asUintN(128, value)
  return Buffer.concat([u64(whole & 0xffffffffffffffffn), u64(whole >> 64n)])
}
export const bool = (value: boolean): Buffer => u8(value ? 1 : 0)
export const text = (value: string): Buffer =>
  Buffer.concat([u32(Buffer.byteLength(value)), Buffer.from(value)])
/** A key of 32 equal bytes. */
export const key = (byte: number): Buffer => Buffer.alloc(32, byte)

/** Base58 by long division on a bigint: the textbook way, to check the fast one. */
export function base58(bytes: Buffer): string {
  const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
  let value = BigInt(`0x0${bytes.toString('hex')}`)
  let out = ''
  for (; value > 0n; value /= 58n) out = alphabet[Number(value % 58n)] + out
  let zeros = 0
  while (zeros < bytes.length && bytes[zeros] === 0) zeros++
  return '1'.repeat(zeros) + out
}
export const keyName = (byte: number): string => base58(key(byte))

/** First 8 bytes of sha256 of `event:Name` or `account:Name`, as anchor has it. */
export const discriminator = (what: 'event' | 'account', name: string): Buffer =>
  createHash('sha256').update(`${what}:${name}`).digest().subarray(0, 8)

/** An account of a length with values at places. */
export function account(length: number, at: Record<number, Buffer>): Buffer {
  const out = Buffer.alloc(length)
  for (const [offset, value] of Object.entries(at)) value.copy(out, Number(offset))
  return out
}
