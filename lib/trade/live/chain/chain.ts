import { DataError } from '../../../base/errors.ts'
import { isAddress } from '../../../sources/decode/base58.ts'
import type { RpcCall } from '../../../sources/rpc/client.ts'
import type { ChainProfile } from '../../chain-profile.ts'
import {
  accountsOf,
  type ChainAccount,
  type Simulated,
  simulatedOf,
  statusOf,
  tokenAccountOf,
} from './chain-answers.ts'
import { amountAt, countAt, listAt, objectAt } from './foreign-json.ts'
import { type AskValue, freshOnly } from './fresh-only.ts'

/** What live trading asks a node, all at the commitment from which on nothing is taken back. */
export interface Chain {
  genesisHash(signal: AbortSignal): Promise<string>
  /** Key that the node is known by; undefined where it does not tell. */
  identity(signal: AbortSignal): Promise<string | undefined>
  /** Confirmed block height (or finalized), with the slot of the same block. */
  height(signal: AbortSignal, isFinal?: boolean): Promise<{ height: number; slot: number }>
  latest(signal: AbortSignal): Promise<{ blockhash: string; lastValid: number }>
  /**
   * Status of a transaction, searched in the whole history; undefined = this node, at `slot`, has
   * not seen it.
   */
  status(
    signature: string,
    signal: AbortSignal,
  ): Promise<{ slot: number; status: { isConfirmed: boolean; isReverted: boolean } | undefined }>
  send(tx: string, signal: AbortSignal): Promise<void>
  simulate(tx: string, addresses: readonly string[], signal: AbortSignal): Promise<Simulated>
  /**
   * Accounts are believed from now on only as of this slot or later: it holds a swap of ours. A
   * slot that cannot have been yet, by a node whose chain clock is of now, is forgotten again.
   */
  notBefore(slot: number): void
  /** With `slice` only that part of their data. */
  accounts(
    keys: readonly string[],
    signal: AbortSignal,
    slice?: { offset: number; length: number },
  ): Promise<(ChainAccount | undefined)[]>
  /** JSON of a confirmed transaction; undefined when this node does not have it (yet). */
  transaction(signature: string, signal: AbortSignal): Promise<unknown>
  /**
   * Least compute-unit prices (µlamports) of the last blocks among transactions that wrote to these
   * accounts.
   */
  recentFees(keys: readonly string[], signal: AbortSignal): Promise<bigint[]>
  /** What the newest block says is the time, in seconds: the clock that days of the chain go by. */
  clock(signal: AbortSignal): Promise<number>
  /** Transactions that name an account, newest first, back to `until`; block times in seconds. */
  signatures(
    address: string,
    range: { before: string | undefined; until: string | undefined; limit: number },
    signal: AbortSignal,
  ): Promise<{ signature: string; blockTime: number }[]>
  /** Token accounts of a wallet under one token program. */
  tokenAccounts(
    wallet: string,
    program: string,
    signal: AbortSignal,
  ): Promise<{ address: string; lamports: bigint; bytes: Buffer }[]>
  /** Lamports that an account of so many bytes has to hold. */
  rentOf(bytes: number, signal: AbortSignal): Promise<bigint>
}

/** The commitment that counts now: it changes with the consensus. */
type CommitmentOf = () => ChainProfile['commitment']
/** The node refuses to look at fees of more accounts. */
const MAX_FEE_KEYS = 128

/** One question at the priority of live trading. */
type Ask = (method: string, params: unknown[], signal: AbortSignal) => Promise<unknown>

/**
 * The methods over a JSON-RPC call. Answers of the wrong shape are DataErrors; nothing is filled in
 * for them.
 */
