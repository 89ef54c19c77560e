import { swapExactIn } from '../market/constant-product.ts'
import type { Label } from '../records/label.ts'
import type { Opportunity } from '../records/opportunity.ts'
import type { Rec } from '../records/record.ts'

interface Pool {
  mint: string
  base: bigint
  quote: bigint
  feeBps?: number
}

/** Last known reserves of every pool, to quote a path again. */
interface Pools {
  see(rec: Rec): void
  /**
   * The label of an opportunity, quoted with the reserves as they are now. Amounts in the units of
   * the path’s start.
   */
  quote(opportunity: Opportunity, availableAt: number): Label
  save(): unknown
  load(saved: unknown): void
}

/** Starts without any pool; the reserves come with the lines that it sees. */
export function makePools(): Pools {
  const pools = new Map<string, Pool>()
  return {
    see(rec) {
      const { pool, mint, market, trade } = rec
      if (pool === undefined || mint === undefined) return
      const base = market?.baseAmount ?? trade?.baseReserveAmount
      const quote = market?.quoteAmount ?? trade?.quoteReserveAmount
      if (base === undefined || quote === undefined) return
      const feeBps = market?.feeBps ?? pools.get(pool)?.feeBps
      const fee = feeBps === undefined ? {} : { feeBps }
      pools.set(pool, { mint, base: BigInt(base), quote: BigInt(quote), ...fee })
    },
    quote(opportunity, availableAt) {
      const out = quoteAgain(opportunity, pools)
      if (typeof out === 'string')
        return { horizon: 'path', censored: true, reason: out, availableAt }
      const profit = out - BigInt(opportunity.inAmount) - BigInt(opportunity.feeLamports ?? '0')
      return {
        horizon: 'path',
        success: profit > 0n,
        profitLamports: String(profit),
        censored: false,
        availableAt,
      }
    },
    save: () =>
      [...pools].map(([name, { mint, base, quote, feeBps }]) => [
        name,
        mint,
        String(base),
        String(quote),
        feeBps,
      ]),
    load(saved) {
      for (const [name, mint, base, quote, feeBps] of saved as [
        string,
        string,
        string,
        string,
        number?,
      ][]) {
        const fee = typeof feeBps === 'number' ? { feeBps } : {}
        pools.set(name, { mint, base: BigInt(base), quote: BigInt(quote), ...fee })
      }
    },
  }
}

/** End amount of the path at the present reserves, or why it cannot be told. */
function quoteAgain(
  { path, inAmount }: Opportunity,
  pools: ReadonlyMap<string, Pool>,
): bigint | string {
  let amount = BigInt(inAmount)
  for (const leg of path) {
    const pool = leg.pool === undefined ? undefined : pools.get(leg.pool)
    if (pool === undefined) return 'unknown-pool'
    if (pool.feeBps === undefined) return 'unknown-fee'
    const [reserveIn, reserveOut] =
      leg.outMint === pool.mint ? [pool.quote, pool.base] : [pool.base, pool.quote]
    amount = swapExactIn(reserveIn, reserveOut, amount, pool.feeBps).out
  }
  return amount
}
