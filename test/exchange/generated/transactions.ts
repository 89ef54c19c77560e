import { makeRng, type Rng } from '../../../lib/base/rng.ts'
import { toBase58 } from '../../../lib/sources/decode/base58.ts'
import {
  type Dex,
  isFlipped,
  PROGRAMS,
  TOKEN,
  TOKEN_2022,
  WSOL,
} from '../../../lib/sources/decode/programs.ts'
import type { PoolFacts } from '../../../lib/sources/rpc/orient.ts'
import { u64 } from '../../lib/sources/decode/bytes.ts'
import { asCall, SAYING, type Swap, swapAccounts, swapData } from './events.ts'

/** A trade as it truly was: of the token, in its pool. */
export interface Truth {
  dex: Dex
  pool: string
  mint: string
  side: 'buy' | 'sell'
  baseAmount: string
  quoteAmount: string
}

/** A transaction as a node tells it, with what it truly did. */
export interface Generated {
  signature: string
  slot: number
  failed: boolean
  logs: string[]
  /** What getTransaction answers. */
  json(): object
  /** Addresses of pools that it names, traded in or only shown. */
  mentions: string[]
  truth: Truth[]
}

const COMPUTE = 'ComputeBudget111111111111111111111111111111'
const DEXES = Object.keys(PROGRAMS) as Dex[]
/** What a node keeps of a log (agave, LOG_MESSAGES_BYTES_LIMIT). */
const MAX_LOG = 10_000

interface Pool extends PoolFacts {
  dex: Dex
  first: string
  second: string
  /** Token accounts, of the wallet and of the pool, in the order of the mints. */
  own: readonly [string, string]
  vaults: readonly [string, string]
}

const address = (rng: Rng): string => {
  const bytes = Buffer.alloc(32)
  for (let at = 0; at < 32; at += 4) bytes.writeUInt32LE(rng.below(2 ** 32), at)
  return toBase58(bytes)
}

/** Pools of every exchange, a third of them with SOL as their first mint. */
function makePools(rng: Rng, each: number): Pool[] {
  return DEXES.flatMap(dex =>
    Array.from({ length: each }, (_, i) => {
      const [pool, mint] = [address(rng), address(rng)]
      const canTurn = dex !== 'pump.fun' && dex !== 'launchlab' && dex !== 'raydium-cpmm'
      const turned = canTurn && i % 3 === 2
      const [first, second] = turned ? [WSOL, mint] : [mint, WSOL]
      const facts = { pool, mint, quoteMint: WSOL, isFlipped: isFlipped(first, second) }
      const mine = [address(rng), SOL_ACCOUNT] as const
      const own = turned ? ([mine[1], mine[0]] as const) : mine
      const vaults = [address(rng), address(rng)] as const
      return { ...facts, dex, first, second, own, vaults, baseDecimals: 6, quoteDecimals: 9 }
    }),
  )
}

/** An instruction and what it calls, before it is written as a node has it. */
interface Call {
  program: string
  accounts: string[]
  data: Buffer
  /** Lines that it prints, and calls that it makes, in order. */
  does: (string | Call)[]
}

const line = (event: Buffer): string => `Program data: ${event.toString('base64')}`
const EMPTY = Buffer.alloc(0)

/** A program that moves tokens, of either kind: TransferChecked from, to, as this one allows. */
function transfer(rng: Rng, mint: string, [from, to, by]: readonly string[], amount: bigint): Call {
  return {
    program: rng.below(3) === 0 ? TOKEN_2022 : TOKEN,
    accounts: [from!, mint, to!, by!],
    data: Buffer.concat([Buffer.from([12]), u64(amount), Buffer.from([decimalsOf(mint)])]),
    does: ['Program log: Instruction: TransferChecked'],
  }
}
const decimalsOf = (mint: string): number => (mint === WSOL ? 9 : 6)

