import { compileTransaction, getTransactionEncoder } from '@solana/kit'
import {
  AddressLookupTableAccount,
  ComputeBudgetProgram,
  type Keypair,
  PublicKey,
  SystemProgram,
  TransactionInstruction,
  TransactionMessage,
  VersionedTransaction,
} from '@solana/web3.js'
import { parseJson } from '../../../lib/sources/net/json.ts'
import { makeChain } from '../../../lib/trade/live/chain/chain.ts'
import { makeMints } from '../../../lib/trade/live/chain/mint-info.ts'
import { loadSolana } from '../../../lib/trade/live/chain/solana.ts'
import { buildFor, signFor } from '../../../lib/trade/live/send/build-swap.ts'
import { EXCHANGES, type Exchange } from '../../../lib/trade/live/send/jupiter/exchanges.ts'
import type { JupiterAt } from '../../../lib/trade/live/send/jupiter/jupiter-body.ts'
import { makeOutflow } from '../../../lib/trade/live/send/outflow.ts'
import { quoteFor, type SwapTools } from '../../../lib/trade/live/send/prepare-swap.ts'
import { makeSigner } from '../../../lib/trade/live/send/signer.ts'
import type { TxVersion } from '../../../lib/trade/live/sign/tx-versions.ts'
import { recheckMint } from '../../../lib/trade/live/token/recheck-mint.ts'
import type { Placed, SignedSwap } from '../../../lib/trade/venue.ts'
import { ammProgram, type Inner, ROUTE_V2 } from '../../svm/amm.ts'
import { ALPENGLOW } from '../../svm/cluster.ts'
import type { Jupiter } from '../../svm/jupiter/jupiter.ts'
import type { RpcServer } from '../../svm/rpc/rpc.ts'
import { at } from '../../svm/wire.ts'
import type { Token, TokenOptions, World } from '../../svm/world.ts'

export const AMOUNT = 100_000_000n
const SLIPPAGE_BPS = 100
const PRIORITY_FEE = 1_000_000n

/** Who is on the stage: us with a token to buy, another that we hold, and a thief. */
export interface Cast {
  world: World
  rpc: RpcServer
  jupiter: Jupiter
  us: PublicKey
  thief: Keypair
  /** What is bought and sold, and what is nobody’s business. Both are held. */
  cat: Token
  dog: Token
  /** Our accounts of them, and the thief’s. */
  ours: Record<'cat' | 'dog' | 'wrapped', PublicKey>
  theirs: Record<'cat' | 'dog' | 'wrapped', PublicKey>
}

/** A transaction that somebody else thought of. */
export interface Hostile {
  name: string
  /** Why it is refused; `landed` = only the chain can refuse it: it is signed and reverts. */
  reason: string
  side?: 'buy' | 'sell'
  /** Exchanges that it comes from, and versions that it comes in; all unless said. */
  from?: readonly Exchange[]
  version?: TxVersion
  /** What is different from an honest swap: its steps, its bytes, or the world. */
  steps?(steps: TransactionInstruction[], cast: Cast): TransactionInstruction[]
  bytes?(transaction: VersionedTransaction, cast: Cast): Uint8Array
  /** Changes a transaction of version 1, whose bytes are told whole. */
  bytesOne?(bytes: Buffer, cast: Cast): Buffer
  before?(cast: Cast): void
  /** Changes what was quoted. */
  quote?(json: any, cast: Cast): void
  /** Happens once the simulation has been answered, or once the bytes are signed. */
  afterSimulation?(cast: Cast): void
  afterSigning?(cast: Cast): void
  /** What the token is, and where it trades. */
  token?(cast: Pick<Cast, 'us' | 'thief'>): Partial<TokenOptions>
  /** What the exchange’s program does beside the swap, and which account it has for that. */
  inner?(cast: Cast): Inner & { target: PublicKey; other?: PublicKey }
  /** When it begins to do so; from the start unless said. */
  greedy?: 'after-simulation' | 'after-signing' | 'never'
  /** What is counted and named on the way. */
  counted?: readonly string[]
  /** Lamports for the block engine. */
  tip?: bigint
}

