import type { Rng } from '../../../base/rng.ts'
import type { Candle } from '../../../records/candle.ts'
import type { Crowd } from './crowd.ts'
import { type Hype, makeHype } from './hype.ts'
import { address, title } from './made-up-names.ts'
import { makeNature, type Nature } from './nature.ts'
import type { SimOptions } from './params.ts'
import { makePurse, type Purse } from './purse.ts'
import { makeCurve, makePool, type Pool, priceOf, SUPPLY } from './sim-pool.ts'
import { makeWindows } from './windows.ts'

/** A token, its present pool and everything that happens in it. */
export interface SimToken {
  index: number
  mint: string
  title: ReturnType<typeof title>
  nature: Nature
  hype: Hype
  bornAt: number
  creator: string
  insiders: string[]
  purse: Purse
  pool: Pool
  /** SOL per token when it was launched. */
  firstPrice: number
  windows: ReturnType<typeof makeWindows>
  bars: Bars
  /** Signed net flow of the last trades, −1 to 1: what the crowd follows. */
  flow: number
  lastTradeAt: number
  /** Last market line, and whether the pool has changed since. */
  snapshotAt: number
  isDirty: boolean
  /** A curve that has migrated, until its last bar has closed. */
  retired: { pool: Pool; bars: Bars } | undefined
  isDead: boolean
  /** Age at which the insiders mean to leave; moves on while it is not worth it. */
  ruinAt: number | undefined
  /** Dump in progress: slots left. */
  dumpSlots: number
  nextOrganicAt: number
  nextInsiderAt: number
  reportEvery: number
  /**
   * Choices of the crowd, of the insiders, and the look of things: apart, so that one does not
   * shift the other.
   */
  rng: { crowd: Rng; insiders: Rng; look: Rng }
}

/**
 * A newborn token. In a small pool the part of the supply that is not in the pool is held by
 * insiders and friends.
 */
export function makeToken(
  index: number,
  bornAt: number,
  seed: Rng,
  crowd: Crowd,
  options: SimOptions,
): SimToken {
  const { startAt, turnDay = Number.POSITIVE_INFINITY, candleMs } = options
  const nature = makeNature(seed.fork('nature'), bornAt >= startAt + turnDay * 86_400_000)
  const rng = {
    crowd: seed.fork('crowd'),
    insiders: seed.fork('insiders'),
    look: seed.fork('look'),
  }
  const mint = address(rng.look, nature.venue === 'curve' ? 'pump' : '')
  const creator = nature.facts.deployer ? crowd.deployer(rng.look) : address(rng.look)
  const insiders = [creator]
  while (insiders.length < nature.insiders) insiders.push(address(rng.look))
  const pool = firstPool(nature, rng.look, bornAt)
  const token: SimToken = {
    index,
    mint,
    nature,
    bornAt,
    creator,
    insiders,
    pool,
    rng,
    title: title(rng.look),
    hype: makeHype(nature, seed.fork('hype')),
    purse: makePurse(),
    firstPrice: priceOf(pool),
    ...watch(pool, candleMs),
    flow: 0,
    lastTradeAt: bornAt,
    snapshotAt: 0,
    isDirty: true,
    isDead: false,
    dumpSlots: 0,
    retired: undefined,
    ruinAt: nature.ruinAt,
    nextOrganicAt: bornAt,
    nextInsiderAt:
      bornAt +
      Math.min(
        nature.warn?.from ?? Number.POSITIVE_INFINITY,
        nature.ruinAt ?? Number.POSITIVE_INFINITY,
      ),
    reportEvery: 0,
  }
  if (nature.venue === 'pool') allot(token, crowd)
  return token
}

/** Log multiple of the price over the first. */
export const levelOf = (token: SimToken): number => Math.log(priceOf(token.pool) / token.firstPrice)

/** Fresh windows and bars for a pool. */
export const watch = (pool: Pool, candleMs: number) => ({
  windows: makeWindows(pool.openAt, priceOf(pool)),
  bars: makeBars(candleMs, priceOf(pool)),
})

function firstPool(nature: Nature, rng: Rng, bornAt: number): Pool {
  if (nature.venue === 'curve') return makeCurve(address(rng), bornAt)
  const base = (SUPPLY * BigInt(Math.round(nature.poolShare * 10_000))) / 10_000n
  return makePool(address(rng), 'raydium-cpmm', bornAt, base, nature.poolLamports)
}

function allot(token: SimToken, crowd: Crowd): void {
  const outside = SUPPLY - token.pool.base
  const inside = (outside * BigInt(Math.round(token.nature.insiderShare * 10_000))) / 10_000n
  const each = inside / BigInt(token.insiders.length)
  for (const wallet of token.insiders) token.purse.add(wallet, each)
  const friends = 20 + token.rng.look.below(80)
  let left = outside - each * BigInt(token.insiders.length)
  for (let i = friends; i > 0; i--) {
    const part = i === 1 ? left : (left * BigInt(1 + token.rng.look.below(200))) / BigInt(100 * i)
    token.purse.add(crowd.wallet(token.rng.look, 0), part)
    left -= part
  }
}

/**
 * Closed bars of one pool from its trades: prices after each trade in SOL, volume in whole tokens.
 */
function makeBars(intervalMs: number, firstPrice: number) {
  let last = firstPrice
  let bar: { open: number; high: number; low: number; volume: number; trades: number } | undefined
  return {
    add(price: number, tokens: number): void {
      if (bar === undefined) bar = { open: price, high: price, low: price, volume: 0, trades: 0 }
      bar.high = Math.max(bar.high, price)
      bar.low = Math.min(bar.low, price)
      bar.volume += tokens
      bar.trades++
      last = price
    },
    /** Closes the bar that began at `openAt`; flat at the last close when nothing was traded. */
    close(openAt: number): Candle {
      const flat = { open: last, high: last, low: last, volume: 0, trades: 0 }
      const { open, high, low, volume, trades } = bar ?? flat
      const filled = bar === undefined
      bar = undefined
      const range = { open, high, low, close: last, volume: Math.round(volume * 1e6) / 1e6 }
      return { intervalMs, openAt, ...range, currency: 'sol', trades, filled }
    },
  }
}
type Bars = ReturnType<typeof makeBars>
