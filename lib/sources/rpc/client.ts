import { DataError, show, TemporaryError } from '../../base/errors.ts'
import { isAddress } from '../decode/base58.ts'
import type { Limit, Priority } from '../net/bucket.ts'
import type { Http } from '../net/http.ts'

/** An account as a node has it. */
export interface RpcAccount {
  owner: string
  bytes: Buffer
}

export interface SignatureRow {
  signature: string
  slot: number
  failed: boolean
  blockTime: number | undefined
}

/**
 * The methods that are needed, at the commitment `confirmed`: what is processed only may still be
 * rolled back.
 */
export interface Rpc {
  /** Accounts in order, undefined where there is none, and the slot that all of them are from. */
  accounts(
    keys: readonly string[],
    signal: AbortSignal,
  ): Promise<{ slot: number; accounts: (RpcAccount | undefined)[] }>
  /** Newest first. */
  signatures(
    address: string,
    range: { until?: string | undefined; before?: string | undefined },
    signal: AbortSignal,
  ): Promise<SignatureRow[]>
  /** JSON of a transaction; undefined when the node does not have it (yet). */
  transaction(signature: string, signal: AbortSignal): Promise<unknown>
  /** Largest token accounts of a mint. */
  largest(mint: string, signal: AbortSignal): Promise<{ address: string; amount: bigint }[]>
  /**
   * How unsigned bytes would end now, and the watched accounts afterwards; error null = they would
   * succeed.
   */
  simulate(
    transaction: Uint8Array,
    watched: readonly string[],
    signal: AbortSignal,
  ): Promise<Simulation>
}

/** How a simulated transaction ends. */
export interface Simulation {
  /** In the words of JSON-RPC. */
  error: unknown
  logs: readonly string[]
  accounts: readonly (RpcAccount | undefined)[]
}

/** Public nodes: 100 requests per 10 s, 40 of one method. */
const PER_MINUTE = 240
const TIMEOUT_MS = 15_000
const COMMITMENT = 'confirmed'
export const PAGE = 1000
/**
 * What a node answers when it is behind, too busy, or has its history elsewhere for the moment: try
 * again later.
 */
const BUSY = new Set<unknown>([
  ...[429, -32005, -32004, -32011, -32014, -32016, -32603],
  // Its long-term storage does not answer; and “too many” of those who sell nodes.
  ...[-32019, -32429],
])

/** One JSON-RPC call: its result. TemporaryErrors where waiting helps, DataErrors otherwise. */
export type RpcCall = (
  method: string,
  params: unknown[],
  signal: AbortSignal,
  priority: Priority,
) => Promise<unknown>

/** How often a node is asked that allows `perMinute` calls. */
export const rpcLimit = (perMinute = PER_MINUTE): Limit => ({
  perMinute,
  burst: Math.max(20, Math.ceil(perMinute / 60)),
})
/** Whose calls they are: providers put the key into the path. */
export const accountIn = ({ pathname, search }: URL): string =>
  pathname === '/' ? search : pathname + search

/** JSON-RPC over HTTP. */
export function makeRpcCall(
  http: Http,
  url: URL,
  perMinute?: number,
  timeoutMs = TIMEOUT_MS,
): RpcCall {
  const limit = rpcLimit(perMinute)
  const account = accountIn(url)
  let id = 0
  return async (method, params, signal, priority) => {
    const body = { jsonrpc: '2.0', id: ++id, method, params }
    const ask = {
      provider: 'rpc',
      url,
      account,
      limit,
      priority,
      body,
      timeoutMs,
      maxBytes: 32 * 2 ** 20,
    }
    const answer = await http.ask(ask, signal)
    const reply = answer.body as
      | { result?: unknown; error?: { code?: unknown; message?: unknown } }
      | null
      | undefined
    const { error } = reply ?? {}
    if (error !== undefined && error !== null) {
      const text = `rpc: ${method}: ${show(error.code)} ${show(error.message, 100)}`
      throw BUSY.has(error.code) ? new TemporaryError(text) : new DataError(text)
    }
    if (answer.status >= 400 || reply?.result === undefined)
      throw new DataError(`rpc: ${method}: status ${answer.status} without a result`)
    return reply.result
  }
}

