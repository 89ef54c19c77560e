/** First byte of a transaction of version 1 (SIMD-0385); its signatures are at its end. */
export const VERSION_ONE = 0x80 | 1
export const SIGNATURE_BYTES = 64
/** A first byte from here on is a version: no transaction has so many signatures. */
export const VERSIONED = 0x80

/** A transaction as what is signed, and the signatures. */
interface SplitTx {
  message: Buffer
  signatures: Buffer[]
  /** Place of the first signature. */
  signaturesAt: number
}

/**
 * The signatures of a transaction, at its end in version 1 and at its beginning in others, and the
 * message that they sign. Undefined when there is no room for them.
 */
export function splitTx(bytes: Buffer): SplitTx | undefined {
  const isOne = bytes[0] === VERSION_ONE
  const count = bytes[isOne ? 1 : 0] ?? 0
  const length = count * SIGNATURE_BYTES
  const signaturesAt = isOne ? bytes.length - length : 1
  if (count >= VERSIONED || length >= bytes.length || signaturesAt < 1) return undefined
  return {
    message: isOne ? bytes.subarray(0, signaturesAt) : bytes.subarray(1 + length),
    signaturesAt,
    signatures: Array.from({ length: count }, (_, i) =>
      bytes.subarray(signaturesAt + i * SIGNATURE_BYTES, signaturesAt + (i + 1) * SIGNATURE_BYTES),
    ),
  }
}
