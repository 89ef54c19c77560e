import { DataError } from '../../../base/errors.ts'
import { fromBase58, isAddress } from '../../../sources/decode/base58.ts'
import type { RpcCall } from '../../../sources/rpc/client.ts'
import type { ChainProfile } from '../../chain-profile.ts'
import { countAt, listAt, objectAt } from './foreign-json.ts'

/** Samples of a minute each: a quarter of an hour tells the slot time to a percent. */
const SAMPLES = 15
const TOKEN_ACCOUNT_BYTES = 165
/** No deposit for a token account was ever near that. */
const MOST_RENT = 10_000_000_000
/**
 * Slots of 400 ms and 150 blocks became 200 ms within a year; what is far outside is a node that
 * errs or lies, and would have exits sent hardly ever, or without a pause.
 */
const SLOT_MS = { least: 20, most: 2000 }
const LIFETIME_BLOCKS = { least: 30, most: 1500 }
/** JSON-RPC 2.0: the method does not exist. */
const NO_METHOD = /-32601/
/** JSON-RPC 2.0: the parameters are wrong, here: bytes that are no transaction to this node. */
const BAD_PARAMS = /-32602|-32015/

/** What is asked, and with what. */
interface Measuring {
  call: RpcCall
  /** Wall clock: the profile is named by its hour. */
  now(): number
  /** Any account that pays fees: a transaction of version 1 is simulated in its name, unsigned. */
  payer: string
}

/**
 * Asks a node what its chain is like now: slot time over the last minutes
 * (getRecentPerformanceSamples), blocks until a blockhash dies, the deposit of a token account,
 * whether Alpenglow decides (getAgGenesisCert; null or unknown to the node: votes do), and whether
 * it takes a transaction of version 1. Nothing is filled in: a DataError or TemporaryError where
 * the node does not say.
 */
export async function measureChain(
  { call, now, payer }: Measuring,
  signal: AbortSignal,
): Promise<ChainProfile> {
  const ask = (method: string, params: unknown[]): Promise<unknown> =>
    call(method, params, signal, 'high')
  const genesis = await ask('getGenesisHash', [])
  if (!isAddress(genesis)) throw new DataError('rpc getGenesisHash: expected a hash')
  const slotMs = slotTime(await ask('getRecentPerformanceSamples', [SAMPLES]))
  const rent = countAt(
    await ask('getMinimumBalanceForRentExemption', [TOKEN_ACCOUNT_BYTES]),
    'rpc getMinimumBalanceForRentExemption',
  )
  if (rent > MOST_RENT)
    throw new DataError(`rpc getMinimumBalanceForRentExemption: ${rent} lamports cannot be`)
  const consensus = await consensusOf(ask)
  const commitment = consensus === 'alpenglow' ? 'finalized' : 'confirmed'
  return {
    name: `${genesis.slice(0, 8)}@${new Date(now()).toISOString().slice(0, 13)}`,
    slotMs,
    lifetimeBlocks: await lifetimeOf(ask, commitment),
    tokenAccountRent: BigInt(rent),
    consensus,
    commitment,
    transactionVersion: await versionOf(ask, payer),
    genesis,
  }
}

type Ask = (method: string, params: unknown[]) => Promise<unknown>

/** Mean over all samples: seconds that they cover over slots that they hold, in ms. */
function slotTime(answer: unknown): number {
  const what = 'rpc getRecentPerformanceSamples'
  const rows = listAt(answer, what, SAMPLES).map(row => objectAt(row, what))
  const [slots, seconds] = ['numSlots', 'samplePeriodSecs'].map(key =>
    rows.reduce((sum, row) => sum + countAt(row[key], `${what}: ${key}`), 0),
  ) as [number, number]
  if (slots === 0 || seconds === 0) throw new DataError(`${what}: no slots in ${seconds} s`)
  return within(SLOT_MS, Math.round((seconds * 1e5) / slots) / 100, 'ms a slot')
}

async function consensusOf(ask: Ask): Promise<ChainProfile['consensus']> {
  try {
    const certificate = await ask('getAgGenesisCert', [])
    if (certificate === null) return 'tower'
    objectAt(certificate, 'rpc getAgGenesisCert')
    return 'alpenglow'
  } catch (error) {
    // A node that does not know the question is of before the answer could be yes.
    if (error instanceof DataError && NO_METHOD.test(error.message)) return 'tower'
    throw error
  }
}

/** Blocks from the newest one until a blockhash that is taken now is dead. */
async function lifetimeOf(ask: Ask, commitment: string): Promise<number> {
  const height = countAt(await ask('getBlockHeight', [{ commitment }]), 'rpc getBlockHeight')
  const answer = objectAt(await ask('getLatestBlockhash', [{ commitment }]), 'rpc latest')
  const { lastValidBlockHeight } = objectAt(answer.value, 'rpc getLatestBlockhash')
  const blocks = countAt(lastValidBlockHeight, 'lastValidBlockHeight') - height
  // The block may have moved on by a few between the two questions.
  return within(LIFETIME_BLOCKS, blocks, 'blocks that a blockhash lives')
}

/** The value, or a DataError where no chain is like that. */
function within(bounds: { least: number; most: number }, value: number, what: string): number {
  if (value >= bounds.least && value <= bounds.most) return value
  throw new DataError(`rpc: ${value} ${what}: expected ${bounds.least} to ${bounds.most}`)
}

/** 1 where the node simulates such a transaction, however it ends; 0 where it cannot read it. */
async function versionOf(ask: Ask, payer: string): Promise<number> {
  const options = { encoding: 'base64', sigVerify: false, replaceRecentBlockhash: true }
  try {
    await ask('simulateTransaction', [versionOneProbe(payer).toString('base64'), options])
    return 1
  } catch (error) {
    if (error instanceof DataError && BAD_PARAMS.test(error.message)) return 0
    throw error
  }
}

/**
 * An unsigned transaction of version 1 that sends nothing from an account to itself (layout:
 * SIMD-0385: version, header, settings, blockhash, counts, addresses, instructions, signatures).
 */
export function versionOneProbe(payer: string): Buffer {
  const [signers, readonlySigners, readonlyOthers] = [1, 0, 1]
  const transfer = Buffer.alloc(12)
  transfer.writeUInt32LE(2, 0)
  return Buffer.concat([
    Buffer.from([0x80 | 1, signers, readonlySigners, readonlyOthers]),
    Buffer.alloc(4),
    Buffer.alloc(32),
    Buffer.from([1, 2]),
    fromBase58(payer, 44),
    Buffer.alloc(32),
    Buffer.from([1, 2, transfer.length, 0]),
    Buffer.from([0, 0]),
    transfer,
    Buffer.alloc(64),
  ])
}
