import { makeRng } from '../../rng.ts'
import type { Line } from '../../stream/line.ts'
import { makeCrowd } from './crowd.ts'
import { between } from './draw.ts'
import { makeTape } from './emit.ts'
import { firstFacts, fullFacts } from './facts.ts'
import { makeInsiders } from './insiders.ts'
import { address } from './names.ts'
import { tradeOrganically, waitOrganically } from './organic.ts'
import { CHAIN, REPORTS, type SimOptions } from './params.ts'
import { isSoldOut, migrate } from './pool.ts'
import { type Due, makeQueue } from './queue.ts'
import { makeToken, type SimToken, watch } from './token.ts'
import { makeTrading } from './trading.ts'
import { makeWeather } from './weather.ts'

/** Order of what is due at the same time: time itself first, the view of a pool after its trades. */
const ORDER = { tick: 0, candles: 1, birth: 2, act: 3, snapshot: 4, report: 5 } as const
interface Event extends Due {
  token?: SimToken
}

/** The crowd looks again at least so often, in ms. */
const LOOK_MS = 60_000
const BATCH = 512

/**
 * The simulated market as batches of lines in order of event time. Every token has its own sequences of random
 * numbers; nothing depends on the length, so that a shorter run is a prefix of a longer one.
 */
export function* simulate(options: SimOptions): Generator<Line[]> {
  const { startAt, candleMs, snapshotMs, tickMs } = options
  const seed = makeRng(options.seed)
  const births = seed.fork('births')
  const weather = makeWeather(seed.fork('weather'), startAt)
  const crowd = makeCrowd(seed.fork('crowd'))
  const tape = makeTape(startAt, seed.fork('tape'), weather)
  const trading = makeTrading(tape, weather)
  const insiders = makeInsiders(trading)
  const queue = makeQueue<Event>()
  const live = new Set<SimToken>()
  let born = 0

  const atSlot = (at: number): number => startAt + Math.ceil((at - startAt) / CHAIN.slotMs) * CHAIN.slotMs
  const due = (at: number, kind: keyof typeof ORDER, token?: SimToken): void => {
    if (at === Number.POSITIVE_INFINITY) return
    queue.push({ at, order: ORDER[kind], key: token?.index ?? 0, ...(token === undefined ? {} : { token }) })
  }
  const handlers = [tick, candles, birth, act, snapshot, report] as ((now: number, token: SimToken) => void)[]

  function tick(now: number): void {
    tape.tick(now)
    due(now + tickMs, 'tick')
  }

  function candles(now: number): void {
    for (const token of live) {
      if (token.retired !== undefined) {
        tape.candle(now, token.mint, token.retired.pool, token.retired.bars.close(now - candleMs))
        token.retired = undefined
      }
      if (now > token.pool.openAt && now - token.lastTradeAt < CHAIN.quietMs)
        tape.candle(now, token.mint, token.pool, token.bars.close(now - candleMs))
    }
    due(now + candleMs, 'candles')
  }

  function nextBirth(now: number): void {
    if (options.tokensPerHour > 0)
      due(atSlot(now + births.exponential(3_600_000 / options.tokensPerHour / weather.heat())), 'birth')
  }

  function birth(now: number): void {
    const token = makeToken(born, now, seed.fork(`token/${born}`), crowd, candleMs)
    born++
    live.add(token)
    tape.token(now, token, firstFacts(token))
    insiders.launch(token, now)
    changed(token, now)
    token.reportEvery = between(token.rng.look, REPORTS.secondMs)
    due(atSlot(now + token.reportEvery), 'report', token)
    plan(token, now)
    nextBirth(now)
  }

  /** Puts a market line in the queue when the pool has changed. */
  function changed(token: SimToken, now: number): void {
    if (token.isDirty) due(atSlot(Math.max(now, token.snapshotAt + snapshotMs)), 'snapshot', token)
  }

  function plan(token: SimToken, now: number): void {
    const { wait, isTrade } = waitOrganically(token, now - token.bornAt, weather.heat(), LOOK_MS)
    token.nextOrganicAt = isTrade ? now + wait : Number.POSITIVE_INFINITY
    due(Math.max(now + CHAIN.slotMs, atSlot(Math.min(now + wait, token.nextInsiderAt))), 'act', token)
  }

  function act(now: number, token: SimToken): void {
    const idle = now - token.lastTradeAt
    if (idle >= CHAIN.deadMs || (idle >= CHAIN.quietMs && now - token.bornAt > token.nature.life)) {
      token.isDead = true
      live.delete(token)
      return
    }
    const wasDirty = token.isDirty
    if (token.nextInsiderAt <= now && !isSoldOut(token.pool)) insiders.act(token, now)
    if (token.nextOrganicAt <= now && !isSoldOut(token.pool)) {
      const isWash = token.rng.insiders.next() < token.nature.washShare
      if (!isWash || !insiders.wash(token, now)) tradeOrganically(token, now, crowd, trading)
    }
    if (isSoldOut(token.pool)) graduate(token, now)
    else {
      if (!wasDirty) changed(token, now)
      plan(token, now)
    }
  }

  /** The curve closes; some slots later the tokens and SOL open as a pool of their own. */
  function graduate(token: SimToken, now: number): void {
    const openAt = now + CHAIN.slotMs * (10 + token.rng.look.below(60))
    const pool = migrate(token.pool, address(token.rng.look), openAt)
    tape.market(now, token)
    token.retired = { pool: token.pool, bars: token.bars }
    token.pool = pool
    Object.assign(token, watch(pool, candleMs))
    token.snapshotAt = now
    token.isDirty = true
    due(openAt, 'snapshot', token)
    plan(token, openAt)
  }

  function snapshot(now: number, token: SimToken): void {
    const idle = now - token.snapshotAt
    const isQuiet = now - token.lastTradeAt >= CHAIN.quietMs
    if (token.isDead || idle === 0 || now < token.pool.openAt) return
    if (!token.isDirty && (isQuiet || idle < CHAIN.idleSnapshotMs)) return
    tape.market(now, token)
    token.snapshotAt = now
    token.isDirty = false
    due(atSlot(now + CHAIN.idleSnapshotMs), 'snapshot', token)
  }

  function report(now: number, token: SimToken): void {
    if (token.isDead) return
    if (now - token.lastTradeAt < token.reportEvery) tape.token(now, token, fullFacts(token, now))
    token.reportEvery = Math.min(REPORTS.capMs, token.reportEvery * REPORTS.growth)
    due(atSlot(now + token.reportEvery), 'report', token)
  }

  due(Math.ceil(startAt / tickMs) * tickMs, 'tick')
  due(Math.floor(startAt / candleMs) * candleMs + candleMs, 'candles')
  nextBirth(startAt)
  const endAt = startAt + options.days * 86_400_000
  for (let event = queue.pop(); event !== undefined && event.at < endAt; event = queue.pop()) {
    weather.advance(event.at)
    handlers[event.order]!(event.at, event.token as SimToken)
    if (tape.size() >= BATCH) yield tape.take()
  }
  if (tape.size() > 0) yield tape.take()
}
