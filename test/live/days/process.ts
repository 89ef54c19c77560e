import { setMaxListeners } from 'node:events'
import execute from '../../../cmd/execute.ts'
import { TemporaryError } from '../../../lib/base/errors.ts'
import type { Rng } from '../../../lib/base/rng.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { makeSteadyTime } from '../../../lib/sources/net/steady-time.ts'
import { type RpcCall, rpcOver } from '../../../lib/sources/rpc/client.ts'
import type { Line } from '../../../lib/stream/line.ts'
import { assembleLive } from '../../../lib/trade/live/assemble.ts'
import { makeChain as makeAsker } from '../../../lib/trade/live/chain/chain.ts'
import { type KnownChain, makeKnownChain } from '../../../lib/trade/live/chain/known-chain.ts'
import { measureChain } from '../../../lib/trade/live/chain/measure-chain.ts'
import { loadSolana } from '../../../lib/trade/live/chain/solana.ts'
import { greetWitness, makeWitness } from '../../../lib/trade/live/chain/witness.ts'
import { readLive } from '../../../lib/trade/live/live-settings.ts'
import { makeRelay } from '../../../lib/trade/live/send/block-engine.ts'
import { EXCHANGES, type Exchange } from '../../../lib/trade/live/send/jupiter/exchanges.ts'
import { listClaims } from '../../../lib/trade/live/send/reclaim.ts'
import { makeTokenAsker } from '../../../lib/trade/live/token/ask-token.ts'
import { makeVet } from '../../../lib/trade/live/vet.ts'
import { contextOf } from '../../kit/step.ts'
import { listenToAwaits } from './awaits.ts'
import type { Token } from './cast.ts'
import { EMU, giveLamports, giveToken, THIEF, TOKENS, US } from './cast.ts'
import type { Chain } from './chain.ts'
import type { Clock } from './clock.ts'
import { Dead, type SimDisk } from './disk.ts'
import { askExchange, type Step } from './exchange.ts'
import { answerOf, GENESIS, HONEST, type Twist } from './node.ts'
import { hasten, quickSolana } from './quick-solana.ts'

hasten()
// What is loaded while a day runs would make time pass for nothing.
await loadSolana()
const NEVER = new AbortController().signal
setMaxListeners(0, NEVER)

export const LEDGER = '/ledger/live.ndjson'
export const CAPS = { perTrade: '1', perDay: '3', total: '2' }
const KINDS = { timeStop: 240_000, maxDrawdown: 1, maxDailyLoss: 10n ** 12n, maxStreak: 1000 }
const RPC_TIMEOUT_MS = 4000

export type NodeName = 'node' | 'witness'

/** What goes wrong outside while it lasts; chances are per question. */
export interface Weather {
  /** Answers that fail, never come, or come late. */
  failing: number
  hanging: number
  slow: number
  /** How a node twists an answer, and how often it does. */
  twisted: number
  twist(rng: Rng): Twist
  /** Which of two nodes denies all that it has seen. */
  liar: NodeName | undefined
  /** What one node alone has lost of before: nobody else can be asked. */
  forgets: boolean
  /** The run takes deposits back. */
  reclaims: boolean
  /** How often a stranger sends us something, per question. */
  strangers: number
  /** The same for tokens that nobody bought. */
  donors: number
  /** Tokens are looked at before they are bought. */
  vets: boolean
  /** It is asked what could be reclaimed, and nothing more is done. */
  lists: boolean
  /** How the exchange changes the steps of a swap, and its quotes. */
  spoil?: ((steps: Step[], token: Token) => Step[]) | undefined
  wrongQuotes: number
}

export const CALM: Weather = {
  failing: 0,
  hanging: 0,
  slow: 0,
  twisted: 0,
  twist: () => HONEST,
  liar: undefined,
  forgets: false,
  reclaims: false,
  strangers: 0,
  donors: 0,
  vets: false,
  lists: false,
  wrongQuotes: 0,
}

/** Everything outside of a process. */
export interface Outside {
  /** The time when the day begins. */
  startedAt: number
  chain: Chain
  clock: Clock
  disk: SimDisk
  rng: Rng
  weather: Weather
  keyFile: string
  /** Another node is asked what became of a transaction. */
  hasWitness: boolean
  exchange: Exchange
  /** Signed bytes go to a relay too, with a tip. */
  hasRelay: boolean
  /** The disk has lost what it had said was safe: the ledger then tells less than there was. */
  hasLost: boolean
  /** Height of the chain at the last such loss; 0 = none. */
  lostAt: number
  /** The node that is worked with has denied what it had seen. */
  hasLied: boolean
  /** Makes blocks, and lets others trade, as of now. */
  pass(): void
  count(what: string): void
}