export function makeChain(
  call: RpcCall,
  commitment: CommitmentOf = () => 'confirmed',
  now?: () => number,
): Chain {
  const ask: Ask = (method, params, signal) => call(method, params, signal, 'high')
  const value: AskValue = async (method, params, signal) => {
    const result = objectAt(await ask(method, params, signal), `rpc ${method}`)
    return {
      slot: countAt(objectAt(result.context, `rpc ${method}: context`).slot, 'slot'),
      value: result.value,
    }
  }
  const { fresh, notBefore } = freshOnly(value, isOfNow(value, commitment, now))
  return {
    ...askBlocks(ask, value, commitment),
    ...askTransactions(ask, value, commitment),
    ...askAccounts(fresh, commitment),
    async rentOf(bytes, signal) {
      const lamports = await ask('getMinimumBalanceForRentExemption', [bytes], signal)
      return amountAt(lamports, 'rpc getMinimumBalanceForRentExemption')
    },
    ...askHistory(ask, value, commitment),
    notBefore,
  }
}

/** How far the clock of a chain may be behind that of a machine before its node is behind, too. */
const CLOCK_MS = 60_000

/** Over at least so long, a chain clock and ours that run alike differ by less. */
const PACE = { overMs: 60_000, withinMs: 6000 }

/**
 * Whether a node is where the chain is now, by the clock that blocks carry: it shows our time, or
 * (the clock of this machine may be wrong) it goes as fast as time does. A node that is behind
 * stands still or catches up.
 */
function isOfNow(
  value: AskValue,
  commitment: CommitmentOf,
  now: (() => number) | undefined,
): () => Promise<boolean> {
  let first: { at: number; clock: number } | undefined
  return async () => {
    if (now === undefined) return false
    const clock = 1000 * (await askClock(value, commitment, new AbortController().signal))
    const at = now()
    first ??= { at, clock }
    const since = at - first.at
    const isAtPace = Math.abs(clock - first.clock - since) <= PACE.withinMs
    if (Math.abs(at - clock) <= CLOCK_MS || (since >= PACE.overMs && isAtPace)) return true
    // A new look begins where the pace was not kept.
    if (!isAtPace) first = { at, clock }
    return false
  }
}

/** What the chain itself is and how far it has come. */
const askBlocks = (
  ask: Ask,
  value: AskValue,
  commitment: CommitmentOf,
): Pick<Chain, 'genesisHash' | 'identity' | 'height' | 'latest'> => ({
  async genesisHash(signal) {
    const hash = await ask('getGenesisHash', [], signal)
    if (!isAddress(hash)) throw new DataError('rpc getGenesisHash: expected a hash')
    return hash
  },
  async identity(signal) {
    try {
      const { identity } = objectAt(await ask('getIdentity', [], signal), 'rpc getIdentity')
      return isAddress(identity) ? identity : undefined
    } catch (error) {
      // Providers hide it.
      if (error instanceof DataError) return undefined
      throw error
    }
  },
  async height(signal, isFinal) {
    const at = isFinal === true ? 'finalized' : commitment()
    const info = objectAt(
      await ask('getEpochInfo', [{ commitment: at }], signal),
      'rpc getEpochInfo',
    )
    return {
      height: countAt(info.blockHeight, 'blockHeight'),
      slot: countAt(info.absoluteSlot, 'absoluteSlot'),
    }
  },
  async latest(signal) {
    const answer = await value('getLatestBlockhash', [{ commitment: commitment() }], signal)
    const { blockhash, lastValidBlockHeight } = objectAt(answer.value, 'rpc getLatestBlockhash')
    if (!isAddress(blockhash)) throw new DataError('rpc getLatestBlockhash: expected a blockhash')
    return { blockhash, lastValid: countAt(lastValidBlockHeight, 'lastValidBlockHeight') }
  },
})