/**
 * Exchanges, and the version of the transaction that comes of each, by them or by us: each kind is
 * tried in both.
 */
export const WAYS: readonly { exchange: Exchange; version: TxVersion }[] = [
  { exchange: 'jupiter-v1', version: 0 },
  { exchange: 'jupiter-v2', version: 0 },
  { exchange: 'jupiter-v2', version: 1 },
  { exchange: 'jupiter-v1', version: 1 },
  { exchange: 'jupiter-v2-order', version: 0 },
  { exchange: 'jupiter-v2-order', version: 1 },
]
export type Way = (typeof WAYS)[number]

/** The ways that a case can come. */
export const waysOf = ({ from, version, bytes, bytesOne }: Hostile): Way[] =>
  WAYS.filter(
    way =>
      (from?.includes(way.exchange) ?? true) &&
      way.version === (version ?? (bytes ? 0 : bytesOne ? 1 : way.version)),
  )

/** The stage of one case: a cluster of its own. */
export async function openCast(token: Hostile['token'] = () => ({})): Promise<Cast> {
  const { keypair, makeWorld } = await import('../../svm/world.ts')
  const tokens = await import('../../svm/tokens.ts')
  // A chain that takes both versions.
  const world = makeWorld(undefined, ALPENGLOW)
  const [us, thief] = [world.wallet.publicKey, keypair('thief')]
  const cat = world.addToken('cat', token({ us, thief }))
  const dog = world.addToken('dog')
  world.cluster.svm.airdrop(at(thief.publicKey), 1_000_000_000n as never)
  const of = (owner: PublicKey) => ({
    cat: world.give(cat, owner, 5_000_000_000n),
    dog: world.give(dog, owner, 7_000_000_000n),
    wrapped: tokens.ata(tokens.NATIVE_MINT, owner),
  })
  const [ours, theirs] = [of(us), of(thief.publicKey)]
  const make = tokens.createAta(world.admin.publicKey, tokens.NATIVE_MINT, thief.publicKey)
  world.run(world.admin, [make])
  world.cluster.advance(100)
  const rpc = await (await import('../../svm/rpc/rpc.ts')).openRpc(world.cluster, {
    landFailing: world.landFailing,
  })
  const jupiter = await (await import('../../svm/jupiter/jupiter.ts')).openJupiter(world)
  return { world, rpc, jupiter, us, thief, cat, dog, ours, theirs }
}

/** What came of asking for a signature. */
interface Came {
  /** Why not; undefined when it was signed. */
  reason: string | undefined
  signed: SignedSwap | undefined
  counted: string[]
}

/** Asks the exchange for a swap, as a flight does, and signs what may be signed. */
export async function attempt(
  cast: Cast,
  hostile: Hostile,
  way: Way,
  keyFile: string,
): Promise<Came> {
  const counted: string[] = []
  const tools = await toolsFor(cast, hostile, way, keyFile, counted)
  const signal = new AbortController().signal
  const isBuy = hostile.side !== 'sell'
  const order: Placed = {
    intent: 'i',
    attempt: 1,
    mint: cast.cat.mint.toBase58(),
    pool: undefined,
    side: isBuy ? 'buy' : 'sell',
    inAmount: isBuy ? AMOUNT : 3_000_000_000n,
    minOut: 1n,
    slippageBps: SLIPPAGE_BPS,
    priorityFee: PRIORITY_FEE,
    decidedAt: 0,
  }
  try {
    const quote = await quoteFor(tools, order, signal)
    if ('isFinal' in quote) return { reason: quote.reason, signed: undefined, counted }
    const checked = await buildFor(tools, order, quote, signal)
    if ('isFinal' in checked) return { reason: checked.reason, signed: undefined, counted }
    return { reason: undefined, signed: await signFor(tools, order, checked, signal), counted }
  } catch (error) {
    const { reason } = error as { reason?: string }
    if (reason === undefined) throw error
    return { reason, signed: undefined, counted }
  }
}

