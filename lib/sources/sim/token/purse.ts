import type { Rng } from '../../../base/rng.ts'

/**
 * Who holds how much of one token, in base units. Random choice of a holder takes constant time.
 */
export function makePurse() {
  const bags = new Map<string, bigint>()
  const holders: string[] = []
  const place = new Map<string, number>()

  function put(wallet: string, amount: bigint): void {
    if (amount > 0n) {
      if (!bags.has(wallet)) {
        place.set(wallet, holders.length)
        holders.push(wallet)
      }
      bags.set(wallet, amount)
    } else if (bags.delete(wallet)) {
      const at = place.get(wallet)!
      const last = holders.pop()!
      if (last !== wallet) {
        holders[at] = last
        place.set(last, at)
      }
      place.delete(wallet)
    }
  }
  const held = (wallet: string): bigint => bags.get(wallet) ?? 0n

  return {
    held,
    add: (wallet: string, amount: bigint): void => put(wallet, held(wallet) + amount),
    take: (wallet: string, amount: bigint): void => put(wallet, held(wallet) - amount),
    /** Any holder; undefined when there is none. */
    any: (rng: Rng): string | undefined => holders[rng.below(holders.length)],
    count: (): number => holders.length,
    /** Base units in the ten largest bags. */
    topTen(): bigint {
      const sorted = [...bags.values()].sort((a, b) => (a < b ? 1 : a > b ? -1 : 0))
      return sorted.slice(0, 10).reduce((sum, amount) => sum + amount, 0n)
    },
  }
}
export type Purse = ReturnType<typeof makePurse>