/** The methods over JSON-RPC calls. */
export const makeRpc = (http: Http, url: URL, perMinute?: number, commitment?: () => string): Rpc =>
  rpcOver(makeRpcCall(http, url, perMinute), commitment)

/** The methods over any way to call a node, at the commitment that its chain knows now. */
export function rpcOver(call: RpcCall, commitment: () => string = () => COMMITMENT): Rpc {
  return {
    async accounts(keys, signal) {
      const params = [keys, { encoding: 'base64', commitment: commitment() }]
      return accountsIn(await call('getMultipleAccounts', params, signal, 'normal'), keys.length)
    },
    async signatures(address, range, signal) {
      const params = [address, { ...range, limit: PAGE, commitment: commitment() }]
      const rows = await call('getSignaturesForAddress', params, signal, 'high')
      return (Array.isArray(rows) ? rows : []).flatMap(signatureRow)
    },
    async transaction(signature, signal) {
      // Version 1 transactions are on mainnet: with 0 here the node refuses them.
      const params = [
        signature,
        { encoding: 'json', commitment: commitment(), maxSupportedTransactionVersion: 1 },
      ]
      return (await call('getTransaction', params, signal, 'high')) ?? undefined
    },
    async largest(mint, signal) {
      const result = await call(
        'getTokenLargestAccounts',
        [mint, { commitment: commitment() }],
        signal,
        'low',
      )
      const { value } = result as { value?: unknown }
      if (!Array.isArray(value)) throw new DataError('rpc: getTokenLargestAccounts: no list')
      return value.flatMap(row =>
        isHolding(row) ? [{ address: row.address, amount: BigInt(row.amount) }] : [],
      )
    },
    async simulate(transaction, watched, signal) {
      const how = {
        sigVerify: false,
        replaceRecentBlockhash: true,
        encoding: 'base64',
        commitment: commitment(),
      }
      const params = [
        Buffer.from(transaction).toString('base64'),
        { ...how, accounts: { encoding: 'base64', addresses: watched } },
      ]
      return simulationIn(await call('simulateTransaction', params, signal, 'high'))
    },
  }
}

function accountsIn(answer: unknown, count: number): Awaited<ReturnType<Rpc['accounts']>> {
  const { context, value } = answer as Partial<AccountsResult>
  const slot = context?.slot
  if (typeof slot !== 'number' || !Array.isArray(value) || value.length !== count)
    throw new DataError('rpc: getMultipleAccounts: not as many accounts as asked for')
  return { slot, accounts: value.map(accountOf) }
}

function simulationIn(answer: unknown): Simulation {
  const { value } = answer as { value?: Partial<SimulationJson> }
  // Without an error field nothing is said about how it ends.
  if (value?.err === undefined) throw new DataError('rpc: simulateTransaction: no outcome')
  const { err: error, logs, accounts } = value
  return {
    error,
    logs: Array.isArray(logs) ? logs.filter(line => typeof line === 'string') : [],
    accounts: Array.isArray(accounts) ? accounts.map(accountOf) : [],
  }
}

interface SimulationJson {
  err: unknown
  logs: unknown
  accounts: unknown
}

interface AccountsResult {
  context: { slot?: unknown }
  value: unknown[]
}

/** base64 data with the owner; anything else is no account that can be read. */
export function accountOf(value: unknown): RpcAccount | undefined {
  const { owner, data } = (value ?? {}) as { owner?: unknown; data?: unknown }
  if (
    !isAddress(owner) ||
    !Array.isArray(data) ||
    typeof data[0] !== 'string' ||
    data[1] !== 'base64'
  )
    return undefined
  return { owner, bytes: Buffer.from(data[0], 'base64') }
}

function signatureRow(row: unknown): SignatureRow[] {
  const { signature, slot, err, blockTime } = (row ?? {}) as Record<string, unknown>
  if (typeof signature !== 'string' || typeof slot !== 'number') return []
  return [
    {
      signature,
      slot,
      failed: err !== null && err !== undefined,
      blockTime: typeof blockTime === 'number' ? blockTime : undefined,
    },
  ]
}

const isHolding = (row: unknown): row is { address: string; amount: string } => {
  const { address, amount } = (row ?? {}) as Record<string, unknown>
  return isAddress(address) && typeof amount === 'string' && /^\d{1,30}$/.test(amount)
}