async function toolsFor(
  cast: Cast,
  hostile: Hostile,
  way: Way,
  keyFile: string,
  counted: string[],
): Promise<SwapTools> {
  const { rpc, us } = cast
  const solana = await loadSolana()
  const chain = makeChain(async (method, params) => {
    const { result, error } = wire(rpc.answer({ id: 1, method, params }, undefined).body) as any
    if (error !== undefined) throw new Error(`${method}: ${error.message}`)
    if (method === 'simulateTransaction') afterwards(cast, hostile, 'after-simulation')
    return result
  })
  const at = {
    http: { ask: hostileHttp(cast, hostile, way) },
    base: 'http://jupiter',
    key: undefined,
    wallet: us.toBase58(),
    perMinute: 1,
    timeoutMs: 1,
  }
  const { AMM } = await import('../../svm/world.ts')
  const { TIP_ACCOUNT } = await import('../../svm/jupiter/jupiter-swap.ts')
  return {
    solana,
    chain,
    mints: makeMints(chain),
    programs: [AMM.toBase58()],
    swapper: EXCHANGES[way.exchange](at),
    versions: () => [way.version],
    signer: makeSigner(solana, keyFile, () => undefined),
    tips: [TIP_ACCOUNT.toBase58()],
    tip: hostile.tip ?? 0n,
    floorPriorityFee: 1000n,
    recheck: mint => recheckMint(mint, { maxTransferFeeBps: 100, without: [] }),
    takenByOthers: () => 0n,
    outflow: makeOutflow(chain, us.toBase58()),
    count: what => void counted.push(what),
  }
}

/** Puts a program that does more than a swap where the exchange’s was. */
export function corrupt({ world, cat }: Cast, inner?: Inner): void {
  world.deploy(cat.router, ammProgram(GREEDY, inner))
}

/** What happens at a moment. */
export function afterwards(
  cast: Cast,
  { greedy, inner, afterSimulation, afterSigning }: Hostile,
  moment: NonNullable<Hostile['greedy']>,
): void {
  // No program is upgraded twice in a slot.
  if (greedy !== undefined) cast.world.cluster.advance()
  if (greedy === moment && inner !== undefined) corrupt(cast, inner(cast))
  if (moment === 'after-simulation') afterSimulation?.(cast)
  else afterSigning?.(cast)
}

const wire = (body: unknown): unknown => parseJson(Buffer.from(JSON.stringify(body)))

/** The exchange between us and its API: it tells other steps or other bytes. */
const hostileHttp =
  (cast: Cast, hostile: Hostile, way: Way): JupiterAt['http']['ask'] =>
  async ({ url, body }) => {
    const method = body === undefined ? 'GET' : 'POST'
    const answer = cast.jupiter.answer(method, url, body, undefined)
    const json = wire(answer.body) as any
    if (/\/(quote|build|order)$/.test(url.pathname)) hostile.quote?.(json, cast)
    if (/\/(swap-instructions|build)$/.test(url.pathname)) spoilParts(json, cast, hostile)
    if (url.pathname.endsWith('/order')) spoilOrder(json, cast, hostile, way)
    return { status: answer.status ?? 200, body: json, date: undefined, left: undefined }
  }

/** The steps in the answer are changed, and told as setup, swap and what comes after it. */
function spoilParts(json: any, cast: Cast, { steps, inner }: Hostile): void {
  if (json.swapInstruction === undefined) return
  const before = json.setupInstructions.map(stepOf)
  const all = [...before, stepOf(json.swapInstruction), stepOf(json.cleanupInstruction)]
  const spoilt = steps?.(all, cast) ?? all
  const { router } = cast.cat
  const isSwap = ({ programId }: TransactionInstruction): boolean => programId.equals(router)
  const swapAt = spoilt.findIndex(isSwap)
  const rows = spoilt.map(step => rowOf(named(step, cast, inner)))
  json.setupInstructions = rows.slice(0, swapAt)
  json.swapInstruction = rows[swapAt]
  json.cleanupInstruction = rows[swapAt + 1] ?? null
  json.otherInstructions = rows.slice(swapAt + 2)
}

