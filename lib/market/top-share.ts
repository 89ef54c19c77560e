/** Tokens in one account and who owns it. */
export interface Holding {
  owner: string
  amount: bigint
}

const TOP = 10

/**
 * Share of a supply that the ten largest owners hold together, 0 to 1; accounts of one owner count
 * as one.
 */
export function topShare(holdings: readonly Holding[], supply: bigint): number {
  const byOwner = new Map<string, bigint>()
  for (const { owner, amount } of holdings) byOwner.set(owner, (byOwner.get(owner) ?? 0n) + amount)
  const held = [...byOwner.values()].sort((a, b) => (a > b ? -1 : 1)).slice(0, TOP)
  const sum = held.reduce((total, amount) => total + amount, 0n)
  return Math.min(1, Number((sum * 1_000_000n) / supply) / 1e6)
}
