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
import { JUPITER } from '../../lib/trade/live/chain/solana.ts'
import { GUARD } from '../../lib/trade/live/sign/on-chain-guard.ts'
import { ammProgram, PLAIN, ROUTE_V2, type Role, type SwapForm } from './amm.ts'
import {
  type Cluster,
  type ClusterProfile,
  holdingOf,
  type Landed,
  makeCluster,
} from './cluster.ts'
import { lighthouseProgram } from './lighthouse.ts'
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

/** A swap program of nobody, and one that takes `route_v2` at Jupiter’s address. */
export const AMM = keypair('amm').publicKey
export const ROUTER = new PublicKey(JUPITER)
const FORMS: ReadonlyMap<string, SwapForm> = new Map([
  [AMM.toBase58(), PLAIN],
  [ROUTER.toBase58(), ROUTE_V2],
])
const SOL = 1_000_000_000n

/** A token with a constant-product pool against wrapped SOL. */
export interface Token {
  mint: PublicKey
  program: PublicKey
  decimals: number
  /** The program that swaps it. */
  router: PublicKey
  /** Authority of the pool’s vaults; stands for the pool. */
  pool: PublicKey
  seed: bigint
  bump: number
  tokenVault: PublicKey
  solVault: PublicKey
  /** Lookup table with the accounts of the pool. */
  table: PublicKey
}

/** The least that may come out, as the router counts it. */
interface Quoted {
  quoted: bigint
  slippageBps: number
}

export interface TokenOptions extends Partial<MintOptions> {
  tokens?: bigint
  lamports?: bigint
  isToken2022?: boolean
  router?: PublicKey
}

/** Programs, mints, pools and wallets on a cluster in this process. */
export interface World {
  cluster: Cluster
  /** Who trades, and who makes mints and pools and holds their authorities. */
  wallet: Keypair
  admin: Keypair
  tokens: Map<string, Token>
  addToken(name: string, options?: TokenOptions): Token
  /** Puts a program there, or another in its place: an upgrade. */
  deploy(id: PublicKey, code: Buffer): void
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
    least: bigint | Quoted,
  ): TransactionInstruction
  /** Successful swaps of a wallet so far, in order. */
  swaps(owner?: PublicKey): Landed[]
  /** Lands a swap so that it fails there, by the slippage check of its pool. */
  landFailing(wire: Wire): void
  writeKey(path: string): void
}

export function makeWorld(startAt?: number, profile?: ClusterProfile): World {
  const cluster = makeCluster(startAt, profile)
  const { svm } = cluster
  for (const [id, form] of FORMS) deploy(cluster, new PublicKey(id), ammProgram(form))
  svm.addProgram(at(GUARD), lighthouseProgram())
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
    deploy: (id, code) => deploy(cluster, id, code),
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

/**
 * The machine keeps code its own way; beside it stands what a cluster has for a program that can be
 * upgraded: kind 3, slot of the upgrade, authority.
 */
function deploy({ svm, slot }: Cluster, id: PublicKey, code: Buffer): void {
  svm.addProgram(at(id), code)
  const head = Buffer.alloc(45)
  head.writeUInt32LE(3, 0)
  head.writeBigUInt64LE(BigInt(slot()), 4)
  head[12] = 1
  const about = { executable: false, space: 45n, lamports: SOL as never }
  const [address, programAddress] = [
    PublicKey.findProgramAddressSync([id.toBuffer()], LOADER)[0],
    LOADER,
  ]
  svm.setAccount({
    address: at(address),
    programAddress: at(programAddress),
    data: new Uint8Array(head),
    ...about,
  })
}
const LOADER = new PublicKey('BPFLoaderUpgradeab1e11111111111111111111111')

function swapOf({ instructions, keys }: Wire) {
  const swap = instructions.find(({ program }) => FORMS.has(keys[program] ?? ''))
  const form = FORMS.get(keys[swap?.program ?? -1] ?? '')
  return swap === undefined || form === undefined ? undefined : { ...swap, form }
}

/** Between quote and landing somebody traded: what goes in is worth less. Undone afterwards. */
function landFailing(cluster: Cluster, wire: Wire): void {
  const swap = swapOf(wire)
  const vault = wire.keys[swap?.accounts[swap.form.accounts.indexOf('vaultIn')] ?? -1]
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
  { mint, program, router, pool, seed, bump, tokenVault, solVault }: Token,
  owner: PublicKey,
  side: 'buy' | 'sell',
  amount: bigint,
  least: bigint | Quoted,
): TransactionInstruction {
  const { quoted, slippageBps } =
    typeof least === 'bigint' ? { quoted: least, slippageBps: 0 } : least
  const form = FORMS.get(router.toBase58())!
  const sol = { mint: NATIVE_MINT, program: TOKEN_ID, vault: solVault }
  const token = { mint, program, vault: tokenVault }
  const [paid, got] = side === 'buy' ? [sol, token] : [token, sol]
  const keys: Partial<Record<Role | 'program' | 'events', PublicKey>> = {
    program: router,
    events: PublicKey.findProgramAddressSync([Buffer.from('__event_authority')], router)[0],
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
  const writable = new Set<string>(['user', 'source', 'vaultIn', 'vaultOut', 'destination'])
  return new TransactionInstruction({
    programId: router,
    keys: form.accounts.map(role => ({
      pubkey: keys[role]!,
      isSigner: role === 'user',
      isWritable: writable.has(role),
    })),
    data: form.data({ amount, quoted, slippageBps, seed, bump }),
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
    router = ROUTER,
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
  const [pool, bump] = PublicKey.findProgramAddressSync([seedBytes], router)
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
    router,
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
