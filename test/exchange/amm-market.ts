import type { Rec } from '../../lib/records/record.ts'
import { WSOL } from '../../lib/sources/decode/programs.ts'
import type { Amm } from './amm.ts'
import { type Market, SOL_USD } from './market.ts'

/** The curves as the APIs of an exchange show them now. */
export function ammMarket(amm: Amm): Market {
  const latest = (mint: string): Rec | undefined => {
    const state = amm.states.get(mint)?.at(-1)
    if (state === undefined) return undefined
    const [sol, tokens] = [Number(state.quote) / 1e9, Number(state.base) / 1e6]
    const market = {
      dex: 'pump.fun',
      quoteMint: WSOL,
      priceSol: sol / tokens,
      liquidityUsd: 2 * sol * SOL_USD,
      openAt: state.ts,
      volumeUsd: { m5: 1000 },
      buys: { m5: 5 },
      sells: { m5: 5 },
      priceChange: { m5: 0.01 },
    }
    const pool = amm.curveOf(mint)
    return { v: 1, id: 'x', ts: state.ts, kind: 'market', mint, pool, source: 'x', market } as Rec
  }
  return {
    lines: [],
    mints: amm.mints,
    latest,
    candles: () => [],
    facts: mint =>
      ({
        v: 1,
        id: 'x',
        ts: 1,
        kind: 'token',
        mint,
        source: 'x',
        token: { symbol: 'X', name: 'X' },
      }) as Rec,
  }
}
