import { keyText } from '../../../sources/decode/base58.ts'

/**
 * A token account, by the offsets of spl-token state.rs; Token-2022 has the same first 165 bytes.
 */
interface TokenAccount {
  mint: string
  owner: string
  amount: bigint
  /** Somebody else may spend from it, or close it. */
  hasDelegate: boolean
  hasCloser: boolean
  isFrozen: boolean
}

const BYTES = 165
const FROZEN = 2

/** Reads a token account; undefined when the bytes are too short to be one. */
export function readTokenAccount(bytes: Buffer): TokenAccount | undefined {
  if (bytes.length < BYTES) return undefined
  return {
    mint: keyText(bytes, 0),
    owner: keyText(bytes, 32),
    amount: bytes.readBigUInt64LE(64),
    hasDelegate: bytes.readUInt32LE(72) !== 0,
    isFrozen: bytes[108] === FROZEN,
    hasCloser: bytes.readUInt32LE(129) !== 0,
  }
}