/** The lookup table of the token’s pool. */
export function tableOf({ world, cat }: Cast): AddressLookupTableAccount {
  const account = world.cluster.svm.getAccount(at(cat.table))
  if (!account.exists) throw new Error('no lookup table')
  const state = AddressLookupTableAccount.deserialize(account.data)
  return new AddressLookupTableAccount({ key: cat.table, state })
}

function spoilOrder(json: any, cast: Cast, hostile: Hostile, { version }: Way): void {
  const { steps, bytes, bytesOne, inner } = hostile
  const transaction = VersionedTransaction.deserialize(Buffer.from(json.transaction, 'base64'))
  const table = tableOf(cast)
  const message = TransactionMessage.decompile(transaction.message, {
    addressLookupTableAccounts: [table],
  })
  message.instructions = steps?.(message.instructions, cast) ?? message.instructions
  message.instructions = message.instructions.map(step => named(step, cast, inner))
  if (version === 1) {
    const one = orderOne(message)
    json.transaction = (bytesOne?.(one, cast) ?? one).toString('base64')
    return
  }
  const spoilt = new VersionedTransaction(message.compileToV0Message([table]))
  json.transaction = Buffer.from(bytes?.(spoilt, cast) ?? spoilt.serialize()).toString('base64')
}

/** The order as a transaction of version 1: its limit and its price are in the header. */
function orderOne({ payerKey, recentBlockhash, instructions }: TransactionMessage): Buffer {
  const isBudget = ({ programId, data }: TransactionInstruction): boolean =>
    programId.equals(ComputeBudgetProgram.programId) && (data[0] === 2 || data[0] === 3)
  const of = (tag: number): Buffer =>
    instructions.find(each => isBudget(each) && each.data[0] === tag)!.data
  const units = of(2).readUInt32LE(1)
  const fee = (of(3).readBigUInt64LE(1) * BigInt(units) + 999_999n) / 1_000_000n
  const roleOf = (each: { isSigner: boolean; isWritable: boolean }): number =>
    (each.isSigner ? 2 : 0) + (each.isWritable ? 1 : 0)
  const message = {
    version: 1,
    feePayer: { address: at(payerKey) },
    lifetimeConstraint: { blockhash: recentBlockhash, lastValidBlockHeight: 0n },
    config: {
      computeUnitLimit: units,
      priorityFeeLamports: fee,
      loadedAccountsDataSizeLimit: 64 * 1024 * 1024,
    },
    instructions: instructions
      .filter(each => !isBudget(each))
      .map(({ programId, keys, data }) => ({
        programAddress: at(programId),
        accounts: keys.map(key => ({ address: at(key.pubkey), role: roleOf(key) })),
        data,
      })),
  }
  const compiled = compileTransaction(
    message as unknown as Parameters<typeof compileTransaction>[0],
  )
  return Buffer.from(getTransactionEncoder().encode(compiled))
}

/** Programs that do more than a swap want the thief and the system program behind its accounts. */
function named(
  step: TransactionInstruction,
  cast: Cast,
  inner: Hostile['inner'],
): TransactionInstruction {
  if (inner === undefined || !step.programId.equals(cast.cat.router)) return step
  const { target, other = target } = inner(cast)
  const extra = [target, other, SystemProgram.programId].map((pubkey, i) => ({
    pubkey,
    isSigner: false,
    isWritable: i < 2,
  }))
  step.keys.push(...extra)
  return step
}
/** The accounts of such a program. */
export const GREEDY = {
  ...ROUTE_V2,
  accounts: [...ROUTE_V2.accounts, 'thief', 'other', 'system'] as const,
}

const stepOf = ({ programId, accounts, data }: any): TransactionInstruction =>
  new TransactionInstruction({
    programId: new PublicKey(programId),
    keys: accounts.map((each: any) => ({ ...each, pubkey: new PublicKey(each.pubkey) })),
    data: Buffer.from(data, 'base64'),
  })
const rowOf = ({ programId, keys, data }: TransactionInstruction): object => ({
  programId: programId.toBase58(),
  accounts: keys.map(({ pubkey, ...flags }) => ({ pubkey: pubkey.toBase58(), ...flags })),
  data: data.toString('base64'),
})
