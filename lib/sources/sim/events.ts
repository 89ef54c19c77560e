import { tradeOrganically, waitOrganically } from './organic.ts'
import { between } from './token/distributions.ts'
import { firstFacts, fullFacts } from './token/first-facts.ts'
import { address } from './token/made-up-names.ts'
import { CHAIN, REPORTS } from './token/params.ts'
import { isSoldOut, migrate } from './token/sim-pool.ts'
import { makeToken, type SimToken, watch } from './token/sim-token.ts'
import type { EventKind, World } from './world.ts'

/** The crowd looks again at least so often, in ms. */
const LOOK_MS = 60_000

type Handler = (world: World, now: number, token: SimToken) => void

function tick({ emitter, due, options }: World, now: number): void {
  emitter.tick(now)
  due(now + options.tickMs, 'tick')
}

/** Closes the bars of all pools that are traded. */
function candles({ live, emitter, due, options }: World, now: number): void {
  const openAt = now - options.candleMs
  for (const token of live) {
    const { mint, pool, bars, retired } = token
    if (retired !== undefined) emitter.candle(now, mint, retired.pool, retired.bars.close(openAt))
    token.retired = undefined
    if (now > pool.openAt && now - token.lastTradeAt < CHAIN.quietMs)
      emitter.candle(now, mint, pool, bars.close(openAt))
  }
  due(now + options.candleMs, 'candles')
}

/** Puts the next launch in the queue. */
export function nextBirth({ options, births, weather, due, atSlot }: World, now: number): void {
  if (options.tokensPerHour > 0)
    due(
      atSlot(now + births.exponential(3_600_000 / options.tokensPerHour / weather.heat())),
      'birth',
    )
}

function birth(world: World, now: number): void {
  const { seed, crowd, options, emitter, atSlot, due } = world
  const token = makeToken(world.born, now, seed.fork(`token/${world.born}`), crowd, options)
  world.born++
  world.live.add(token)
  emitter.token(now, token, firstFacts(token))
  world.insiders.launch(token, now)
  changed(world, token, now)
  token.reportEvery = between(token.rng.look, REPORTS.secondMs)
  due(atSlot(now + token.reportEvery), 'report', token)
  plan(world, token, now)
  nextBirth(world, now)
}

/** Puts a market line in the queue when the pool has changed. */
function changed({ due, atSlot, options }: World, token: SimToken, now: number): void {
  if (token.isDirty)
    due(atSlot(Math.max(now, token.snapshotAt + options.snapshotMs)), 'snapshot', token)
}

function plan({ weather, due, atSlot }: World, token: SimToken, now: number): void {
  const { wait, isTrade } = waitOrganically(token, now - token.bornAt, weather.heat(), LOOK_MS)
  token.nextOrganicAt = isTrade ? now + wait : Number.POSITIVE_INFINITY
  due(Math.max(now + CHAIN.slotMs, atSlot(Math.min(now + wait, token.nextInsiderAt))), 'act', token)
}

/**
 * Whoever is due does something in a token: insiders, the crowd. A token nobody trades any more is
 * forgotten.
 */
function act(world: World, now: number, token: SimToken): void {
  const idle = now - token.lastTradeAt
  if (idle >= CHAIN.deadMs || (idle >= CHAIN.quietMs && now - token.bornAt > token.nature.life)) {
    token.isDead = true
    world.live.delete(token)
    return
  }
  const wasDirty = token.isDirty
  if (token.nextInsiderAt <= now && !isSoldOut(token.pool)) world.insiders.act(token, now)
  if (token.nextOrganicAt <= now && !isSoldOut(token.pool)) {
    const isWash = token.rng.insiders.next() < token.nature.washShare
    if (!isWash || !world.insiders.wash(token, now))
      tradeOrganically(token, now, world.crowd, world.trading)
  }
  if (isSoldOut(token.pool)) graduate(world, token, now)
  else {
    if (!wasDirty) changed(world, token, now)
    plan(world, token, now)
  }
}

/** The curve closes; some slots later the tokens and SOL open as a pool of their own. */
function graduate(world: World, token: SimToken, now: number): void {
  const openAt = now + CHAIN.slotMs * (10 + token.rng.look.below(60))
  const pool = migrate(token.pool, address(token.rng.look), openAt)
  world.emitter.market(now, token)
  token.retired = { pool: token.pool, bars: token.bars }
  token.pool = pool
  Object.assign(token, watch(pool, world.options.candleMs))
  token.snapshotAt = now
  token.isDirty = true
  world.due(openAt, 'snapshot', token)
  plan(world, token, openAt)
}

/** A market line, when the pool has changed or is traded and has not been shown for a while. */
function snapshot({ emitter, due, atSlot }: World, now: number, token: SimToken): void {
  const idle = now - token.snapshotAt
  const isQuiet = now - token.lastTradeAt >= CHAIN.quietMs
  if (token.isDead || idle === 0 || now < token.pool.openAt) return
  if (!token.isDirty && (isQuiet || idle < CHAIN.idleSnapshotMs)) return
  emitter.market(now, token)
  token.snapshotAt = now
  token.isDirty = false
  due(atSlot(now + CHAIN.idleSnapshotMs), 'snapshot', token)
}

/** Facts of the token again, when it was traded since the last report; less and less often. */
function report({ emitter, due, atSlot }: World, now: number, token: SimToken): void {
  if (token.isDead) return
  if (now - token.lastTradeAt < token.reportEvery) emitter.token(now, token, fullFacts(token, now))
  token.reportEvery = Math.min(REPORTS.capMs, token.reportEvery * REPORTS.growth)
  due(atSlot(now + token.reportEvery), 'report', token)
}

export const HANDLERS: Record<EventKind, Handler> = { tick, candles, birth, act, snapshot, report }
