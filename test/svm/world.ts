import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import {
  Keypair,
  PublicKey,
  SystemProgram,
  TransactionInstruction,
  TransactionMessage,
  VersionedTransaction,
} from '@solana/web3.js'
import { ACCOUNTS, ammProgram, type Role, swapData } from './amm.ts'
import { type Cluster, holdingOf, type Landed, makeCluster } from './cluster.ts'
import {
  ata,
  createAta,
  createMint,
  type MintOptions,
  mintTo,
  NATIVE_MINT,
  syncNative,
  TOKEN_2022_ID,
  TOKEN_ID,
} from './tokens.ts'
import { at, type Wire } from './wire.ts'

/** A key pair of a name: the same in every run. */
export const keypair = (name: string): Keypair =>
  Keypair.fromSeed(createHash('sha256').update(name).digest())

export const AMM = keypair('amm').publicKey
const SOL = 1_000_000_000n

/** A token with a constant-product pool against wrapped SOL. */
export interface Token {
  mint: PublicKey
  program: PublicKey
  decimals: number
  /** Authority of the pool’s vaults; stands for the pool. */
  pool: PublicKey
  seed: bigint
  bump: number
  tokenVault: PublicKey
  solVault: PublicKey
  /** Lookup table with the accounts of the pool. */
  table: PublicKey
}

export interface TokenOptions extends Partial<MintOptions> {
  tokens?: bigint
  lamports?: bigint
  isToken2022?: boolean
}

/** Programs, mints, pools and wallets on a cluster in this process. */
export interface World {
  cluster: Cluster
  /** Who trades, and who makes mints and pools and holds their authorities. */
  wallet: Keypair
  admin: Keypair
  tokens: Map<string, Token>
  addToken(name: string, options?: TokenOptions): Token
  /** Signs and lands a transaction, then lets one block pass. Throws when it fails. */
  run(payer: Keypair, instructions: TransactionInstruction[], signers?: Keypair[]): Landed
  build(payer: PublicKey, instructions: TransactionInstruction[]): VersionedTransaction
  amount(account: PublicKey): bigint
  lamports(account: PublicKey): bigint
  /** Gives tokens to a new owner; its token account. */
  give(token: Token, owner: PublicKey, amount: bigint): PublicKey
  swap(
    token: Token,
    owner: PublicKey,
    side: 'buy' | 'sell',
    amount: bigint,
    minOut: bigint,
  ): TransactionInstruction
  /** Successful swaps of a wallet so far, in order. */
  swaps(owner?: PublicKey): Landed[]
  /** Lands a swap so that it fails there, by the slippage check of its pool. */
  landFailing(wire: Wire): void
  writeKey(path: string): void
}

export function makeWorld(startAt?: number): World {
  const cluster = makeCluster(startAt)
  const { svm } = cluster
  svm.addProgram(at(AMM), ammProgram())
  const wallet = keypair('wallet')
  const admin = keypair('admin')
  svm.airdrop(at(wallet.publicKey), (1000n * SOL) as never)
  svm.airdrop(at(admin.publicKey), (100_000n * SOL) as never)
  // A node has finalized blocks.
  cluster.advance(40)
  const world: World = {
    cluster,
    wallet,
    admin,
    tokens: new Map(),
    addToken: (name, options = {}) => addToken(world, name, options),
    build(payerKey, instructions) {
      const recentBlockhash = cluster.blockhash().blockhash
      return new VersionedTransaction(
        new TransactionMessage({ payerKey, recentBlockhash, instructions }).compileToV0Message(),
      )
    },
    run(payer, instructions, signers = []) {
      const transaction = world.build(payer.publicKey, instructions)
      transaction.sign([payer, ...signers])
      const landed = cluster.land(
        cluster.decode(Buffer.from(transaction.serialize()).toString('base64')),
      )
      cluster.advance()
      if (landed === undefined || landed.error !== null)
        throw new Error(`${JSON.stringify(landed?.error)}\n${landed?.logs.join('\n')}`)
      return landed
    },
    amount: account => holdingOf(svm, account.toBase58()).token?.amount ?? 0n,
    lamports: account => holdingOf(svm, account.toBase58()).lamports,
    give(token, owner, amount) {
      const account = ata(token.mint, owner, token.program)
      const make = createAta(admin.publicKey, token.mint, owner, token.program)
      world.run(admin, [make, mintTo(token.mint, account, admin.publicKey, amount, token.program)])
      return account
    },
    swap: swapInstruction,
    swaps: (owner = wallet.publicKey) =>
      [...cluster.landed.values()].filter(
        ({ error, wire }) =>
          error === null && wire.keys[0] === owner.toBase58() && swapOf(wire) !== undefined,
      ),
    landFailing: wire => landFailing(cluster, wire),
    writeKey: path => writeFileSync(path, JSON.stringify([...wallet.secretKey]), { mode: 0o600 }),
  }
  return world
}

