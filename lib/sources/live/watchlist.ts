import type { Market } from '../../records/market.ts'
import type { Priority } from '../net/bucket.ts'
import type { Wanted } from './wanted.ts'

/** A token that is being followed. */
export interface Watched {
  mint: string
  /** Given by the user: never given up. */
  isOwn: boolean
  /** The pool with most liquidity: the one that lines are about. */
  pool: string | undefined
  liquidityUsd: number
  /** Last time at which something happened in it, ms UTC. */
  activeAt: number
  /** Next look at its state, and at its facts by provider. */
  nextAt: number
  /** Last look, ms UTC. */
  lookedAt: number
  enrichAt: Map<string, number>
  /** Up to here its candles are known. */
  candleAt: number
}

export interface Watchlist {
  /** Adds a token or gives back the known one; undefined when there is no room. */
  add(mint: string, isOwn: boolean, now: number): Watched | undefined
  get(mint: string): Watched | undefined
  all(): Iterable<Watched>
  /** Tokens whose turn it is, the longest overdue first. */
  due(now: number, most: number, when: (token: Watched) => number): Watched[]
  /** Takes a look at a pool in; true when lines should be made of it. */
  saw(
    token: Watched,
    pool: string | undefined,
    market: Market,
    now: number,
    everyMs: number,
  ): boolean
  /** It trades in this pool from now on. */
  move(token: Watched, pool: string): void
  /** How urgent a question about tokens is: as the most urgent of them. Own tokens are. */
  priority(tokens: readonly Watched[], now: number): Priority
  size(): number
  evicted(): number
}

/** A token is looked at every n-th time by how long ago it was active. */
const TIERS = [
  { quietMs: 600_000, times: 1, priority: 'high' },
  { quietMs: 3_600_000, times: 4, priority: 'normal' },
  { quietMs: Number.POSITIVE_INFINITY, times: 20, priority: 'low' },
] as const

type Tier = (typeof TIERS)[number]
const tierOf = (token: Watched, now: number): Tier =>
  TIERS.find(({ quietMs }) => now - token.activeAt < quietMs) ?? TIERS[2]

/**
 * Whose questions go first when calls run short: those of the sampler’s tiers, the ones that are
 * looked at most often.
 */
const URGENT: readonly { everyMs: number; priority: Priority }[] = [
  { everyMs: 300_000, priority: 'high' },
  { everyMs: 900_000, priority: 'normal' },
  { everyMs: Number.POSITIVE_INFINITY, priority: 'low' },
]
const RANK: readonly Priority[] = ['high', 'normal', 'low']

/**
 * A pool takes over when it has so much more liquidity: two of the same size must not alternate.
 */
const CLEARLY_MORE = 1.2
/** After so long without activity a token is given up, and any time when room is needed. */
const DEAD_MS = 86_400_000

/**
 * At most `max` tokens; own ones always have room. The one that was active longest ago goes first.
 * What is not own is looked at as often as `wanted` says.
 */
export function makeWatchlist(max: number, wanted?: Wanted): Watchlist {
  const tokens = new Map<string, Watched>()
  let evicted = 0
  const evict = (now: number): boolean => {
    let worst: Watched | undefined
    for (const token of tokens.values())
      if (!token.isOwn && (worst === undefined || token.activeAt < worst.activeAt)) worst = token
    if (worst === undefined || now - worst.activeAt < TIERS[0].quietMs) return false
    tokens.delete(worst.mint)
    evicted++
    return true
  }
  const add = (mint: string, isOwn: boolean, now: number): Watched | undefined => {
    const known = tokens.get(mint)
    if (known !== undefined) return known
    if (!isOwn && tokens.size >= max && !evict(now)) return undefined
    const nextAt = isOwn ? now : Math.max(now, wanted?.of(mint)?.nextAt ?? now)
    const token = unknownToken(mint, isOwn, now, nextAt)
    tokens.set(mint, token)
    return token
  }
  return {
    add,
    get: mint => tokens.get(mint),
    all: () => tokens.values(),
    due(now, most, when) {
      addAsked(wanted, mint => add(mint, false, now))
      for (const token of tokens.values()) {
        if (token.isOwn || now - token.activeAt < DEAD_MS) continue
        tokens.delete(token.mint)
        evicted++
      }
      return [...tokens.values()]
        .filter(token => when(token) <= now)
        .sort((a, b) => when(a) - when(b))
        .slice(0, most)
    },
    saw(token, pool, market, now, everyMs) {
      if (!takesPool(token, pool, market.liquidityUsd)) return false
      if (hasTraded(market)) token.activeAt = now
      token.lookedAt = now
      const asked = token.isOwn ? undefined : wanted?.of(token.mint)
      token.nextAt = now + Math.max(everyMs, asked?.everyMs ?? everyMs * tierOf(token, now).times)
      return true
    },
    move(token, pool) {
      if (token.pool === pool) return
      token.pool = pool
      token.liquidityUsd = 0
    },
    priority(asked, now) {
      const found = new Set(asked.map(token => priorityOf(token, wanted, now)))
      return RANK.find(priority => found.has(priority)) ?? 'low'
    },
    size: () => tokens.size,
    evicted: () => evicted,
  }
}

/** What the sampler wants to be looked at now comes first, also where it had been given up. */
function addAsked(wanted: Wanted | undefined, add: (mint: string) => Watched | undefined): void {
  for (const [mint, askedAt] of wanted?.asked() ?? []) {
    const token = add(mint)
    if (token !== undefined && token.lookedAt < askedAt)
      token.nextAt = Math.min(token.nextAt, askedAt)
  }
}

/** A token of which nothing is known yet. */
const unknownToken = (mint: string, isOwn: boolean, now: number, nextAt: number): Watched => ({
  mint,
  isOwn,
  pool: undefined,
  liquidityUsd: 0,
  activeAt: now,
  enrichAt: new Map(),
  candleAt: 0,
  nextAt,
  lookedAt: 0,
})

function priorityOf(token: Watched, wanted: Wanted | undefined, now: number): Priority {
  if (token.isOwn || token.lookedAt < (wanted?.asked().get(token.mint) ?? 0)) return 'high'
  const everyMs = wanted?.of(token.mint)?.everyMs
  if (everyMs === undefined) return tierOf(token, now).priority
  return URGENT.find(tier => everyMs <= tier.everyMs)?.priority ?? 'low'
}

function takesPool(
  token: Watched,
  pool: string | undefined,
  liquidityUsd: number | undefined,
): boolean {
  const isSame = token.pool === pool
  if (
    !isSame &&
    token.pool !== undefined &&
    (liquidityUsd ?? 0) <= token.liquidityUsd * CLEARLY_MORE
  )
    return false
  token.pool = pool
  // Who does not say how much there is says nothing against it.
  token.liquidityUsd = liquidityUsd ?? (isSame ? token.liquidityUsd : 0)
  return true
}

/** Something was bought or sold within five minutes; where nobody counts, it may have been. */
function hasTraded({ buys, sells, volumeUsd }: Market): boolean {
  if (buys?.m5 === undefined && sells?.m5 === undefined && volumeUsd?.m5 === undefined) return true
  return (buys?.m5 ?? 0) + (sells?.m5 ?? 0) + (volumeUsd?.m5 ?? 0) > 0
}