function swapCall(rng: Rng, pooled: Pool, at: number) {
  const { dex, pool, first, second, own } = pooled
  const amount = (): bigint => BigInt(1 + rng.below(2 ** 31)) * BigInt(1 + rng.below(1000))
  const [base, quote] = [amount(), amount()]
  const swap: Swap = {
    dex,
    pool,
    mint: first,
    quoteMint: second,
    wallet: WALLET,
    isBuy: rng.below(2) === 0,
    base,
    quote,
    baseBefore: base + amount(),
    quoteBefore: quote + amount(),
    second: at,
    own,
  }
  const { by, write } = SAYING[dex]
  const program = PROGRAMS[dex]
  const sides = [transferOf(rng, pooled, swap, 0), transferOf(rng, pooled, swap, 1)]
  if (swap.isBuy) sides.reverse()
  const does: Call['does'] = ['Program log: Instruction: Swap']
  // LaunchLab says what it does before it does it.
  if (dex !== 'launchlab') does.push(...sides)
  for (const event of write(swap)) {
    if (by === 'ray') does.push(`Program log: ray_log: ${event.toString('base64')}`)
    if (by === 'log' || by === 'both') does.push(line(event))
    const data = asCall(event)
    if (by === 'call' || by === 'both') does.push({ program, accounts: [pool], data, does: [] })
  }
  if (dex === 'launchlab') does.push(...sides)
  return { swap, call: { program, accounts: swapAccounts(swap), data: swapData(swap), does } }
}

/** What moves between wallet and pool: of base (0) or quote (1). */
function transferOf(rng: Rng, pool: Pool, { isBuy, base, quote }: Swap, side: 0 | 1): Call {
  const [own, vault] = [pool.own[side], pool.vaults[side]]
  const isOut = isBuy === (side === 0)
  const way = isOut ? [vault, own, pool.pool] : [own, vault, WALLET]
  return transfer(rng, side === 0 ? pool.first : pool.second, way, side === 0 ? base : quote)
}

/** The trade of the token, whichever way round its pool has it. */
function truthOf({ swap }: { swap: Swap }, { pool, mint, isFlipped: turned, dex }: Pool): Truth {
  const isBuy = swap.isBuy !== turned
  const [base, quote] = turned ? [swap.quote, swap.base] : [swap.base, swap.quote]
  const [baseAmount, quoteAmount] = [String(base), String(quote)]
  return { dex, pool, mint, side: isBuy ? 'buy' : 'sell', baseAmount, quoteAmount }
}

const WALLET = address(makeRng('wallet'))
const SOL_ACCOUNT = address(makeRng('sol'))
const ROUTER = address(makeRng('router'))

/** Log lines of a call, with everything that it calls. */
function logOf(call: Call, depth: number, failed: boolean): string[] {
  const inside = call.does.flatMap(each =>
    typeof each === 'string' ? [each] : logOf(each, depth + 1, false),
  )
  return [
    `Program ${call.program} invoke [${depth}]`,
    ...inside,
    `Program ${call.program} consumed 1000 of 200000 compute units`,
    `Program ${call.program} ${failed ? 'failed: custom program error: 0x1771' : 'success'}`,
  ]
}

/** What a node keeps of a log, and says when there was more. */
function cut(logs: string[]): string[] {
  let size = 0
  for (const [i, each] of logs.entries()) {
    size += each.length
    if (size > MAX_LOG) return [...logs.slice(0, i), 'Log truncated']
  }
  return logs
}

