import { createHash } from 'node:crypto'
import { AddressLookupTableAccount, Keypair, PublicKey } from '@solana/web3.js'
import { toBase58 } from '../../../lib/sources/decode/base58.ts'
import {
  LOCK_AUTHORITY,
  PROGRAMS,
  TOKEN,
  TOKEN_2022,
  WSOL,
} from '../../../lib/sources/decode/programs.ts'
import {
  ASSOCIATED,
  JUPITER,
  SYSTEM,
  tokenAccountOf,
} from '../../../lib/trade/live/chain/solana.ts'
import { GUARD } from '../../../lib/trade/live/sign/on-chain-guard.ts'
import { type Chain, makeChain } from './chain.ts'
import { type Account, CODE, RENT } from './programs.ts'
import { quickSolana } from './quick-solana.ts'
import type { Wire } from './wire.ts'

const pairOf = (name: string): Keypair =>
  Keypair.fromSeed(createHash('sha256').update(name).digest())
const addressOf = (name: string): string => pairOf(name).publicKey.toBase58()
const holderOf = (mint: string, owner: string, program = TOKEN): string =>
  tokenAccountOf(quickSolana, owner, mint, program)

/** A token with a pool against wrapped SOL, and our account of it. */
export interface Token {
  mint: string
  program: string
  pool: string
  tokenVault: string
  solVault: string
  table: string
  ours: string
  theirs: string
}

export const WALLET = pairOf('wallet')
export const US = WALLET.publicKey.toBase58()
/** Account of wrapped SOL of somebody. */
export const wrappedOf = (owner: string): string => holderOf(WSOL, owner)
export const WRAPPED = wrappedOf(US)
export const THIEF = addressOf('thief')
export const EVENTS = PublicKey.findProgramAddressSync(
  [Buffer.from('__event_authority')],
  new PublicKey(JUPITER),
)[0].toBase58()

const tokenOf = (name: string, program = TOKEN): Token => {
  const [mint, pool] = [addressOf(`mint ${name}`), addressOf(`pool ${name}`)]
  const [tokenVault, solVault] = [holderOf(mint, pool, program), holderOf(WSOL, pool)]
  return {
    mint,
    program,
    pool,
    tokenVault,
    solVault,
    table: addressOf(`table ${name}`),
    ours: holderOf(mint, US, program),
    theirs: holderOf(mint, THIEF, program),
  }
}

/** What may be bought, and what we hold that is nobody’s business. */
export const TOKENS: readonly Token[] = [
  ...['cat', 'cow', 'owl', 'pig', 'yak'].map(name => tokenOf(name)),
  tokenOf('emu', TOKEN_2022),
]
/** Of Token-2022: its authority may have each transfer keep a part back. */
export const EMU = TOKENS.at(-1)!
export const DOG = tokenOf('dog')
export const DOGS = 7_000_000_000n

const TABLES = 'AddressLookupTab1e1111111111111111111111111'
const LOADER = 'BPFLoaderUpgradeab1e11111111111111111111111'
export const CLOCK = 'SysvarC1ock11111111111111111111111111111111'
const SOL = 1_000_000_000n
const POOL_TOKENS = 206_900_000_000_000n
/** Somebody else holds a hundredth. */
const THEIRS = POOL_TOKENS / 100n
const POOL_LAMPORTS = 79n * SOL
export const START_LAMPORTS = 100n * SOL

/** A mint of 6 decimals whose authorities are given up (spl-token state.rs). */
function mintBytes(): Buffer {
  const bytes = Buffer.alloc(82)
  bytes.writeBigUInt64LE(POOL_TOKENS, 36)
  bytes[44] = 6
  bytes[45] = 1
  return bytes
}

/**
 * The same of Token-2022 with its transfer fee (extension 1: two fees, rates at 88 and 106 of its
 * 108 bytes), after the padding to 165 bytes and the type of a mint.
 */
export function feeMint(feeBps: bigint): Account {
  const bytes = Buffer.alloc(166 + 4 + 108)
  mintBytes().copy(bytes)
  bytes[165] = 1
  bytes.writeUInt16LE(1, 166)
  bytes.writeUInt16LE(108, 168)
  for (const at of [88, 106]) bytes.writeUInt16LE(Number(feeBps), 170 + at)
  return { owner: TOKEN_2022, lamports: SOL, bytes, feeBps }
}

/**
 * The account of a pool, as far as the checks of a token read it: a constant-product pool of
 * Raydium (lib/sources/decode/raydium-cpmm.ts), whose liquidity tokens are locked for ever.
 */
