import { least } from '../../../market/ratio.ts'

/** Limits of the priority fee of one transaction, in lamports. */
interface FeeBounds {
  floor: bigint
  cap: bigint
}

const MICRO = 1_000_000n

/**
 * Price per compute unit (µlamports) to offer: the 75th percentile (nearest rank) of the fees that
 * are not zero, kept within the bounds for a transaction of `units`. A node tells the *least* price
 * paid in each block by transactions that wrote to the accounts (agave prioritization_fee_cache),
 * so a low percentile would not get in. Without a fee to go by: the floor.
 */
export function unitPrice(
  recent: readonly bigint[],
  units: bigint,
  { floor, cap }: FeeBounds,
): bigint {
  const paid = recent.filter(fee => fee > 0n).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const usual = paid[Math.max(0, Math.ceil(paid.length * 0.75) - 1)] ?? 0n
  const lowest = priceFor(floor, units)
  return least(usual > lowest ? usual : lowest, priceFor(cap, units))
}

/** What a price makes of a limit, in lamports: rounded up, as the runtime does. */
export const priorityFee = (units: bigint, price: bigint): bigint =>
  (units * price + MICRO - 1n) / MICRO

/** Highest price whose fee does not pass the amount. */
const priceFor = (lamports: bigint, units: bigint): bigint =>
  units === 0n ? 0n : (lamports * MICRO) / units

/**
 * Compute-unit limit to ask for: what the simulation used and a tenth, since reserves move
 * meanwhile.
 */
export const unitLimit = (used: number): bigint => BigInt(Math.ceil(used * 1.1) + 300)
