import { fromBase58 } from '../../../lib/sources/decode/base58.ts'
import type { Commitment, Simulated } from '../cluster.ts'
import { at, type Wire } from '../wire.ts'
import { answered, RpcError, type View } from './rpc-view.ts'

/** Of versions before 1, and of version 1, which begins with this byte. */
const MAX_BYTES = 1232
const MAX_V1_BYTES = 4096
const VERSION_ONE = 0x81

function decode(view: View, text: unknown, encoding: unknown): Wire {
  const base64 =
    encoding === 'base64' ? String(text) : fromBase58(String(text), 2000).toString('base64')
  const bytes = Buffer.from(base64, 'base64')
  const most = bytes[0] === VERSION_ONE ? MAX_V1_BYTES : MAX_BYTES
  if (bytes.length > most)
    throw new RpcError(-32602, `base64 encoded transaction too large: ${bytes.length}, max ${most}`)
  try {
    const wire = view.cluster.decode(base64)
    if (wire.version === 1 && view.cluster.profile.transactionVersion < 1)
      throw new Error('this node takes no transactions of version 1')
    return wire
  } catch (error) {
    throw new RpcError(-32602, `failed to deserialize transaction: ${error}`)
  }
}

const NOTHING: Simulated = { error: 'BlockhashNotFound', logs: [], units: 0, after: new Map() }

/** As the bank of a commitment sees it: a blockhash newer than the bank is not found there. */
function simulate(
  view: View,
  wire: Wire,
  commitment: Commitment,
  how: { verify: boolean; replace: boolean },
): Simulated {
  const lastValid = view.cluster.lastValid(wire.blockhash, commitment)
  const isGood = lastValid !== undefined && lastValid >= view.height('processed')
  return isGood || how.replace ? view.cluster.simulate(wire, how.verify) : NOTHING
}

function simulationJson(
  view: View,
  { error, logs, units, after }: Simulated,
  addresses?: readonly string[],
): object {
  const accounts = addresses?.map(key => {
    const changed = after.get(key)
    const account = view.cluster.svm.getAccount(at(key))
    if (changed === undefined && !account.exists) return null
    const { lamports, owner, executable, data } = changed ?? {
      ...(account.exists ? account : ({} as never)),
      owner: account.exists ? String(account.programAddress) : '',
    }
    const base64 = Buffer.from(data).toString('base64')
    return {
      lamports: Number(lamports),
      owner,
      executable,
      rentEpoch: 0,
      space: data.length,
      data: [base64, 'base64'],
    }
  })
  return {
    err: error,
    logs,
    unitsConsumed: units,
    accounts: accounts ?? null,
    returnData: null,
    innerInstructions: null,
  }
}

export function simulateTransaction(view: View, text: unknown, config: any): object {
  const wire = decode(view, text, config?.encoding)
  if (config?.sigVerify === true && config?.replaceRecentBlockhash === true)
    throw new RpcError(-32602, 'sigVerify may not be used with replaceRecentBlockhash')
  const how = {
    verify: config?.sigVerify === true,
    replace: config?.replaceRecentBlockhash === true,
  }
  // A node tells no more accounts than the transaction names (agave rpc.rs).
  if ((config?.accounts?.addresses?.length ?? 0) > wire.keys.length)
    throw new RpcError(-32602, `Too many accounts provided; max ${wire.keys.length}`)
  const result = simulate(view, wire, config?.commitment ?? 'finalized', how)
  const { blockhash, lastValid } = view.cluster.blockhash('confirmed')
  const replacement = how.replace
    ? { replacementBlockhash: { blockhash, lastValidBlockHeight: lastValid } }
    : {}
  return answered(view, {
    ...simulationJson(view, result, config?.accounts?.addresses),
    ...replacement,
  })
}

/** Answers with the signature whether or not it will ever land: that is all a node can say. */
export function sendTransaction(view: View, text: unknown, config: any): string {
  const wire = decode(view, text, config?.encoding)
  if (view.cluster.simulate(wire, true).error === 'SignatureFailure')
    throw new RpcError(-32003, 'Transaction signature verification failure')
  if (config?.skipPreflight !== true)
    preflight(view, wire, config?.preflightCommitment ?? 'finalized')
  view.take(wire)
  return wire.signature
}

function preflight(view: View, wire: Wire, commitment: Commitment): void {
  const isKnown = view.find(wire.signature) !== undefined
  const result = isKnown
    ? { ...NOTHING, error: 'AlreadyProcessed' }
    : simulate(view, wire, commitment, { verify: true, replace: false })
  if (result.error === null) return
  const why: Record<string, string> = {
    BlockhashNotFound: 'Blockhash not found',
    AlreadyProcessed: 'This transaction has already been processed',
  }
  const text =
    typeof result.error === 'string'
      ? (why[result.error] ?? result.error)
      : JSON.stringify(result.error)
  throw new RpcError(-32002, `Transaction simulation failed: ${text}`, {
    data: simulationJson(view, result),
  })
}
