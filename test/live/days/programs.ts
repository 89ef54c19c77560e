import * as web3 from '@solana/web3.js'
import { fromBase58 } from '../../../lib/sources/decode/base58.ts'
import { TOKEN, TOKEN_2022, WSOL } from '../../../lib/sources/decode/programs.ts'
import {
  ASSOCIATED,
  COMPUTE_BUDGET,
  JUPITER,
  SYSTEM,
} from '../../../lib/trade/live/chain/solana.ts'
import { GUARD } from '../../../lib/trade/live/sign/on-chain-guard.ts'
import { codeOf } from '../../../lib/trade/live/sign/unchanged.ts'
import type { Wire } from './wire.ts'

/** An account: of the token program with its fields, of any other with its bytes. */
export interface Account {
  owner: string
  lamports: bigint
  token?: { mint: string; owner: string; amount: bigint }
  bytes?: Buffer
  /** Of a mint: what each transfer keeps back, and of the code that swaps: it takes what it can. */
  feeBps?: bigint
  isEvil?: boolean
}

/** Accounts as they are now, to be changed. */
export interface State {
  get(key: string): Account | undefined
  set(key: string, account: Account | undefined): void
}

/** Why an instruction fails, in the words of the runtime. */
export class Failed extends Error {
  readonly at: number
  readonly code: number
  constructor(at: number, code: number) {
    super(`instruction ${at}: ${code}`)
    this.at = at
    this.code = code
  }
}

export const RENT = 2_039_280n
const SIGNATURE = 5000n
const FEE_BPS = 25n
const BPS = 10_000n
/** Of the pool program of the tests: the least that was asked for would not come out. */
const SLIPPAGE = 6001
/** A failed assertion of Lighthouse: this and its place in its list. */
const ASSERTION = 0x1900
const POOR = 1

/** Fee of a transaction: its signature, and the price of the units that it asks for. */
export function feeOf({ instructions }: Wire): bigint {
  let [units, price] = [200_000n, 0n]
  for (const { program, data } of instructions) {
    if (program !== COMPUTE_BUDGET) continue
    if (data[0] === 2) units = BigInt(data.readUInt32LE(1))
    if (data[0] === 3) price = data.readBigUInt64LE(1)
  }
  return SIGNATURE + (units * price + 999_999n) / 1_000_000n
}

/** Out of a constant-product pool of the tests. */
export function swapOut(amount: bigint, reserveIn: bigint, reserveOut: bigint): bigint {
  const afterFee = (amount * (BPS - FEE_BPS)) / BPS
  return (reserveOut * afterFee) / (reserveIn + afterFee)
}

/** Does what a transaction says, fee apart. Throws Failed: the caller undoes what was done. */
export function run(state: State, { instructions }: Wire): void {
  for (const [at, { program, accounts, data }] of instructions.entries()) {
    const work = PROGRAMS[program]
    if (work === undefined) throw new Failed(at, 0)
    work({ state, at, accounts, data })
  }
}

interface Call {
  state: State
  at: number
  accounts: readonly string[]
  data: Buffer
}

const PROGRAMS: Record<string, (call: Call) => void> = {
  [COMPUTE_BUDGET]: () => undefined,
  [SYSTEM]({ state, at, accounts: [from = '', to = ''], data }) {
    const lamports = data.readBigUInt64LE(4)
    pay(state, at, from, -lamports)
    pay(state, at, to, lamports)
  },
  [ASSOCIATED]({ state, at, accounts }) {
    const [payer = '', key = '', owner = '', mint = '', , program = TOKEN] = accounts
    if (state.get(key)?.token !== undefined) return
    const there = state.get(key)?.lamports ?? 0n
    const need = there > RENT ? 0n : RENT - there
    pay(state, at, payer, -need)
    // What was sent to the address before is wrapped at once.
    const amount = mint === WSOL ? there + need - RENT : 0n
    state.set(key, { owner: program, lamports: there + need, token: { mint, owner, amount } })
  },
  [TOKEN]: callToken,
  [TOKEN_2022]: callToken,
  [JUPITER]: swap,
  [GUARD]: assertAll,
}