function addPool({ mint, pool, tokenVault, solVault }: Token): void {
  const [lpMint, locked] = [addressOf(`liquidity ${mint}`), addressOf(`locked ${mint}`)]
  const bytes = Buffer.alloc(637)
  createHash('sha256').update('account:PoolState').digest().copy(bytes, 0, 0, 8)
  for (const [at, key] of [
    [72, tokenVault],
    [104, solVault],
    [136, lpMint],
    [168, mint],
    [200, WSOL],
  ] as const)
    new PublicKey(key).toBuffer().copy(bytes, at)
  bytes.writeBigUInt64LE(POOL_TOKENS, 333)
  FIRST.set(pool, { owner: PROGRAMS['raydium-cpmm'], lamports: SOL, bytes })
  FIRST.set(lpMint, { owner: TOKEN, lamports: SOL, bytes: mintBytes() })
  const token = { mint: lpMint, owner: LOCK_AUTHORITY, amount: POOL_TOKENS }
  FIRST.set(locked, { owner: TOKEN, lamports: RENT, token })
}

/** The account with the code that swaps, as it was put there in some slot. */
export function codeSince(slot: number, isEvil: boolean): Account {
  const bytes = Buffer.alloc(45)
  bytes.writeUInt32LE(3, 0)
  bytes.writeUInt32LE(slot, 4)
  return { owner: LOADER, lamports: SOL, bytes, isEvil }
}

function tableBytes(addresses: readonly string[]): Buffer {
  const header = Buffer.alloc(56)
  header.writeUInt32LE(1, 0)
  header.writeBigUInt64LE(2n ** 64n - 1n, 4)
  return Buffer.concat([header, ...addresses.map(each => new PublicKey(each).toBuffer())])
}

/** Accounts that every day begins with: made once. */
const FIRST = new Map<string, Account>()
function remember(): void {
  FIRST.set(THIEF, { owner: SYSTEM, lamports: START_LAMPORTS })
  FIRST.set(US, { owner: SYSTEM, lamports: START_LAMPORTS })
  FIRST.set(CODE, codeSince(0, false))
  FIRST.set(JUPITER, { owner: LOADER, lamports: SOL, bytes: Buffer.alloc(36) })
  FIRST.set(GUARD, { owner: LOADER, lamports: SOL, bytes: Buffer.alloc(36) })
  for (const token of [...TOKENS, DOG]) {
    const { mint, program, pool, tokenVault, solVault, theirs, table } = token
    const isPlain = program === TOKEN
    FIRST.set(mint, isPlain ? { owner: TOKEN, lamports: SOL, bytes: mintBytes() } : feeMint(0n))
    const tokens = { mint, owner: pool, amount: POOL_TOKENS - THEIRS }
    FIRST.set(tokenVault, { owner: program, lamports: RENT, token: tokens })
    addPool(token)
    const held = { mint, owner: THIEF, amount: THEIRS }
    FIRST.set(theirs, { owner: program, lamports: RENT, token: held })
    const sol = { mint: WSOL, owner: pool, amount: POOL_LAMPORTS }
    FIRST.set(solVault, { owner: TOKEN, lamports: RENT + POOL_LAMPORTS, token: sol })
    const bytes = tableBytes([pool, tokenVault, solVault, mint])
    new AddressLookupTableAccount({
      key: new PublicKey(table),
      state: AddressLookupTableAccount.deserialize(new Uint8Array(bytes)),
    })
    FIRST.set(table, { owner: TABLES, lamports: SOL, bytes })
  }
  FIRST.set(DOG.ours, {
    owner: TOKEN,
    lamports: RENT,
    token: { mint: DOG.mint, owner: US, amount: DOGS },
  })
}
remember()

/** What a stranger sends: our wallet is named, and has signed nothing. */
export const GIFT = 1000n
const HEAD = Buffer.from([2, 0, 0, 0])

/** Base units, or lamports. */
function amountBytes(amount: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(amount)
  return bytes
}

/** A stranger sends us lamports in the next block. */
export const giveLamports = (chain: Chain): void =>
  give(chain, [
    {
      program: SYSTEM,
      accounts: [THIEF, US],
      data: Buffer.concat([HEAD, amountBytes(GIFT)]),
    },
  ])

/** A stranger sends us a token, in an account that he made for us. */
export const giveToken = (
  chain: Chain,
  { mint, program, ours, theirs }: Token,
  amount: bigint,
): void =>
  give(chain, [
    { program: ASSOCIATED, accounts: [THIEF, ours, US, mint, SYSTEM, program], data: IDEMPOTENT },
    {
      program,
      accounts: [theirs, ours, THIEF],
      data: Buffer.concat([Buffer.from([3]), amountBytes(amount)]),
    },
  ])
const IDEMPOTENT = Buffer.from([1])

function give(chain: Chain, instructions: Wire['instructions']): void {
  const tip = chain.tip()
  const keys = [
    ...new Set([THIEF, ...instructions.flatMap(({ program, accounts }) => [...accounts, program])]),
  ]
  chain.put(
    {
      signature: toBase58(createHash('sha512').update(`gift ${tip} ${keys}`).digest()),
      keys,
      ownKeys: keys.length,
      writableLookups: 0,
      blockhash: chain.blockhash(tip),
      instructions,
    },
    0,
  )
}

/** A chain with tokens, pools and our wallet on it. */
export function openChain(startedAt: number, slotMs: number): Chain {
  const chain = makeChain(startedAt, slotMs)
  for (const [key, account] of FIRST) chain.begin(key, account)
  return chain
}
