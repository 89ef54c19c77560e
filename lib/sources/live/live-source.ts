import { setMaxListeners } from 'node:events'
import type { Line } from '../../stream/line.ts'
import type { Source } from '../../stream/step.ts'
import { untilStopped } from '../../stream/until-stopped.ts'
import { makeSteadyTime } from '../net/steady-time.ts'
import { type Call, followersOf, type Provider } from '../providers/provider.ts'
import { makeAsker, type Outside } from './asker.ts'
import { gapLine } from './finding-lines.ts'
import { history } from './history-lines.ts'
import { makeFacts } from './known-facts.ts'
import { candleLoop, enrichLoop, findLoop, followLoop, type Loop } from './loops.ts'
import { makeDesk } from './merge-findings.ts'
import { makeOutbox } from './outbox.ts'
import { makeSolPrice, type SolPrice, solPriceLoop } from './sol-price.ts'
import { loadState, saveState } from './state.ts'
import type { Wanted } from './wanted.ts'
import { makeWatchlist, type Watchlist } from './watchlist.ts'

/** A source that is not asked but speaks by itself (a socket). Runs until the signal fires. */
export type Stream = (loop: Loop) => Promise<void>

export interface LiveOptions extends Outside {
  own: readonly string[]
  providers: readonly Provider[]
  streams: readonly Stream[]
  intervalMs: number
  historyMs: number
  tickMs: number
  maxTokens: number
  state: string | undefined
  /** How often tokens that are not own ones are looked at; undefined = as often as they trade. */
  wanted?: Wanted | undefined
  /** Who tells what SOL costs in USD, where anything needs it. */
  solPriceBy: { provider: Provider; call: Call<number | undefined> } | undefined
  count(what: string, by?: number): void
}

/** What a crash can cost: what was seen since is seen again, under the same names. */
const SAVE_MS = 5000

/** A source that tells how it stands. */
export type LiveSource = Source & { figures(): Record<string, number> }

/**
 * Tokens live from the outside: own ones with their history first, or whatever the providers find.
 */
export function makeLiveSource(options: LiveOptions): LiveSource {
  const { own, providers, state, time } = options
  const { wanted } = options
  const watch = makeWatchlist(options.maxTokens, wanted)
  for (const mint of own) watch.add(mint, true, time.now())
  for (const mint of wanted?.mints ?? []) watch.add(mint, false, time.now())
  const cursors =
    state === undefined ? new Map() : loadState(state, watch, new Set(own), time.now())
  return {
    figures: () => ({ 'tokens followed': watch.size(), 'tokens given up': watch.evicted() }),
    lines(signal) {
      const atEnd: AtEnd = []
      return withLast(untilStopped(lines(options, watch, signal, atEnd), signal), atEnd)
    },
    close() {
      options.count('tokens followed', watch.size())
      if (watch.evicted() > 0) options.count('tokens given up', watch.evicted())
      if (state !== undefined) saveState(state, watch, cursors)
    },
  }

  async function* lines(
    all: LiveOptions,
    list: Watchlist,
    signal: AbortSignal,
    atEnd: AtEnd,
  ): AsyncGenerator<Line[]> {
    const stop = new AbortController()
    const both = AbortSignal.any([signal, stop.signal])
    // Every wait and every question listens to it.
    setMaxListeners(0, both)
    // Ticks of a wall clock that was set would be those of another time than the lines.
    const steady = makeSteadyTime(time)
    const outbox = makeOutbox(all.tickMs, steady, lines => {
      const newest = lines.at(-1)
      if (newest !== undefined) steady.follow(newest.rec.ts)
    })
    const solPrice = makeSolPrice()
    const { put } = outbox
    const loop = makeLoop(all, { watch: list, cursors, solPrice, signal: both, put, atEnd })
    const followers = followersOf(providers)
    const teller =
      own.length === 0 ? undefined : providers.find(({ history }) => history !== undefined)
    try {
      if (teller !== undefined) yield* history({ ...all, followers, teller }, loop)
      const running = start(all, loop, solPrice, followers, teller)
      void running.then(
        () => outbox.close(),
        error => outbox.close(error),
      )
      signal.addEventListener('abort', () => outbox.close(), { once: true })
      yield* outbox.batches()
    } finally {
      stop.abort()
    }
  }
}

type AtEnd = NonNullable<Loop['atEnd']>

/** Batches, and behind them what is to be said when they have ended. */
async function* withLast(batches: AsyncIterable<Line[]>, atEnd: AtEnd): AsyncGenerator<Line[]> {
  yield* batches
  const last = atEnd.flatMap(tell => tell())
  if (last.length > 0) yield last
}

type Made = Pick<Loop, 'watch' | 'cursors' | 'signal' | 'put' | 'atEnd'> & { solPrice: SolPrice }

function makeLoop(options: LiveOptions, { solPrice, ...made }: Made): Loop {
  const { time, complain, count } = options
  const facts = makeFacts(options.maxTokens * 2)
  const asker = makeAsker(options, (name, { fromAt, untilAt, reason }) => {
    count('gaps')
    void made.put([gapLine({ source: name, fromAt, untilAt, reason, seenAt: untilAt })])
  })
  const desk = makeDesk({ watch: made.watch, facts, complain, solPrice, now: time.now, count })
  return { ...made, asker, desk, time, complain }
}

/**
 * Ends when every loop has ended, which is at the signal, or with the first error that is no
 * failure of the outside.
 */
async function start(
  { own, providers, streams, intervalMs, state, solPriceBy }: LiveOptions,
  loop: Loop,
  solPrice: SolPrice,
  followers: readonly Provider[],
  teller: Provider | undefined,
): Promise<void> {
  const loops = [followLoop(followers, loop), ...streams.map(stream => stream(loop))]
  for (const provider of providers) loops.push(enrichLoop(provider, loop))
  if (own.length === 0) for (const provider of providers) loops.push(findLoop(provider, loop))
  if (teller !== undefined) loops.push(candleLoop(teller, intervalMs, loop))
  if (solPriceBy !== undefined)
    loops.push(solPriceLoop(solPriceBy.provider, solPriceBy.call, solPrice, loop))
  if (state !== undefined) loops.push(saving(state, loop))
  await Promise.all(
    loops.map(async running => {
      try {
        await running
      } catch (error) {
        if (!loop.signal.aborted) throw error
      }
    }),
  )
}

async function saving(path: string, { watch, cursors, time, signal }: Loop): Promise<void> {
  while (!signal.aborted) {
    await time.sleep(SAVE_MS, signal)
    saveState(path, watch, cursors)
  }
}