/** What became of transactions, and what they would do. */
const askTransactions = (
  ask: Ask,
  value: AskValue,
  commitment: CommitmentOf,
): Pick<Chain, 'status' | 'send' | 'simulate' | 'transaction' | 'recentFees'> => ({
  async status(signature, signal) {
    const params = [[signature], { searchTransactionHistory: true }]
    const answer = await value('getSignatureStatuses', params, signal)
    const [first] = listAt(answer.value, 'rpc getSignatureStatuses', 1)
    return { slot: answer.slot, status: statusOf(first) }
  },
  async send(tx, signal) {
    const options = {
      encoding: 'base64',
      skipPreflight: true,
      maxRetries: 0,
      preflightCommitment: commitment(),
    }
    await ask('sendTransaction', [tx, options], signal)
  },
  async simulate(tx, addresses, signal) {
    const accounts = { encoding: 'base64', addresses }
    const options = {
      encoding: 'base64',
      sigVerify: false,
      replaceRecentBlockhash: true,
      commitment: commitment(),
    }
    const answer = await value('simulateTransaction', [tx, { ...options, accounts }], signal)
    return simulatedOf(objectAt(answer.value, 'rpc simulateTransaction'), addresses.length)
  },
  async transaction(signature, signal) {
    // Version 1 transactions are on mainnet: with 0 here the node refuses them.
    const options = {
      encoding: 'json',
      commitment: commitment(),
      maxSupportedTransactionVersion: 1,
    }
    return (await ask('getTransaction', [signature, options], signal)) ?? undefined
  },
  async recentFees(keys, signal) {
    const rows = await ask('getRecentPrioritizationFees', [keys.slice(0, MAX_FEE_KEYS)], signal)
    return listAt(rows, 'rpc getRecentPrioritizationFees').map(row =>
      amountAt(objectAt(row, 'fee').prioritizationFee, 'prioritizationFee'),
    )
  },
})

/** What stands in accounts. */
const askAccounts = (
  value: AskValue,
  commitment: CommitmentOf,
): Pick<Chain, 'accounts' | 'tokenAccounts'> => ({
  async accounts(keys, signal, slice) {
    if (keys.length === 0) return []
    const options = { encoding: 'base64', commitment: commitment() }
    const answer = await value(
      'getMultipleAccounts',
      [keys, slice === undefined ? options : { ...options, dataSlice: slice }],
      signal,
    )
    return accountsOf(answer.value, keys.length, 'rpc getMultipleAccounts')
  },
  async tokenAccounts(wallet, program, signal) {
    const options = { encoding: 'base64', commitment: commitment() }
    const answer = await value(
      'getTokenAccountsByOwner',
      [wallet, { programId: program }, options],
      signal,
    )
    return listAt(answer.value, 'rpc getTokenAccountsByOwner', 100_000).map(row =>
      tokenAccountOf(objectAt(row, 'row')),
    )
  },
})

/** Sysvar clock (solana sysvar/clock): four numbers of 8 bytes, then the time in seconds. */
const CLOCK = 'SysvarC1ock11111111111111111111111111111111'
const TIME_AT = 32
const NOW = Number.MAX_SAFE_INTEGER

/** Seconds of the newest block. */
async function askClock(
  value: AskValue,
  commitment: CommitmentOf,
  signal: AbortSignal,
): Promise<number> {
  const [account] = await askAccounts(value, commitment).accounts([CLOCK], signal)
  if (account === undefined || account.bytes.length < TIME_AT + 8)
    throw new DataError('rpc getMultipleAccounts: no clock of the chain')
  const seconds = account.bytes.readBigInt64LE(TIME_AT)
  return countAt(Number.parseInt(String(seconds), 10), 'clock')
}

/** When it is on the chain, and what an account was in. */
const askHistory = (
  ask: Ask,
  value: AskValue,
  commitment: CommitmentOf,
): Pick<Chain, 'clock' | 'signatures'> => ({
  clock: signal => askClock(value, commitment, signal),
  async signatures(address, { before, until, limit }, signal) {
    const options = {
      limit,
      commitment: commitment(),
      ...(before !== undefined && { before }),
      ...(until !== undefined && { until }),
    }
    const rows = await ask('getSignaturesForAddress', [address, options], signal)
    return listAt(rows, 'rpc getSignaturesForAddress', limit).map(row => {
      const { signature, blockTime } = objectAt(row, 'a signature')
      if (typeof signature !== 'string')
        throw new DataError('rpc getSignaturesForAddress: a row without a signature')
      // A block without a time yet is one of now.
      return { signature, blockTime: blockTime === null ? NOW : countAt(blockTime, 'blockTime') }
    })
  },
})
