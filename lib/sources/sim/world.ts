import { makeRng, type Rng } from '../../base/rng.ts'
import type { Line } from '../../stream/line.ts'
import { type Emitter, makeEmitter } from './emit.ts'
import { HANDLERS, nextBirth } from './events.ts'
import { type Insiders, makeInsiders } from './insiders.ts'
import { type Due, makeQueue } from './queue.ts'
import { type Crowd, makeCrowd } from './token/crowd.ts'
import { CHAIN, type SimOptions } from './token/params.ts'
import type { SimToken } from './token/sim-token.ts'
import { makeTrading, type Trading } from './trading.ts'
import { makeWeather, type Weather } from './weather.ts'

/** What can be due. At the same time: time itself first, the view of a pool after its trades. */
const KINDS = ['tick', 'candles', 'birth', 'act', 'snapshot', 'report'] as const
export type EventKind = (typeof KINDS)[number]

/** What the events of the market share. */
export interface World {
  options: SimOptions
  seed: Rng
  /** Times between launches. */
  births: Rng
  born: number
  live: Set<SimToken>
  weather: Weather
  crowd: Crowd
  emitter: Emitter
  trading: Trading
  insiders: Insiders
  /** First slot at or after a time. */
  atSlot(at: number): number
  /** Puts an event in the queue; never, when the time is infinite. */
  due(at: number, kind: EventKind, token?: SimToken): void
}

interface Event extends Due {
  token?: SimToken
}

/**
 * The simulated market as batches of lines in order of event time. Every token has its own
 * sequences of random numbers; nothing depends on the length, so that a shorter run is a prefix of
 * a longer one. Each batch has at least `batch` lines, the last perhaps fewer.
 */
export function* simulate(options: SimOptions, batch = 512): Generator<Line[]> {
  const { startAt, candleMs, tickMs } = options
  const queue = makeQueue<Event>()
  const world = makeWorld(options, queue.push)
  const { emitter, weather } = world
  world.due(Math.ceil(startAt / tickMs) * tickMs, 'tick')
  world.due(Math.floor(startAt / candleMs) * candleMs + candleMs, 'candles')
  nextBirth(world, startAt)
  const endAt = startAt + options.days * 86_400_000
  for (let event = queue.pop(); event !== undefined && event.at < endAt; event = queue.pop()) {
    weather.advance(event.at)
    HANDLERS[KINDS[event.order]!](world, event.at, event.token!)
    if (emitter.size() >= batch) yield emitter.take()
  }
  if (emitter.size() > 0) yield emitter.take()
}

function makeWorld(options: SimOptions, push: (event: Event) => void): World {
  const { startAt } = options
  const seed = makeRng(options.seed)
  const weather = makeWeather(seed.fork('weather'), startAt)
  const emitter = makeEmitter(startAt, seed.fork('emitter'), weather)
  const trading = makeTrading(emitter, weather)
  return {
    options,
    seed,
    weather,
    emitter,
    trading,
    births: seed.fork('births'),
    born: 0,
    live: new Set(),
    crowd: makeCrowd(seed.fork('crowd')),
    insiders: makeInsiders(trading),
    atSlot: at => startAt + Math.ceil((at - startAt) / CHAIN.slotMs) * CHAIN.slotMs,
    due: (at, kind, token) => {
      if (at === Number.POSITIVE_INFINITY) return
      const event: Event = { at, order: KINDS.indexOf(kind), key: token?.index ?? 0 }
      if (token !== undefined) event.token = token
      push(event)
    },
  }
}
