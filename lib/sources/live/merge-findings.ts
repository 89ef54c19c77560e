import type { Line } from '../../stream/line.ts'
import type { Complaints } from '../net/outside.ts'
import type { Finding } from '../providers/finding.ts'
import { admit, linesOf } from './finding-lines.ts'
import type { Facts } from './known-facts.ts'
import { makeSlotWrites, makeTokenIds } from './slot-writes.ts'
import { type SolPrice, valued } from './sol-price.ts'
import type { Watchlist } from './watchlist.ts'

/** The desk: findings of all providers are laid on it, compared and sent on as lines. */
export interface Desk {
  /** Lines of findings. Tokens that are not followed yet are taken up when `isFinder`. */
  take(found: readonly Finding[], source: string, everyMs: number, isFinder: boolean): Line[]
}

interface DeskOptions {
  watch: Watchlist
  facts: Facts
  complain: Complaints
  solPrice: SolPrice
  now(): number
  count(what: string, by?: number): void
}

/**
 * A clock that is further ahead is wrong, and would carry everything downstream into the future
 * with it.
 */
const AHEAD_MS = 300_000

/**
 * Facts leave as a token line when they say something new, market lines for the main pool only, the
 * rest as it is.
 */
export function makeDesk({ watch, facts, complain, solPrice, now, count }: DeskOptions): Desk {
  const writes = makeSlotWrites()
  const tokenId = makeTokenIds()
  const one = (given: Finding, source: string, everyMs: number, isFinder: boolean): Line[] => {
    const at = now()
    if (given.ts > at + AHEAD_MS) {
      complain.rejected(`${source}: a time ${Math.round((given.ts - at) / 1000)} s ahead of ours`)
      return []
    }
    // Nothing is known before it happens: where a clock is a little ahead, ours counts.
    const found = valued(given.ts > at ? { ...given, ts: at } : given, solPrice)
    const token = watch.get(found.mint) ?? (isFinder ? watch.add(found.mint, false, at) : undefined)
    if (token === undefined) {
      count(isFinder ? 'tokens without room' : 'tokens not followed')
      return []
    }
    if (found.trade !== undefined) token.activeAt = at
    // A creation or a migration on chain says where the token trades from now on.
    const isPlace =
      found.market === undefined && found.trade === undefined && found.pool !== undefined
    if (isPlace && (token.pool === undefined || source === 'rpc')) watch.move(token, found.pool!)
    const isMain =
      found.market === undefined || watch.saw(token, found.pool, found.market, at, everyMs)
    // Another pool of the token may say other things of it (burned liquidity): the main one counts.
    const part = isMain ? facts.merge(found, source) : undefined
    const pool = token.pool ?? found.pool
    const lines: Line[] = []
    if (part !== undefined) {
      const { mint, ts } = found
      const head = {
        v: 1 as const,
        id: tokenId(mint, source, ts),
        ts,
        kind: 'token' as const,
        mint,
      }
      const rec = {
        ...head,
        ...(pool === undefined ? {} : { pool }),
        source,
        seenAt: at,
        token: part,
      }
      lines.push(...[admit(rec, 'token', complain)].filter(line => line !== undefined))
    }
    if (isMain) lines.push(...linesOf(found, source, at, complain, writes(found)))
    else count('pools beside the main one')
    return lines
  }
  return {
    take: (found, source, everyMs, isFinder) =>
      found.flatMap(each => one(each, source, everyMs, isFinder)),
  }
}
