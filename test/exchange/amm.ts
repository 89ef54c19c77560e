import type { Rng } from '../../lib/base/rng.ts'
import type { Rec } from '../../lib/records/record.ts'
import { keyName } from '../lib/sources/decode/bytes.ts'
import { type Node, pumpTransaction, type Transaction } from './node.ts'
import { curveAccount, listPump, START } from './pump.ts'

/** Reserves of a pool after a trade. */
export interface State {
  base: bigint
  quote: bigint
  ts: number
}

/**
 * Curves on chain that keep x·y = k, and every state that they ever had: the truth that fills are
 * held against.
 */
export interface Amm {
  mints: readonly string[]
  curveOf(mint: string): string
  /** Somebody trades now. */
  trade(): Transaction
  signatures: string[]
  states: Map<string, State[]>
}

export function makeAmm(node: Node, rng: Rng, pools: number): Amm {
  const mints = Array.from({ length: pools }, (_, i) => keyName(200 + i))
  const curveOf = (mint: string): string => keyName(100 + mints.indexOf(mint))
  const states = new Map<string, State[]>()
  const signatures: string[] = []
  for (const mint of mints) {
    listPump(node, mint, curveOf(mint))
    states.set(mint, [{ ...START, ts: Date.now() }])
  }
  return {
    mints,
    curveOf,
    signatures,
    states,
    trade() {
      const mint = mints[rng.below(pools)]!
      const known = states.get(mint)!
      const { base, quote } = known.at(-1)!
      const k = base * quote
      // Buyers and sellers in turn, a little more of those who bring the price back to where it
      // began.
      const isBuy = rng.next() < (quote > START.quote ? 0.45 : 0.55)
      const size = BigInt(1 + rng.below(300_000_000))
      const newQuote = isBuy ? quote + size : quote - size
      const newBase = k / newQuote + 1n
      const signature = `sig${signatures.length}`
      const ts = Math.floor(Date.now() / 1000) * 1000
      signatures.push(signature)
      known.push({ base: newBase, quote: newQuote, ts })
      node.change(curveOf(mint), curveAccount(newBase, newQuote))
      const baseAmount = String(isBuy ? base - newBase : newBase - base)
      const trade = {
        dex: 'pump.fun',
        side: isBuy ? 'buy' : 'sell',
        wallet: keyName(35),
        signature,
        baseAmount,
        quoteAmount: String(size),
        baseReserveAmount: String(newBase),
        quoteReserveAmount: String(newQuote),
      }
      const rec = {
        v: 1,
        id: 'x',
        ts,
        kind: 'trade',
        mint,
        source: 'x',
        slot: Math.floor(Date.now() / 400),
        trade,
      }
      return pumpTransaction(rec as Rec, curveOf(mint))
    },
  }
}