/** JSON of getTransaction; addresses of pools may come from a lookup table. */
function jsonOf(
  table: number | undefined,
  tops: readonly Call[],
  logs: string[],
  failed: boolean,
  slot: number,
) {
  const flat = (call: Call): Call[] => [
    call,
    ...call.does.flatMap(each => (typeof each === 'string' ? [] : flat(each))),
  ]
  const all = tops.flatMap(flat)
  const programs = [...new Set([WALLET, TOKEN, ...all.map(({ program }) => program)])]
  const others = [...new Set(all.flatMap(({ accounts }) => accounts))].filter(
    each => !programs.includes(each),
  )
  const isTable = table !== undefined
  const half = Math.floor((table ?? 0) * (others.length + 1))
  const keys = isTable ? programs : [...programs, ...others]
  const loadedAddresses = isTable
    ? { writable: others.slice(0, half), readonly: others.slice(half) }
    : { writable: [], readonly: [] }
  const places = new Map(
    [...keys, ...loadedAddresses.writable, ...loadedAddresses.readonly].map((each, i) => [each, i]),
  )
  const written = ({ program, accounts, data }: Call, stackHeight: number) => ({
    programIdIndex: places.get(program),
    accounts: accounts.map(each => places.get(each)),
    data: toBase58(data),
    stackHeight,
  })
  const inner = (call: Call, height: number): object[] =>
    call.does.flatMap(each =>
      typeof each === 'string' ? [] : [written(each, height), ...inner(each, height + 1)],
    )
  const innerInstructions = tops.flatMap((top, index) => {
    const instructions = inner(top, 2)
    return instructions.length === 0 ? [] : [{ index, instructions }]
  })
  return {
    slot,
    blockTime: 1_760_000_000,
    version: isTable ? 0 : 'legacy',
    transaction: {
      message: { accountKeys: keys, instructions: tops.map(each => written(each, 1)) },
    },
    meta: { err: failed ? {} : null, logMessages: logs, innerInstructions, loadedAddresses },
  }
}

/** What a router prints to look like a frame and an event of somebody else. */
const forged = (swap: Call): string[] => [
  `Program log: Program ${swap.program} invoke [2]`,
  ...swap.does.filter(each => typeof each === 'string').filter(each => each.includes('data: ')),
  `Program log: Program ${swap.program} success`,
]

/**
 * Transactions without end: direct swaps and routes through several pools of all exchanges, with
 * inner calls, both token programs, pools that are only shown, forged lines, failures, logs that
 * are cut and lookup tables. The same seed gives the same.
 */
export function makeTransactions(seed: string, each = 3) {
  const rng = makeRng(seed)
  const pools = makePools(rng, each)
  let count = 0
  const next = (): Generated => {
    const slot = 1000 + count
    const signature = `${seed}-${++count}`
    const failed = rng.below(12) === 0
    const tops: Call[] = rng.below(2) === 0 ? [plain(COMPUTE)] : []
    const truth: Truth[] = []
    const shown = rng.below(4) === 0 ? [pools[rng.below(pools.length)]!.pool] : []
    for (let top = 0; top <= rng.below(2); top++) {
      const legs = Array.from({ length: 1 + rng.below(3) }, () => {
        const pool = pools[rng.below(pools.length)]!
        const made = swapCall(rng, pool, 1_760_000_000 + rng.below(1000))
        truth.push(truthOf(made, pool))
        return made.call
      })
      const [only] = legs
      if (legs.length === 1 && only !== undefined && rng.below(2) === 0) tops.push(only)
      else tops.push(routed(rng, legs, shown))
    }
    const logs = cut(tops.flatMap((top, i) => logOf(top, 1, failed && i === tops.length - 1)))
    const named = new Set([...truth.map(({ pool }) => pool), ...shown])
    const mentions = pools.filter(({ pool }) => named.has(pool)).map(({ pool }) => pool)
    const table = rng.below(5) < 3 ? rng.next() : undefined
    // Most are never asked for: they are written when they are.
    const json = (): object => jsonOf(table, tops, logs, failed, slot)
    return { signature, slot, failed, logs, json, mentions, truth: failed ? [] : truth }
  }
  return { pools, next }
}

const plain = (program: string): Call => ({ program, accounts: [], data: EMPTY, does: [] })

/** A call that goes through legs; now and then it talks so much that the log is cut. */
function routed(rng: Rng, legs: readonly Call[], shown: readonly string[]): Call {
  const isLoud = rng.below(25) === 0
  const talk = isLoud ? Array.from({ length: 90 }, () => `Program log: ${'x'.repeat(100)}`) : []
  const lie = rng.below(10) === 0 ? forged(legs[0]!) : []
  const at = rng.below(legs.length)
  const does = legs.flatMap((leg, i) => (i === at ? [...talk, ...lie, leg] : [leg]))
  return { program: ROUTER, accounts: [...shown, WALLET], data: Buffer.from([1]), does }
}
