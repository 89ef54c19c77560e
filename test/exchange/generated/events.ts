import { fromBase58 } from '../../../lib/sources/decode/base58.ts'
import { type Dex, TOKEN } from '../../../lib/sources/decode/programs.ts'
import {
  bool,
  discriminator,
  i64,
  text,
  u8,
  u16,
  u32,
  u64,
} from '../../lib/sources/decode/bytes.ts'

/** A swap in a pool, in the order of the pool. */
export interface Swap {
  dex: Dex
  pool: string
  mint: string
  quoteMint: string
  wallet: string
  isBuy: boolean
  base: bigint
  quote: bigint
  /** Reserves before it. */
  baseBefore: bigint
  quoteBefore: bigint
  second: number
  /** Token accounts of the wallet, for base and for quote. */
  own: readonly [string, string]
}

const keys = new Map<string, Buffer>()
const key = (name: string): Buffer => {
  const known = keys.get(name) ?? fromBase58(name)
  keys.set(name, known)
  return known
}
const CPI = Buffer.from('e445a52e51cb9a1d', 'hex')
const NOBODY = Buffer.alloc(32)
const marks = new Map<string, Buffer>()
const mark = (name: string): Buffer => {
  const known = marks.get(name) ?? discriminator('event', name)
  marks.set(name, known)
  return known
}

/** An event as bytes, in the field order of the published interface of its program. */
type Writer = (swap: Swap) => Buffer[]

const pump: Writer = ({ mint, quote, base, isBuy, wallet, second, ...swap }) => {
  const sign = isBuy ? 1n : -1n
  const [after, left] = [swap.quoteBefore + sign * quote, swap.baseBefore - sign * base]
  return [
    Buffer.concat([
      ...[mark('TradeEvent'), key(mint), u64(quote), u64(base), bool(isBuy), key(wallet)],
      ...[i64(second), u64(after), u64(left), u64(0), u64(0), NOBODY, u64(95), u64(0), NOBODY],
      ...[u64(5), u64(0), bool(false), u64(0), u64(0), u64(0), i64(0), text('buy'), bool(false)],
      ...[u64(0), u64(0), u64(0), u64(0), u32(0), NOBODY, u64(0), u64(0), u64(0)],
    ]),
  ]
}

const pumpswap: Writer = ({ isBuy, base, quote, pool, wallet, second, own, ...swap }) => [
  Buffer.concat([
    ...[mark(isBuy ? 'BuyEvent' : 'SellEvent'), i64(second), u64(base), u64(0), u64(0), u64(0)],
    ...[u64(swap.baseBefore), u64(swap.quoteBefore), u64(quote), u64(20), u64(0), u64(5), u64(0)],
    ...[u64(quote), u64(quote), key(pool), key(wallet), key(own[0]), key(own[1])],
    // What the protocol takes goes to the same account here, since it takes nothing.
    ...[NOBODY, key(own[1])],
  ]),
]

/** `ray_log`: base or quote goes in. */
const amm: Writer = ({ isBuy, base, quote, baseBefore, quoteBefore }) => [
  Buffer.concat([
    ...[u8(3), u64(isBuy ? quote : base), u64(0), u64(isBuy ? 1n : 2n), u64(0)],
    ...[u64(baseBefore), u64(quoteBefore), u64(isBuy ? base : quote)],
  ]),
]

const cpmm: Writer = ({ isBuy, base, quote, pool, mint, quoteMint }) => [
  Buffer.concat([
    ...[mark('SwapEvent'), key(pool), u64(1), u64(2), u64(isBuy ? quote : base)],
    ...[u64(isBuy ? base : quote), u64(0), u64(0), bool(true)],
    ...(isBuy ? [key(quoteMint), key(mint)] : [key(mint), key(quoteMint)]),
    ...[u64(0), u64(0), bool(true)],
  ]),
]

const clmm: Writer = ({ isBuy, base, quote, pool, wallet }) => [
  Buffer.concat([
    ...[mark('SwapEvent'), key(pool), key(wallet), NOBODY, NOBODY, u64(base), u64(0), u64(quote)],
    ...[u64(0), bool(!isBuy), u64(1), u64(0), u64(1), u64(0), u32(0)],
  ]),
]

const launchlab: Writer = ({ isBuy, base, quote, pool, baseBefore, quoteBefore }) => {
  const sign = isBuy ? 1n : -1n
  return [
    Buffer.concat([
      ...[CPI, mark('TradeEvent'), key(pool), u64(0), u64(2n * baseBefore), u64(0)],
      ...[u64(baseBefore), u64(quoteBefore), u64(baseBefore + sign * base)],
      ...[u64(quoteBefore + sign * quote), u64(isBuy ? quote : base), u64(isBuy ? base : quote)],
      ...[u64(0), u64(0), u64(0), u64(0)],
      ...[u8(isBuy ? 0 : 1), u8(0), bool(true)],
    ]),
  ]
}

