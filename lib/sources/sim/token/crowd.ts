import type { Rng } from '../../../base/rng.ts'
import { address } from './made-up-names.ts'
import { CROWD } from './params.ts'

/**
 * Wallets that many tokens share. Addresses are made when first needed; there is a fixed number of
 * them.
 */
export function makeCrowd(rng: Rng) {
  const wallets = new Map<string, string>()
  const named = (name: string): string => {
    let wallet = wallets.get(name)
    if (wallet === undefined) wallets.set(name, (wallet = address(rng.fork(name))))
    return wallet
  }
  return {
    /** Some wallet; an informed one with the given chance beyond their share. */
    wallet(random: Rng, informed: number): string {
      const among = random.next() < informed ? CROWD.informed : CROWD.wallets
      return named(`wallet/${random.below(among)}`)
    },
    /** A wallet that launches token after token. */
    deployer: (random: Rng): string => named(`deployer/${random.below(CROWD.deployers)}`),
  }
}
export type Crowd = ReturnType<typeof makeCrowd>
