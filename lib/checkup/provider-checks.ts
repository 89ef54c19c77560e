import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { messageOf } from '../base/errors.ts'
import { makeRng } from '../base/rng.ts'
import { keyFile, readBases, readKeys } from '../sources/live/access.ts'
import { request } from '../sources/live/asker.ts'
import { redact } from '../sources/net/api-key.ts'
import type { Limit } from '../sources/net/bucket.ts'
import { type Budget, makeBudget, type Time } from '../sources/net/budget.ts'
import { type Answer, type Ask, type Http, makeHttp } from '../sources/net/http.ts'
import type { Provider } from '../sources/providers/provider.ts'
import { PROVIDERS } from '../sources/providers/providers.ts'
import { PUMPPORTAL } from '../sources/providers/pumpportal.ts'
import { accountIn, rpcLimit } from '../sources/rpc/client.ts'
import { type Endpoint, readEndpoint } from '../sources/rpc/endpoint.ts'
import { configuredProviders, type ProviderFlags } from './configured.ts'

/** What was found of one provider. */
export interface Probed {
  provider: string
  ok: boolean
  /** False where nothing is configured that asks it, so that nobody has. */
  asked: boolean
  text: string
  /** What cannot be run as things are. */
  missingFor?: string[]
}

/** What every probe needs. */
interface Probe {
  http: Http
  budget: Budget
  time: Time
  flags: ProviderFlags
  /** Whom something that is configured asks. */
  configured: ReadonlySet<string>
  bases: ReadonlyMap<string, string>
  signal: AbortSignal
}

const PATIENCE_MS = 5000
/** Commands beside discover that ask a provider. */
const ALSO: Record<string, readonly string[]> = {
  jupiter: ['discover --arbitrage', 'execute --live'],
}
/**
 * Orders and records are judged by the clock: a machine so far off cannot trade (execute refuses it
 * too).
 */
const MAX_SKEW_MS = 5000

/**
 * Asks every provider that is configured one cheap question, all at the same time, within the
 * budget that all processes share. Finds out whether it answers in the shape expected, takes the
 * key, how many calls are left and how far its clock is from ours.
 */
export async function* probeProviders(
  home: string,
  flags: ProviderFlags,
  time: Time,
  signal: AbortSignal,
): AsyncGenerator<Probed> {
  // Where nothing has run yet, nothing is left behind either.
  const shared = join(home, 'budget')
  const own = existsSync(shared) ? undefined : mkdtempSync(join(tmpdir(), 'sluice-probe-'))
  const budget = makeBudget(own ?? shared, time, makeRng(`probe/${time.now()}`))
  const http = makeHttp({ budget, time, count: () => undefined, tries: 1, maxWaitMs: PATIENCE_MS })
  const bases = readBases(flags.base ?? [])
  const configured = configuredProviders(flags)
  const probe: Probe = { http, budget, time, flags, bases, configured, signal }
  const running = [
    ...PROVIDERS.map(provider => polled(provider, probe)),
    portal(probe),
    probeNode(probe),
  ]
  try {
    for (const one of running) yield await one
  } finally {
    await Promise.allSettled(running)
    if (own !== undefined) rmSync(own, { recursive: true, force: true })
  }
}

async function polled(provider: Provider, probe: Probe): Promise<Probed> {
  const { name, key } = provider
  const missingFor = [`discover --providers ${name}`, ...(ALSO[name] ?? [])]
  if (key?.isNeeded && keyFile(name, probe.flags) === undefined)
    return notSetUp(name, probe, { needs: `--${name}-key FILE`, missingFor })
  if (!probe.configured.has(name)) return notAsked(name)
  try {
    const keys = readKeys([provider], probe.flags)
    const question = request(provider, provider.probe, probe.bases, keys)
    const { answer, said } = await askOnce(probe, question)
    if ([401, 403].includes(answer.status))
      throw new Error(
        keys.has(name) ? `the key in --${name}-key is refused` : `status ${answer.status}: refused`,
      )
    if (answer.status >= 400) throw new Error(`status ${answer.status}`)
    const complaints: string[] = []
    const note = (text: string): void => void complaints.push(text)
    const what = provider.probe.read(answer.body, probe.time.now(), {
      dropped: note,
      rejected: note,
    })
    if (complaints.length > 0) throw new Error(complaints.join('; '))
    const noKey =
      key !== undefined && !keys.has(name) ? [`no key: --${name}-key FILE allows more calls`] : []
    return { provider: name, ok: true, asked: true, text: [what, said, ...noKey].join(', ') }
  } catch (error) {
    return { provider: name, ok: false, asked: true, text: messageOf(error), missingFor }
  }
}

/** Who is free and not named is left in peace: most people use a few of them. */
const notAsked = (provider: string): Probed => ({
  provider,
  ok: true,
  asked: false,
  text: `not asked: nothing is configured that asks it; --providers ${provider} would`,
})

/** No failure, unless somebody has named it as one to ask. */
const notSetUp = (
  provider: string,
  { flags }: Probe,
  { needs, missingFor }: { needs: string; missingFor: string[] },
): Probed => ({
  provider,
  ok: flags.providers?.includes(provider) !== true,
  asked: false,
  text: `not set up: ${missingFor[0]} needs ${needs}`,
  missingFor,
})

/**
 * One question, with what is worth saying of how it was answered. Throws when there is no answer or
 * the clocks differ.
 */
