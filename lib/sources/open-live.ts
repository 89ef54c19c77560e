import { join } from 'node:path'
import { UsageError } from '../base/errors.ts'
import { makeRng, type Rng } from '../base/rng.ts'
import type { Ctx } from '../cli/command.ts'
import { intervalName } from '../market/interval-name.ts'
import type { Source } from '../stream/step.ts'
import type { liveSourceFlags } from './from-live.ts'
import { keyFile, readBases, readKeys } from './live/access.ts'
import { estimateText } from './live/estimate.ts'
import {
  type LiveOptions,
  type LiveSource,
  makeLiveSource,
  type Stream,
} from './live/live-source.ts'
import { makeTally, type Tally } from './live/metrics.ts'
import { readMints } from './live/mint-words.ts'
import { makeWanted } from './live/wanted.ts'
import { readKey } from './net/api-key.ts'
import { makeBudget, type Time } from './net/budget.ts'
import { type Http, makeHttp } from './net/http.ts'
import { makeComplaints } from './net/outside.ts'
import { realTime } from './net/timing.ts'
import { GECKO_INTERVALS } from './providers/geckoterminal.ts'
import { jupiter } from './providers/jupiter.ts'
import { PROVIDERS } from './providers/providers.ts'
import { readEndpoint } from './rpc/endpoint.ts'
import type { POOL_FILTERS } from './rpc/program-filters.ts'

/** The free ones that --mints needs: pools and prices, and candles. */
export const FOR_OWN = ['dexscreener', 'geckoterminal']
const FREE = PROVIDERS.filter(({ key }) => !key?.isNeeded).map(({ name }) => name)

export type LiveCtx = Ctx<typeof liveSourceFlags>

/**
 * The live source from its flags. Throws a UsageError for what cannot work: wrong mints, missing
 * keys, wrong addresses.
 */
export async function openLive(given: LiveCtx, time: Time = realTime): Promise<Source> {
  const tally = makeTally(given.count, given.took)
  const ctx = { ...given, count: tally.count }
  const { mints, history, interval = 300_000, tick, maxTokens, state, estimate } = ctx.flags
  const own = mints === undefined ? [] : readMints([...mints, ...ctx.args])
  if (own.length === 0 && ctx.args.length > 0)
    throw new UsageError('--source live takes arguments only with --mints')
  const names = ctx.flags.providers ?? (own.length > 0 ? FOR_OWN : FREE)
  const providers = PROVIDERS.filter(({ name }) => names.includes(name))
  const bases = readBases(ctx.flags.base ?? [])
  const asked = ctx.flags.arbitrage === undefined ? providers : [...providers, jupiter]
  const keys = readKeys(asked, ctx.flags)
  if (own.length > 0) {
    checkInterval(interval)
    const load = {
      mints: own.length,
      providers,
      intervalMs: interval,
      tickMs: tick,
      historyMs: history,
    }
    ctx.log.info(estimateText(load))
    if (estimate) return { async *lines() {} }
  }
  const rng = makeRng(`${process.pid}/${time.now()}`)
  const complain = makeComplaints(ctx.count, ctx.log.warn)
  const budget = makeBudget(join(ctx.home, 'budget'), time, rng)
  const http = makeHttp({ budget, time, count: ctx.count })
  const streams = await openStreams(names, bases, ctx, {
    http,
    time,
    rng,
    isFinder: own.length === 0,
  })
  const { watch } = ctx.flags
  const list = watch === 'home' ? join(ctx.home, 'watch.ndjson') : watch
  const wanted = list === undefined ? undefined : makeWanted(list, time.now)
  const solPriceBy = streams.length === 0 ? undefined : solPriceOf(ctx.flags.solPrice)
  const source = makeLiveSource({
    http,
    time,
    complain,
    bases,
    keys,
    warn: ctx.log.warn,
    count: ctx.count,
    own,
    providers,
    streams,
    intervalMs: interval,
    historyMs: history,
    tickMs: tick,
    maxTokens: Math.max(maxTokens, own.length),
    state,
    wanted,
    solPriceBy,
  })
  return ctx.flags.metrics === undefined ? source : withMetrics(source, ctx.flags.metrics, tally)
}

/** Whom to ask what SOL costs, and how; undefined for `none`. */
function solPriceOf(name: string): LiveOptions['solPriceBy'] {
  const provider = PROVIDERS.find(one => one.name === name)
  const call = provider?.solPrice
  return provider === undefined || call === undefined ? undefined : { provider, call }
}

async function withMetrics(source: LiveSource, where: string, { text }: Tally): Promise<Source> {
  const { offerMetrics } = await import('../alerts/metrics-out.ts')
  const out = await offerMetrics(where, () => text(source.figures()))
  return {
    lines: source.lines,
    async close() {
      await source.close?.()
      await out.close()
    },
  }
}

function checkInterval(interval: number): void {
  const name = intervalName(interval)
  if (!Object.hasOwn(GECKO_INTERVALS, name))
    throw new UsageError(
      `--interval: expected one of ${Object.keys(GECKO_INTERVALS).join(', ')}, got ${name}`,
    )
}

interface StreamNeeds {
  http: Http
  time: Time
  rng: Rng
  isFinder: boolean
}

async function openStreams(
  names: readonly string[],
  bases: Map<string, string>,
  ctx: LiveCtx,
  { http, time, rng, isFinder }: StreamNeeds,
): Promise<Stream[]> {
  const streams: Stream[] = []
  const { rpc: where, rpcRate, arbitrage } = ctx.flags
  if (names.includes('rpc') && where === undefined)
    throw new UsageError('--providers rpc needs --rpc URL|FILE')
  if (where !== undefined) {
    const [{ makeRpcCall, rpcOver }, { patientCalls }, { rpcStream }] = await Promise.all([
      import('./rpc/client.ts'),
      import('./rpc/patience.ts'),
      import('./rpc/stream.ts'),
    ])
    const { url, wsUrl, secrets } = readEndpoint(where)
    const rpc = rpcOver(patientCalls(makeRpcCall(http, url, rpcRate), time, rng))
    const programs = ctx.flags.programs as (keyof typeof POOL_FILTERS)[]
    const { count, log } = ctx
    streams.push(rpcStream({ rpc, wsUrl, secrets, isFinder, programs, rng, count, warn: log.warn }))
  }
  if (arbitrage !== undefined) {
    const { arbitrageStream } = await import('./live/arbitrage.ts')
    streams.push(arbitrageStream(arbitrage, ctx.count))
  }
  if (names.includes('pumpportal')) {
    const { pumpPortalStream } = await import('./live/pumpportal-stream.ts')
    const path = keyFile('pumpportal', ctx.flags)
    const key = path === undefined ? undefined : readKey(path, '--pumpportal-key')
    streams.push(pumpPortalStream({ base: bases.get('pumpportal'), key, ctx }))
  }
  return streams
}