/** When a process dies: at an await, the n-th time that it comes there. */
export interface Death {
  /** Any await when undefined. */
  site: number | undefined
  nth: number
  when: 'enter' | 'leave'
  /** At this one too, the first time. */
  also: number | undefined
}

export interface Life {
  lines: Rec[]
  /** Where it died; undefined when it did not. */
  diedAt: number | undefined
  error: unknown
  /** Awaits that it came to. */
  came: Set<number>
}

const RELAY = 'http://127.0.0.1:3'
const settings = (keyFile: string) =>
  readLive({
    enabled: true,
    keypair: keyFile,
    wallet: US,
    rpc: 'http://127.0.0.1:1',
    jupiter: 'http://127.0.0.1:2',
    caps: CAPS,
    tip: '0.0001',
    tipAccounts: [EMU.pool],
    relay: RELAY,
  })
let settled: ReturnType<typeof settings> | undefined
const FLAGS = contextOf(execute, KINDS as never).flags as never
const RECLAIM = contextOf(execute, { ...KINDS, reclaim: true } as never).flags as never

/** Runs `execute --live` over lines until input and stakes have ended, or it dies. */
export async function live(
  outside: Outside,
  input: (isDead: () => boolean, sleep: Clock['sleep']) => AsyncGenerator<Line[]>,
  death: Death | undefined,
): Promise<Life> {
  const { clock, disk, keyFile, count, weather } = outside
  const mine = disk.forProcess()
  const came = new Set<number>()
  const end = makeEnd(death, came, () => mine.die())
  const never = <T>(): Promise<T> => new Promise(() => undefined)
  const steady = makeSteadyTime({
    now: clock.wall.now,
    monotonic: clock.wall.monotonic,
    sleep: async (ms, signal) => {
      if (end.isDead()) return never()
      await clock.sleep(ms, signal)
      return end.isDead() ? never() : undefined
    },
  })
  const forgets = weather.forgets ? outside.chain.tip() : 0
  const call = callThrough({ outside, name: 'node', forgets }, end.isDead, never)
  const known: KnownChain = makeKnownChain({
    measure: signal => measureChain({ call, now: steady.now, payer: US }, signal),
    time: { sleep: steady.sleep, monotonic: clock.wall.monotonic },
    count,
    warn: () => undefined,
  })
  settled ??= settings(keyFile)
  const http = { ask: exchangeThrough(outside, end.isDead, never) }
  const at = {
    http,
    base: settled.jupiter,
    key: undefined,
    wallet: US,
    perMinute: 1,
    timeoutMs: 1,
  }
  const commitment = () => known.profile().commitment
  const chain = makeAsker(call, commitment, steady.now)
  const other = makeAsker(
    callThrough({ outside, name: 'witness', forgets: 0 }, end.isDead, never),
    commitment,
  )
  const witness = makeWitness({ witness: other, node: chain, genesis: GENESIS })
  const stop = new AbortController()
  const rpc = rpcOver(call, commitment)
  const vet = makeVet(
    ({ slippageBps }, signal) =>
      makeTokenAsker({ rpc, jupiter: at, slippageBps, versions: () => [0], signal }),
    US,
    settled.checks,
    steady.now,
  )
  const lines: Rec[] = []
  const run = async (): Promise<unknown> => {
    try {
      if (weather.lists)
        await listClaims({ solana: quickSolana, chain }, US, () => true, stop.signal)
      const step = await assembleLive({
        flags: weather.reclaims ? RECLAIM : FLAGS,
        settings: outside.hasRelay ? settled! : { ...settled!, tip: 0n },
        solana: quickSolana,
        ledger: LEDGER,
        disk: mine,
        mints: [],
        ballastBytes: 4096,
        chain,
        witness: outside.hasWitness ? witness : undefined,
        known,
        swapper: EXCHANGES[outside.exchange](at),
        relay: outside.hasRelay ? makeRelay(http, RELAY, RPC_TIMEOUT_MS) : undefined,
        vet: weather.vets ? vet : undefined,
        signal: stop.signal,
        interrupted: stop.signal,
        time: steady,
        isKilled: () => false,
        check: async signal => {
          const summons = { witness: other, node: chain, genesis: GENESIS }
          if (outside.hasWitness) await greetWitness(summons, () => undefined, signal)
        },
        count,
        warn: () => undefined,
      })
      try {
        for await (const batch of step.feed?.(input(end.isDead, steady.sleep)) ?? [])
          await step.batch?.(batch, line => void lines.push(line.rec))
      } finally {
        if (!end.isDead()) await step.close?.()
      }
    } catch (error) {
      return error
    }
    return undefined
  }
  listenToAwaits(end.awaits)
  try {
    const error = await clock.until(Promise.race([run(), end.dead]))
    return { lines, diedAt: end.diedAt(), error, came }
  } finally {
    listenToAwaits()
    end.finish()
  }
}