const swapOf = ({ instructions, keys }: Wire) =>
  instructions.find(({ program }) => keys[program] === AMM.toBase58())

/** Between quote and landing somebody traded: what goes in is worth less. Undone afterwards. */
function landFailing(cluster: Cluster, wire: Wire): void {
  const vault = wire.keys[swapOf(wire)?.accounts[ACCOUNTS.indexOf('vaultIn')] ?? -1]
  if (vault === undefined) throw new Error('no swap to fail')
  const account = cluster.svm.getAccount(at(vault))
  if (!account.exists) throw new Error('no vault')
  const data = Buffer.from(account.data)
  data.writeBigUInt64LE(2n * data.readBigUInt64LE(64), 64)
  const put = (bytes: Uint8Array): void => cluster.svm.setAccount({ ...account, data: bytes })
  put(data)
  cluster.land(wire)
  put(new Uint8Array(account.data))
}

function swapInstruction(
  { mint, program, pool, seed, bump, tokenVault, solVault }: Token,
  owner: PublicKey,
  side: 'buy' | 'sell',
  amount: bigint,
  minOut: bigint,
): TransactionInstruction {
  const sol = { mint: NATIVE_MINT, program: TOKEN_ID, vault: solVault }
  const token = { mint, program, vault: tokenVault }
  const [paid, got] = side === 'buy' ? [sol, token] : [token, sol]
  const keys: Record<Role, PublicKey> = {
    user: owner,
    source: ata(paid.mint, owner, paid.program),
    destination: ata(got.mint, owner, got.program),
    vaultIn: paid.vault,
    vaultOut: got.vault,
    authority: pool,
    mintIn: paid.mint,
    mintOut: got.mint,
    programIn: paid.program,
    programOut: got.program,
  }
  const writable = new Set<Role>(['user', 'source', 'vaultIn', 'vaultOut', 'destination'])
  return new TransactionInstruction({
    programId: AMM,
    keys: ACCOUNTS.map(role => ({
      pubkey: keys[role],
      isSigner: role === 'user',
      isWritable: writable.has(role),
    })),
    data: swapData(amount, minOut, seed, bump),
  })
}

const POOL_TOKENS = 206_900_000_000_000n
const POOL_LAMPORTS = 79n * SOL

function addToken(world: World, name: string, options: TokenOptions): Token {
  const { admin, cluster } = world
  const {
    decimals = 6,
    tokens = POOL_TOKENS,
    lamports = POOL_LAMPORTS,
    extensions = [],
    ...rest
  } = options
  const program = options.isToken2022 || extensions.length > 0 ? TOKEN_2022_ID : TOKEN_ID
  const mintPair = keypair(`mint ${name}`)
  const mint = mintPair.publicKey
  const lamportsFor = (bytes: number): number =>
    Number(cluster.svm.minimumBalanceForRentExemption(BigInt(bytes)))
  const about = { decimals, mintAuthority: admin.publicKey, extensions, ...rest }
  world.run(admin, createMint(admin.publicKey, mint, program, lamportsFor, about), [mintPair])
  const seed = BigInt(world.tokens.size + 1)
  const seedBytes = Buffer.alloc(8)
  seedBytes.writeBigUInt64LE(seed)
  const [pool, bump] = PublicKey.findProgramAddressSync([seedBytes], AMM)
  const [tokenVault, solVault] = [ata(mint, pool, program), ata(NATIVE_MINT, pool)]
  const payer = admin.publicKey
  world.run(admin, [
    ...[createAta(payer, mint, pool, program), createAta(payer, NATIVE_MINT, pool)],
    SystemProgram.transfer({ fromPubkey: payer, toPubkey: solVault, lamports }),
    syncNative(solVault),
  ])
  // A token that starts out frozen cannot be minted: its pool stays empty.
  if (tokens > 0n) world.run(admin, [mintTo(mint, tokenVault, payer, tokens, program)])
  const token = {
    mint,
    program,
    decimals,
    pool,
    seed,
    bump,
    tokenVault,
    solVault,
    table: lookupTable(world, name, [pool, tokenVault, solVault, mint]),
  }
  world.tokens.set(mint.toBase58(), token)
  return token
}

const TABLES = 'AddressLookupTab1e1111111111111111111111111'

/**
 * A lookup table that was made long ago: 56 bytes of header, then the addresses (solana
 * address-lookup-table state).
 */
function lookupTable({ cluster }: World, name: string, addresses: readonly PublicKey[]): PublicKey {
  const table = keypair(`table ${name}`).publicKey
  const header = Buffer.alloc(56)
  header.writeUInt32LE(1, 0)
  header.writeBigUInt64LE(0xffffffffffffffffn, 4)
  const data = Buffer.concat([header, ...addresses.map(each => each.toBuffer())])
  const about = {
    programAddress: at(TABLES),
    executable: false,
    space: BigInt(data.length),
    lamports: SOL as never,
  }
  cluster.svm.setAccount({ address: at(table), data: new Uint8Array(data), ...about })
  return table
}
