import { DataError, TemporaryError, UsageError } from '../../../base/errors.ts'
import { type Endpoint, readEndpoint } from '../../../sources/rpc/endpoint.ts'
import type { Chain } from './chain.ts'

/** Another node, asked for its word on what became of a transaction, and for nothing else. */
export type Witness = Pick<Chain, 'height' | 'status' | 'transaction'>

/** What makes a witness: what it says, the node it must differ from, and the chain of both. */
interface Summons {
  witness: Chain
  node: Pick<Chain, 'identity'>
  genesis: string
}

/**
 * Why two addresses may lead to the same node: names of one host, or of this machine with one port.
 * Undefined where they do not.
 */
export function sameHost(one: URL, other: URL): string | undefined {
  const [a, b] = [one, other].map(hostOf)
  return a === b ? `both are at ${a}` : undefined
}

const LOCAL = new Set(['localhost', '127.0.0.1', '[::1]'])
/** Ports of this machine may be tunnels to different nodes; another host has one owner. */
const hostOf = ({ hostname, port, protocol }: URL): string =>
  LOCAL.has(hostname)
    ? `this machine, port ${port || (protocol === 'https:' ? '443' : '80')}`
    : hostname

/** Where the witness is. UsageError when that is where the node is. */
export function witnessAt(where: string, node: URL): Endpoint {
  const found = readEndpoint(where, 'live.witness')
  const same = sameHost(found.url, node)
  if (same !== undefined)
    throw new UsageError(`config.json: live.witness: expected another node than live.rpc; ${same}`)
  return found
}

/**
 * Throws a UsageError when the witness is of another chain, or the node itself under another
 * address (the same identity, where both tell theirs); DataError or TemporaryError when it cannot
 * be asked.
 */
export async function examineWitness(
  { witness, node, genesis }: Summons,
  signal: AbortSignal,
): Promise<void> {
  const found = await witness.genesisHash(signal)
  if (found !== genesis)
    throw new UsageError(
      `config.json: live.witness is a node of another chain: its genesis is ${found}, expected ` +
        `${genesis}`,
    )
  const [mine, theirs] = [await node.identity(signal), await witness.identity(signal)]
  if (mine !== undefined && mine === theirs)
    throw new UsageError(
      `config.json: live.witness is the node of live.rpc by another address (identity ${mine}); ` +
        'name a node of somebody else, or none',
    )
}

/**
 * A witness whose word counts once it has been found to be another node of the same chain; asked
 * again before each answer until then. DataErrors and TemporaryErrors: it has said nothing.
 */
export function makeWitness(summons: Summons): Witness {
  let isExamined = false
  const sworn = async (signal: AbortSignal): Promise<Chain> => {
    if (!isExamined) await heard(summons, signal)
    isExamined = true
    return summons.witness
  }
  return {
    height: async (signal, isFinal) => (await sworn(signal)).height(signal, isFinal),
    status: async (signature, signal) => (await sworn(signal)).status(signature, signal),
    transaction: async (signature, signal) => (await sworn(signal)).transaction(signature, signal),
  }
}

/** In the middle of a run a wrong witness is one that says nothing. */
async function heard(summons: Summons, signal: AbortSignal): Promise<void> {
  try {
    await examineWitness(summons, signal)
  } catch (error) {
    if (error instanceof UsageError) throw new DataError(error.message)
    throw error
  }
}

/**
 * Looks at the witness at the start: a wrong one is a UsageError; one that cannot be asked is told,
 * since exits do not wait for it.
 */
export async function greetWitness(
  summons: Summons,
  warn: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  try {
    await examineWitness(summons, signal)
  } catch (error) {
    if (!(error instanceof DataError || error instanceof TemporaryError)) throw error
    warn(
      `live.witness cannot be asked (${error.message}); until it answers, a transaction that ` +
        'does not land has one witness',
    )
  }
}