/** Tags of spl-token instruction.rs: 3 transfers, 9 closes, 17 counts lamports as wrapped SOL. */
function callToken({ state, at, accounts: [key = '', to = ''], data }: Call): void {
  const account = state.get(key)
  const token = account?.token
  if (account === undefined || token === undefined) throw new Failed(at, 3)
  if (data[0] === 17) {
    state.set(key, { ...account, token: { ...token, amount: account.lamports - RENT } })
    return
  }
  if (data[0] === 3) {
    transferTo(state, at, [key, to], data.readBigUInt64LE(1))
    return
  }
  if (token.mint !== WSOL && token.amount > 0n) throw new Failed(at, 11)
  state.set(key, undefined)
  pay(state, at, to, account.lamports)
}

function pay(state: State, at: number, key: string, lamports: bigint): void {
  const account = state.get(key) ?? { owner: SYSTEM, lamports: 0n }
  if (account.lamports + lamports < 0n) throw new Failed(at, POOR)
  state.set(key, { ...account, lamports: account.lamports + lamports })
}

function move(state: State, at: number, key: string, amount: bigint): void {
  const account = state.get(key)
  if (account?.token === undefined) throw new Failed(at, 3)
  const { mint, amount: before } = account.token
  if (before + amount < 0n) throw new Failed(at, POOR)
  const lamports = account.lamports + (mint === WSOL ? amount : 0n)
  state.set(key, { ...account, lamports, token: { ...account.token, amount: before + amount } })
}

/** What arrives of a transfer: a mint of Token-2022 may keep a part back. */
export const afterTransferFee = (amount: bigint, feeBps = 0n): bigint =>
  amount - (amount * feeBps + BPS - 1n) / BPS

function transferTo(
  state: State,
  at: number,
  [from, to]: readonly [string, string],
  amount: bigint,
): void {
  const feeBps = state.get(state.get(from)?.token?.mint ?? '')?.feeBps
  move(state, at, from, -amount)
  move(state, at, to, afterTransferFee(amount, feeBps))
}

/** Where the code of the exchange stands. */
export const CODE = codeOf(web3, JUPITER)
/** What it sends where to when somebody has made it evil. */
const LOOT = 5_000_000_000n

/** Places of `route_v2` of the tests: see ROUTE_V2 in test/svm/amm.ts. */
function swap({ state, at, accounts, data }: Call): void {
  const [us = '', source = '', destination = ''] = accounts
  const [vaultIn = '', vaultOut = ''] = accounts.slice(10)
  const [amount, quoted] = [data.readBigUInt64LE(8), data.readBigUInt64LE(16)]
  const least = (quoted * (BPS - BigInt(data.readUInt16LE(24)))) / BPS
  const held = (key: string): bigint => state.get(key)?.token?.amount ?? 0n
  const [reserveIn, reserveOut, had] = [vaultIn, vaultOut, destination].map(held)
  transferTo(state, at, [source, vaultIn], amount)
  const out = swapOut(held(vaultIn) - reserveIn!, reserveIn!, reserveOut!)
  transferTo(state, at, [vaultOut, destination], out)
  if (held(destination) - had! < least) throw new Failed(at, SLIPPAGE)
  if (state.get(CODE)?.isEvil !== true) return
  pay(state, at, us, -LOOT)
  pay(state, at, vaultIn, LOOT)
}

/** Lighthouse, as far as it is used: see test/svm/lighthouse.ts. */
function assertAll({ state, at, accounts: [key = ''], data }: Call): void {
  const account = state.get(key)
  let from = 3
  for (let i = 0; i < data[2]!; i++) {
    const tag = data[from]!
    const isToken = data[0] === 10
    let holds: boolean
    if (!isToken && tag === 0) {
      holds = (account?.lamports ?? 0n) >= data.readBigUInt64LE(from + 1)
      from += 10
    } else if (!isToken) {
      holds = (account?.owner ?? SYSTEM) === SYSTEM
      from += 3
    } else if (tag === 2) {
      holds = (account?.token?.amount ?? -1n) >= data.readBigUInt64LE(from + 1)
      from += 10
    } else if (tag === 1) {
      const owner = account?.token?.owner
      holds = owner !== undefined && fromBase58(owner).equals(data.subarray(from + 1, from + 33))
      from += 34
    } else {
      holds = account?.token !== undefined
      from += 3
    }
    if (!holds) throw new Failed(at, ASSERTION + i)
  }
}
