import { createHash } from 'node:crypto'
import { fromBase58, isAddress, toBase58 } from '../../decode/base58.ts'
import { PROGRAMS } from '../../decode/programs.ts'

/** The prime of curve 25519 and the constant d of its twisted Edwards form (RFC 8032, 5.1). */
const P = 2n ** 255n - 19n
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n

/**
 * The address that a program owns by seeds: sha256 over seeds, bump, program and a marker, with the
 * first bump from 255 down whose hash is no point of the curve, so that nobody has a key to it
 * (Solana documentation, “Program derived address”). Addresses are base58 of 32 bytes.
 */
export function programAddress(seeds: readonly Uint8Array[], program: string): string {
  const owner = fromBase58(program)
  for (let bump = 255; bump >= 0; bump--) {
    const hash = createHash('sha256')
    for (const seed of seeds) hash.update(seed)
    hash.update(Uint8Array.of(bump)).update(owner).update('ProgramDerivedAddress')
    const bytes = hash.digest()
    if (!isOnCurve(bytes)) return toBase58(bytes)
  }
  // One of 2^256 seeds: every second hash is no point.
  throw new Error('no bump gives an address of a program')
}

/**
 * Whether 32 bytes are a compressed point: x² = (y² − 1) / (d·y² + 1) has a root, which by Euler’s
 * criterion is so when numerator times denominator is a square or 0.
 */
export function isOnCurve(bytes: Uint8Array): boolean {
  let y = 0n
  for (let i = 31; i >= 0; i--) y = (y << 8n) | BigInt(i === 31 ? bytes[i]! & 0x7f : bytes[i]!)
  const square = (y * y) % P
  const product = ((square - 1n + P) * (D * square + 1n)) % P
  return product === 0n || power(product, (P - 1n) / 2n) === 1n
}

function power(base: bigint, exponent: bigint): bigint {
  let [result, factor] = [1n, base]
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * factor) % P
    factor = (factor * factor) % P
  }
  return result
}

/** Mints whose curve is remembered: deriving one costs up to a millisecond. */
const MOST = 10_000
const known = new Map<string, string>()
const SEED = Buffer.from('bonding-curve')

/**
 * Address of the bonding curve of a mint on pump.fun: derived from the seeds `bonding-curve` and
 * the mint (pump-fun/pump-public-docs, idl/pump.json, account `bonding_curve` of `buy`). Undefined
 * for what is no address.
 */
export function curveOf(mint: string): string | undefined {
  const before = known.get(mint)
  if (before !== undefined) return before
  if (!isAddress(mint)) return undefined
  const curve = programAddress([SEED, fromBase58(mint)], PROGRAMS['pump.fun'])
  known.set(mint, curve)
  if (known.size > MOST) known.delete(known.keys().next().value!)
  return curve
}