/** The end of a process, told to everything that it could still do. */
function makeEnd(death: Death | undefined, came: Set<number>, dies: () => void) {
  let [isDead, seen] = [false, 0]
  let diedAt: number | undefined
  let resolve: () => void = () => undefined
  const dead = new Promise<void>(done => (resolve = done))
  const die = (site: number | undefined): void => {
    if (isDead) return
    isDead = true
    diedAt = site
    dies()
    resolve()
  }
  const meet = (site: number, when: Death['when']): void => {
    if (death === undefined || isDead) return
    const isIt = (death.site ?? site) === site && death.when === when
    if (site === death.also || (isIt && ++seen === death.nth)) die(site)
  }
  return {
    isDead: () => isDead,
    diedAt: () => diedAt,
    dead,
    finish: () => {
      if (isDead) return
      isDead = true
      dies()
    },
    awaits: {
      enter<T>(site: number, value: T): T {
        came.add(site)
        meet(site, 'enter')
        if (!isDead) return value
        // What becomes of it is of no interest to anybody any more.
        if (value instanceof Promise) value.catch(() => undefined)
        return new Promise(() => undefined) as T
      },
      leave<T>(site: number, value: T): T {
        meet(site, 'leave')
        if (isDead) throw new Dead()
        return value
      },
    },
  }
}

type Never = <T>() => Promise<T>

const KEYS: Record<NodeName, string> = { node: US, witness: THIEF }

/** Questions to a node: late, lost or twisted as the weather is. */
function callThrough(
  { outside, name, forgets }: { outside: Outside; name: NodeName; forgets: number },
  isDead: () => boolean,
  never: Never,
): RpcCall {
  return async (method, params) => {
    const { chain, rng } = outside
    return through(outside, isDead, never, method, () => {
      const { weather } = outside
      const twist = rng.next() < weather.twisted ? weather.twist(rng) : HONEST
      const denies = weather.liar === name
      return answerOf({ chain, name: KEYS[name] }, method, params, { ...twist, denies, forgets })
    })
  }
}

function exchangeThrough(outside: Outside, isDead: () => boolean, never: Never) {
  return async ({ url, body }: { url: URL; body?: unknown }) =>
    through(outside, isDead, never, url.pathname, () => {
      const { chain, weather, rng } = outside
      if (url.href.startsWith(RELAY)) return relayed(chain, body)
      const answer = askExchange(chain, url, body, weather.spoil)
      if (answer.body.outAmount !== undefined && rng.next() < weather.wrongQuotes)
        spoilQuote(answer.body, rng)
      return answer
    })
}

/** A block engine: what it takes is in the next block, or nobody hears of it again. */
function relayed(chain: Chain, body: unknown) {
  const { params } = body as { params: [string] }
  chain.put(chain.read(Buffer.from(params[0], 'base64')), 0)
  return { status: 200, body: { result: 'bundle' }, date: undefined, left: undefined }
}

/** Amounts that cannot be, mints of others, and prices that nobody will give. */
function spoilQuote(body: Record<string, any>, rng: Rng): void {
  const ways = [
    () => (body.outAmount = '0'),
    () => (body.inAmount = String(BigInt(body.inAmount) * 2n)),
    () => (body.outputMint = US),
    () => (body.outAmount = '-1'),
    () => (body.otherAmountThreshold = body.outAmount = String(BigInt(body.outAmount) * 3n)),
    () => (body.otherAmountThreshold = '1'),
    () => delete body.otherAmountThreshold,
    () => (body.outAmount = 12.5),
  ]
  ways[rng.below(ways.length)]!()
}

async function through<T>(
  outside: Outside,
  isDead: () => boolean,
  never: Never,
  what: string,
  work: () => T,
): Promise<T> {
  const { clock, rng, weather } = outside
  if (isDead()) return never()
  if (rng.next() < weather.slow) await clock.sleep(1 + rng.below(300), NEVER)
  // A question on its way may arrive although who asked has died.
  if (isDead() && rng.next() < 0.5) return never()
  outside.count(`asked ${what}`)
  outside.pass()
  if (rng.next() < weather.strangers) giveLamports(outside.chain)
  if (rng.next() < weather.donors)
    giveToken(outside.chain, TOKENS[rng.below(TOKENS.length)]!, BigInt(1 + rng.below(1_000_000)))
  const chance = rng.next()
  if (chance < weather.failing / 2) throw new TemporaryError(`${what}: answered 429`)
  const answer = chance < weather.failing && rng.next() < 0.5 ? undefined : work()
  if (isDead()) return never()
  if (chance < weather.failing) throw new TemporaryError(`${what}: answered 502`)
  if (chance < weather.failing + weather.hanging) {
    await clock.sleep(RPC_TIMEOUT_MS, NEVER)
    if (isDead()) return never()
    throw new TemporaryError(`${what}: no answer in time`)
  }
  return answer as T
}