/** Both kinds of swap of DLMM: by turns, as instructions of the first and the second kind. */
const dlmm: Writer = ({ isBuy, base, quote, pool, wallet, second }) => {
  const [into, out] = isBuy ? [quote, base] : [base, quote]
  const head = [key(pool), key(wallet), u32(1), u32(2)]
  const one = [CPI, mark('Swap'), ...head, u64(into), u64(out), bool(!isBuy), u64(0), u64(0)]
  const two = [CPI, mark('Swap2Evt'), ...head, bool(!isBuy), u64(20), u64(0), u64(into), u64(0)]
  return second % 2 === 0
    ? [Buffer.concat([...one, u64(0), u64(0), u64(0)])]
    : [Buffer.concat([...two, u64(out), u64(0), u64(0), u64(0), u64(0), bool(true), bool(true)])]
}

/** EvtSwap stands beside EvtSwap2 and says the same trade. */
const meteora =
  (isCurve: boolean): Writer =>
  ({ isBuy, base, quote, pool, second }) => {
    const [into, out] = isBuy ? [quote, base] : [base, quote]
    const head = [key(pool), ...(isCurve ? [NOBODY] : []), u8(isBuy ? 1 : 0)]
    const mode = isCurve ? [bool(false)] : [u8(0), bool(false)]
    const tail = isCurve
      ? [u64(0), u64(0), u64(0), u64(0), u64(0)]
      : [u64(0), u64(0), u64(0), u64(0)]
    return [
      Buffer.concat([CPI, mark('EvtSwap'), ...head, ...mode, u64(into), u64(out), u64(second)]),
      Buffer.concat([
        ...[CPI, mark('EvtSwap2'), ...head, ...mode, u64(into), u64(0), u8(0), u64(into)],
        ...[u64(into), u64(0), u64(out), u64(1), u64(0), ...tail],
        ...(isCurve ? [u64(second)] : [u64(0), u64(0), u64(0), u64(second), u64(0), u64(0)]),
      ]),
    ]
  }

const orca: Writer = ({ isBuy, base, quote, pool }) => [
  Buffer.concat([
    ...[mark('Traded'), key(pool), bool(!isBuy), u64(1), u64(0), u64(1), u64(0)],
    ...[u64(isBuy ? quote : base), u64(isBuy ? base : quote), u64(0), u64(0), u64(0), u64(0)],
  ]),
]

/** How each program says a swap: in log lines, by calling itself, or both. */
export const SAYING: Record<Dex, { by: 'log' | 'ray' | 'call' | 'both'; write: Writer }> = {
  'pump.fun': { by: 'both', write: pump },
  pumpswap: { by: 'both', write: pumpswap },
  'raydium-amm': { by: 'ray', write: amm },
  'raydium-cpmm': { by: 'log', write: cpmm },
  'raydium-clmm': { by: 'log', write: clmm },
  launchlab: { by: 'call', write: launchlab },
  'meteora-dlmm': { by: 'call', write: dlmm },
  'meteora-damm2': { by: 'call', write: meteora(false) },
  'meteora-dbc': { by: 'call', write: meteora(true) },
  orca: { by: 'log', write: orca },
}

/** What a program calls itself with: its event behind the mark of anchor. */
export const asCall = (event: Buffer): Buffer =>
  event.subarray(0, 8).equals(CPI) ? event : Buffer.concat([CPI, event])

/** How instructions that swap begin, where anybody reads that (their published interfaces). */
const BEGINS: Partial<Record<Dex, readonly [buy: string, sell: string]>> = {
  'raydium-amm': ['09', '10'],
  // buy_exact_in and sell_exact_in.
  launchlab: ['faea0d7bd59c13ec', '9527de9bd37c981a'],
  // swap.
  'meteora-dbc': ['f8c69e91e17587c8', 'f8c69e91e17587c8'],
}

/** Data of the instruction that swaps. */
export function swapData({ dex, isBuy, base, quote }: Swap): Buffer {
  const begins = BEGINS[dex]
  if (begins === undefined) return Buffer.concat([u64(7n), u16(1)])
  const [into, out] = isBuy ? [quote, base] : [base, quote]
  return Buffer.concat([Buffer.from(begins[isBuy ? 0 : 1], 'hex'), u64(into), u64(out)])
}

/** Accounts of the instruction that swaps: those that anybody reads, in their places. */
export function swapAccounts({ dex, pool, wallet, mint, quoteMint, isBuy, own }: Swap): string[] {
  const [base, quote] = own
  const some = (count: number): string[] => Array.from({ length: count }, () => wallet)
  if (dex === 'launchlab') return [...some(4), pool, base, quote, ...some(2), mint, quoteMint]
  if (dex !== 'meteora-dbc') return [TOKEN, pool, wallet]
  const [from, to] = isBuy ? [quote, base] : [base, quote]
  return [...some(2), pool, from, to, ...some(2), mint, quoteMint, wallet]
}
