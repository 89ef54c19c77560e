import { PROGRAMS, TOKEN } from '../../lib/sources/decode/programs.ts'
import { account, bool, discriminator, u64 } from '../lib/sources/decode/bytes.ts'
import type { Market } from './market.ts'
import { type Node, pumpTransaction, type Transaction } from './node.ts'

/** A curve account with its reserves. */
export const curveAccount = (base: bigint, quote: bigint) => ({
  owner: PROGRAMS['pump.fun'],
  data: account(151, {
    0: discriminator('account', 'BondingCurve'),
    8: u64(base),
    16: u64(quote),
    32: u64(quote > START.quote ? quote - START.quote : 0n),
    40: u64(10n ** 15n),
    48: bool(false),
  }),
})
/** Where every curve begins. */
export const START = { base: 1_073_000_000_000_000n, quote: 30_000_000_000n }

/** Puts a token and its curve on the chain: what a node says of them before the first trade. */
export function listPump(node: Node, mint: string, curve: string): void {
  node.accounts.set(curve, curveAccount(START.base, START.quote))
  node.accounts.set(mint, {
    owner: TOKEN,
    data: account(82, { 36: u64(10n ** 15n), 44: Buffer.from([6]), 45: bool(true) }),
  })
}

/** A trade of the market under another signature, as its transaction, now. */
export function tradeOf(market: Market, mint: string, signature: string): Transaction {
  const pool = market.latest(mint)?.pool ?? ''
  const template = market.lines.find(rec => rec.kind === 'trade')!
  const rec = { ...template, mint, ts: Date.now() }
  return pumpTransaction({ ...rec, trade: { ...template.trade, signature } as never }, pool)
}