async function askOnce(
  { http, budget, time, signal }: Probe,
  question: Ask,
): Promise<{ answer: Answer; said: string }> {
  const sentAt = time.now()
  const answer = await http.ask({ ...question, priority: 'high', timeoutMs: PATIENCE_MS }, signal)
  const took = time.now() - sentAt
  const identity = question.key?.value ?? question.account ?? ''
  const said = [
    `answers in ${Math.round(took)} ms`,
    leftText(answer, budget.left(question.url.host, identity, question.limit), question.limit),
    clockText(answer.date, sentAt + took / 2),
  ]
  return { answer, said: said.join(', ') }
}

function leftText({ left }: Answer, ours: number, { perMinute, burst }: Limit): string {
  const theirs = left === undefined ? '' : `, by its own count ${left}`
  return `${ours} of ${burst} calls left at once (${perMinute} a minute${theirs})`
}

/** The header has whole seconds, rounded down: half a second is added. */
function clockText(date: number | undefined, at: number): string {
  if (date === undefined) return 'does not tell the time'
  const skew = (date + 500 - at) / 1000
  const text = `clock ${Math.abs(skew).toFixed(1)} s ${skew < 0 ? 'behind' : 'ahead of'} ours`
  if (Math.abs(skew) * 1000 > MAX_SKEW_MS) throw new Error(`${text}: set this machine’s clock`)
  return text
}

async function portal({ bases, configured, signal }: Probe): Promise<Probed> {
  const { name: provider, base } = PUMPPORTAL
  if (!configured.has(provider)) return notAsked(provider)
  const failure = await opens(bases.get(provider) ?? base, PATIENCE_MS, signal)
  const text = failure ?? 'its socket opens; trades of tokens need --pumpportal-key FILE'
  const missingFor = [`discover --providers ${provider}`]
  const found = { provider, ok: failure === undefined, asked: true, text }
  return failure === undefined ? found : { ...found, missingFor }
}

/**
 * Genesis hash of Solana mainnet (its first 32 letters are the chain’s id in CAIP-2); other
 * networks by theirs.
 */
const GENESIS: Record<string, string> = {
  '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d': 'mainnet',
  EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG: 'devnet',
  '4uhcVJyU9pJkvQyS88uRDiswHXSCkY3zQawwpjk2NsNY': 'testnet',
}

const NODE_MISSING = ['discover --providers rpc', 'execute --live']

/** The Solana node: its HTTP side, which network it is on, and whether its socket brings slots. */
async function probeNode(probe: Probe): Promise<Probed> {
  const { rpc } = probe.flags
  if (rpc === undefined)
    return notSetUp('rpc', probe, { needs: '--rpc URL|FILE', missingFor: NODE_MISSING })
  let secrets: string[] = []
  try {
    const endpoint = readEndpoint(rpc)
    secrets = endpoint.secrets
    const { network, said } = await genesis(probe, endpoint)
    const failure = await bringsSlots(endpoint, probe.signal)
    if (failure !== undefined) throw new Error(failure)
    if (network !== 'mainnet') throw new Error(`it is on ${network}, not on mainnet`)
    const text = `mainnet, ${said}, its socket brings slots`
    return { provider: 'rpc', ok: true, asked: true, text }
  } catch (error) {
    return {
      provider: 'rpc',
      ok: false,
      asked: true,
      text: redact(messageOf(error), secrets),
      missingFor: NODE_MISSING,
    }
  }
}

async function genesis(
  probe: Probe,
  { url }: Endpoint,
): Promise<{ network: string; said: string }> {
  const { answer, said } = await askOnce(probe, {
    provider: 'rpc',
    url,
    account: accountIn(url),
    limit: rpcLimit(probe.flags.rpcRate),
    body: { jsonrpc: '2.0', id: 1, method: 'getGenesisHash', params: [] },
  })
  const { result } = (answer.body ?? {}) as { result?: unknown }
  if (answer.status === 401 || answer.status === 403) throw new Error('the key in --rpc is refused')
  if (answer.status >= 400 || typeof result !== 'string')
    throw new Error(`status ${answer.status} without a result`)
  return {
    network: (Object.hasOwn(GENESIS, result) ? GENESIS[result] : undefined) ?? 'an unknown network',
    said,
  }
}

const bringsSlots = ({ wsUrl }: Endpoint, signal: AbortSignal): Promise<string | undefined> =>
  opens(wsUrl, PATIENCE_MS, signal, {
    message: { jsonrpc: '2.0', id: 1, method: 'slotSubscribe', params: [] },
    isLife: data => data.includes('"slotNotification"'),
  })

/**
 * Opens a websocket and closes it. With `first` that message is sent, and a message of the other
 * side that `isLife` takes must follow. Gives back why not, undefined when all is well.
 */
async function opens(
  url: string,
  patienceMs: number,
  signal: AbortSignal,
  first?: { message: unknown; isLife(data: string): boolean },
): Promise<string | undefined> {
  const { WebSocket } = await import('ws')
  return new Promise(resolve => {
    const socket = new WebSocket(url, {
      handshakeTimeout: patienceMs,
      followRedirects: false,
      perMessageDeflate: false,
    })
    const end = (reason: string | undefined): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      resolve(reason)
      socket.terminate()
    }
    const stop = (): void => end('stopped')
    const timer = setTimeout(() => end(`its socket says nothing for ${patienceMs} ms`), patienceMs)
    signal.addEventListener('abort', stop, { once: true })
    socket.on('open', () => {
      if (first === undefined) end(undefined)
      else socket.send(JSON.stringify(first.message))
    })
    socket.on('message', data => {
      if (first?.isLife(String(data))) end(undefined)
    })
    socket.on('error', error =>
      end(`its socket: ${messageOf(error) || (error as NodeJS.ErrnoException).code}`),
    )
  })
}
