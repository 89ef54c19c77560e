import fc from 'fast-check'
import { buyNow, market, T, tick } from './market-lines.ts'

/**
 * One step of a random market: which token, how the price moves, how long it takes, what is
 * decided.
 */
export interface Move {
  token: number
  factor: number
  ms: number
  act: 'buy' | 'sell' | 'rug' | undefined
  size: bigint
  isTick: boolean
}
/** Any such step. */
export const move: fc.Arbitrary<Move> = fc.record({
  token: fc.integer({ min: 0, max: 3 }),
  factor: fc.oneof(
    fc.double({ min: 0.9, max: 1.1, noNaN: true }),
    fc.constantFrom(0.01, 0.3, 0.5, 1.7, 2.5, 30),
  ),
  ms: fc.constantFrom(0, 1, 400, 900, 1500, 3000),
  act: fc.constantFrom(undefined, 'buy', 'buy', 'sell', 'rug'),
  size: fc.oneof(
    fc.bigInt({ min: 0n, max: 1_500_000_000n }),
    fc.bigInt({ min: 1n, max: 200_000_000n }),
  ),
  isTick: fc.boolean(),
})

interface Pool {
  base: bigint
  quote: bigint
}

function decisionOf({ act, size }: Move): object {
  if (act === 'buy') return buyNow(String(size), { maxSlippageBps: 3000 })
  if (act === 'sell') return { decision: { act: 'sell', exit: 'model', reasons: [] } }
  return act === 'rug' ? { decision: { act: 'drop', rugRisk: 0.9, reasons: ['rug-risk'] } } : {}
}

/** Lines of a market of four constant-product pools whose prices jump as the moves say. */
export function linesOf(moves: readonly Move[]): string[] {
  const pools = Array.from(
    { length: 4 },
    (): Pool => ({ base: 10n ** 15n, quote: 50_000_000_000n }),
  )
  let ts = T
  return moves.map(m => {
    ts += m.ms
    if (m.isTick && m.act === undefined) return tick(ts)
    const pool = pools[m.token]!
    const root = BigInt(Math.round(Math.sqrt(m.factor) * 1e6))
    pool.base = (pool.base * 1_000_000n) / root + 1n
    pool.quote = (pool.quote * root) / 1_000_000n + 1n
    return market(ts, pool.base, pool.quote, decisionOf(m), {
      mint: `M${m.token}`,
      pool: `P${m.token}`,
    })
  })
}
