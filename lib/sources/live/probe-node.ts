import { messageOf } from '../../base/errors.ts'
import { askOnce, type Probe, type Probed } from '../../checkup/providers.ts'
import { redact } from '../net/key.ts'
import { accountIn, rpcLimit } from '../rpc/client.ts'
import { type Endpoint, readEndpoint } from '../rpc/endpoint.ts'

/** Genesis hash of Solana mainnet (its first 32 letters are the chain’s id in CAIP-2); other networks by theirs. */
const GENESIS: Record<string, string> = {
  '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d': 'mainnet',
  EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG: 'devnet',
  '4uhcVJyU9pJkvQyS88uRDiswHXSCkY3zQawwpjk2NsNY': 'testnet',
}
const PATIENCE_MS = 5000
const MISSING = ['discover --providers rpc', 'execute --live']

/** The Solana node: its HTTP side, which network it is on, and whether its socket brings slots. */
export async function probeNode(probe: Probe): Promise<Probed> {
  const { rpc } = probe.flags
  if (rpc === undefined)
    return { provider: 'rpc', ok: true, text: 'not set up: needs --rpc URL|FILE', missingFor: MISSING }
  let secrets: string[] = []
  try {
    const endpoint = readEndpoint(rpc)
    secrets = endpoint.secrets
    const { network, said } = await genesis(probe, endpoint)
    const failure = await opens(endpoint, probe.signal)
    if (failure !== undefined) throw new Error(failure)
    if (network !== 'mainnet') throw new Error(`it is on ${network}, not on mainnet`)
    return { provider: 'rpc', ok: true, text: `mainnet, ${said}, its socket brings slots` }
  } catch (error) {
    return { provider: 'rpc', ok: false, text: redact(messageOf(error), secrets), missingFor: MISSING }
  }
}

async function genesis(probe: Probe, { url }: Endpoint): Promise<{ network: string; said: string }> {
  const { answer, said } = await askOnce(probe, {
    ...{ provider: 'rpc', url, account: accountIn(url), limit: rpcLimit(probe.flags.rpcRate) },
    body: { jsonrpc: '2.0', id: 1, method: 'getGenesisHash', params: [] },
  })
  const { result } = (answer.body ?? {}) as { result?: unknown }
  if (answer.status === 401 || answer.status === 403) throw new Error('the key in --rpc is refused')
  if (answer.status >= 400 || typeof result !== 'string') throw new Error(`status ${answer.status} without a result`)
  return { network: (Object.hasOwn(GENESIS, result) ? GENESIS[result] : undefined) ?? 'an unknown network', said }
}

async function opens({ wsUrl }: Endpoint, signal: AbortSignal): Promise<string | undefined> {
  const socket = await import('./probe-socket.ts')
  return socket.opens(wsUrl, PATIENCE_MS, signal, {
    message: { jsonrpc: '2.0', id: 1, method: 'slotSubscribe', params: [] },
    isLife: data => data.includes('"slotNotification"'),
  })
}
