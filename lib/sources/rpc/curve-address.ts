import { fromBase58, isAddress } from '../../base/base58.ts'
import { PROGRAMS } from '../decode/programs.ts'
import { programAddress } from './program-address.ts'

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
