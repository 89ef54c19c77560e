import { createHash } from 'node:crypto'
import * as web3 from '@solana/web3.js'
import { AddressLookupTableAccount, Keypair, PublicKey } from '@solana/web3.js'
import { toBase58 } from '../../../lib/sources/decode/base58.ts'
import { TOKEN, WSOL } from '../../../lib/sources/decode/programs.ts'
import { ASSOCIATED, JUPITER, SYSTEM } from '../../../lib/trade/live/chain/solana.ts'
import { GUARD } from '../../../lib/trade/live/sign/on-chain-guard.ts'
import { codeOf } from '../../../lib/trade/live/sign/unchanged.ts'
import { type Chain, makeChain } from './chain.ts'
import { type Account, RENT } from './programs.ts'

const pairOf = (name: string): Keypair =>
  Keypair.fromSeed(createHash('sha256').update(name).digest())
const addressOf = (name: string): string => pairOf(name).publicKey.toBase58()
const holderOf = (mint: string, owner: string): string =>
  PublicKey.findProgramAddressSync(
    [owner, TOKEN, mint].map(key => new PublicKey(key).toBuffer()),
    new PublicKey(ASSOCIATED),
  )[0].toBase58()

/** A token with a pool against wrapped SOL, and our account of it. */
export interface Token {
  mint: string
  pool: string
  tokenVault: string
  solVault: string
  table: string
  ours: string
}

export const WALLET = pairOf('wallet')
export const US = WALLET.publicKey.toBase58()
export const WRAPPED = holderOf(WSOL, US)
export const THIEF = addressOf('thief')
export const EVENTS = PublicKey.findProgramAddressSync(
  [Buffer.from('__event_authority')],
  new PublicKey(JUPITER),
)[0].toBase58()

const tokenOf = (name: string): Token => {
  const [mint, pool] = [addressOf(`mint ${name}`), addressOf(`pool ${name}`)]
  const [tokenVault, solVault] = [holderOf(mint, pool), holderOf(WSOL, pool)]
  return {
    mint,
    pool,
    tokenVault,
    solVault,
    table: addressOf(`table ${name}`),
    ours: holderOf(mint, US),
  }
}

/** What may be bought, and what we hold that is nobody’s business. */
export const TOKENS: readonly Token[] = ['cat', 'cow', 'owl', 'pig', 'yak', 'emu'].map(tokenOf)
export const DOG = tokenOf('dog')
export const DOGS = 7_000_000_000n

const TABLES = 'AddressLookupTab1e1111111111111111111111111'
const LOADER = 'BPFLoaderUpgradeab1e11111111111111111111111'
export const CLOCK = 'SysvarC1ock11111111111111111111111111111111'
const SOL = 1_000_000_000n
const POOL_TOKENS = 206_900_000_000_000n
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

function tableBytes(addresses: readonly string[]): Buffer {
  const header = Buffer.alloc(56)
  header.writeUInt32LE(1, 0)
  header.writeBigUInt64LE(2n ** 64n - 1n, 4)
  return Buffer.concat([header, ...addresses.map(each => new PublicKey(each).toBuffer())])
}

/** Accounts that every day begins with: made once. */
const FIRST = new Map<string, Account>()
function remember(): void {
  const head = Buffer.alloc(45)
  head.writeUInt32LE(3, 0)
  FIRST.set(THIEF, { owner: SYSTEM, lamports: START_LAMPORTS })
  FIRST.set(US, { owner: SYSTEM, lamports: START_LAMPORTS })
  FIRST.set(codeOf(web3, JUPITER), { owner: LOADER, lamports: SOL, bytes: head })
  FIRST.set(JUPITER, { owner: LOADER, lamports: SOL, bytes: Buffer.alloc(36) })
  FIRST.set(GUARD, { owner: LOADER, lamports: SOL, bytes: Buffer.alloc(36) })
  for (const { mint, pool, tokenVault, solVault, table } of [...TOKENS, DOG]) {
    FIRST.set(mint, { owner: TOKEN, lamports: SOL, bytes: mintBytes() })
    const tokens = { mint, owner: pool, amount: POOL_TOKENS }
    FIRST.set(tokenVault, { owner: TOKEN, lamports: RENT, token: tokens })
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

/** A stranger sends us lamports in the next block. */
export function gift(chain: Chain): void {
  const lamports = Buffer.alloc(8)
  lamports.writeBigUInt64LE(GIFT)
  const tip = chain.tip()
  chain.put(
    {
      signature: toBase58(createHash('sha512').update(`gift ${tip}`).digest()),
      keys: [THIEF, US, SYSTEM],
      ownKeys: 3,
      writableLookups: 0,
      blockhash: chain.blockhash(tip),
      instructions: [
        { program: SYSTEM, accounts: [THIEF, US], data: Buffer.concat([HEAD, lamports]) },
      ],
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
