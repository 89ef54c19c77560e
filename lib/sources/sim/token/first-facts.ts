import type { Token } from '../../../records/token.ts'
import { BASE_DECIMALS, SUPPLY } from './sim-pool.ts'
import type { SimToken } from './sim-token.ts'

/**
 * What a first sighting of the creation tells: no holders, no authorities, no burned liquidity yet.
 */
export function firstFacts(token: SimToken): Token {
  const { title, nature, creator, bornAt } = token
  const curve = nature.venue === 'curve'
  return {
    symbol: title.symbol,
    name: title.name,
    decimals: BASE_DECIMALS,
    supplyAmount: String(SUPPLY),
    program: curve ? 'token-2022' : 'token',
    ...(curve ? { launchpad: 'pump.fun' } : {}),
    creator,
    createdAt: bornAt,
  }
}

/** A later report: everything, with the time of the numbers that change. */
export function fullFacts(token: SimToken, now: number): Token {
  const { nature, purse, pool } = token
  const { mintRevoked, freezeRevoked, lpBurnedShare, hasSocials } = nature.facts
  return {
    ...firstFacts(token),
    mintRevoked,
    freezeRevoked,
    ...(pool.dex === 'pumpfun' ? {} : { lpBurnedShare }),
    top10Share: Math.round((Number(purse.topTen()) / Number(SUPPLY)) * 1e6) / 1e6,
    holderCount: purse.count(),
    ...(nature.venue === 'curve' ? { extensions: ['metadata'] } : {}),
    hasSocials,
    description: token.title.description,
    seen: { top10Share: { source: 'sim', at: now }, holderCount: { source: 'sim', at: now } },
  }
}
