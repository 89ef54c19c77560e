import type { Market } from '../../records/market.ts'
import type { Rec } from '../../records/record.ts'
import type { Token } from '../../records/token.ts'
import type { StateTape } from './state-tape.ts'

/**
 * What the token and market lines of a token have said so far. A field keeps its last known value;
 * of several pools the deepest speaks.
 */
export interface Facts {
  token: Partial<Token> | undefined
  market: Market | undefined
  /** Time of the last line of the main pool; −Infinity before the first. */
  marketAt: number
  /** The pool that `market` is of. */
  pool: string | undefined
  /** Takes a line; says whether it was one of the main pool. */
  see(rec: Rec): boolean
  visit(tape: StateTape): void
}

const TOKEN_FIELDS = [
  'name',
  'symbol',
  'description',
  'createdAt',
  'mintRevoked',
  'freezeRevoked',
  'lpBurnedShare',
  'top10Share',
  'holderCount',
  'hasSocials',
] as const
/** Text kept per token; the lexicon needs no more. */
const MAX_TEXT = 1000

/** A token of which no fact is known. */
export function makeFacts(): Facts {
  let tokenTs = Number.NEGATIVE_INFINITY
  const facts: Facts = {
    token: undefined,
    market: undefined,
    marketAt: Number.NEGATIVE_INFINITY,
    pool: undefined,
    see: rec => {
      if (rec.kind === 'token' && rec.token !== undefined && rec.ts >= tokenTs) {
        tokenTs = rec.ts
        facts.token = merge(facts.token, rec.token)
      }
      if (rec.kind !== 'market' || rec.market === undefined || rec.ts < facts.marketAt) return false
      const depth = rec.market.liquidityUsd ?? 0
      const isMain =
        facts.market === undefined ||
        rec.pool === facts.pool ||
        depth > (facts.market.liquidityUsd ?? 0)
      if (!isMain) return false
      facts.marketAt = rec.ts
      facts.market = { ...(rec.pool === facts.pool ? facts.market : {}), ...rec.market }
      facts.pool = rec.pool
      return true
    },
    visit: tape => {
      tokenTs = tape.number(tokenTs)
      facts.marketAt = tape.number(facts.marketAt)
      facts.pool = tape.text(facts.pool)
      facts.token = visitJson(tape, facts.token)
      facts.market = visitJson(tape, facts.market)
    },
  }
  return facts
}

function merge(old: Partial<Token> | undefined, next: Token): Partial<Token> {
  const kept: Record<string, unknown> = { ...old }
  for (const field of TOKEN_FIELDS) {
    const value = next[field]
    if (value !== undefined)
      kept[field] = typeof value === 'string' ? value.slice(0, MAX_TEXT) : value
  }
  return kept as Partial<Token>
}

function visitJson<T>(tape: StateTape, value: T | undefined): T | undefined {
  const text = tape.text(value === undefined ? undefined : JSON.stringify(value))
  return text === undefined ? undefined : (JSON.parse(text) as T)
}

/**
 * Hours since the token was created, else since its pool opened; absent when neither is known or
 * lies ahead.
 */
export function ageHours(facts: Facts, ts: number): number | undefined {
  const since = facts.token?.createdAt ?? facts.market?.openAt
  return since === undefined || since > ts ? undefined : (ts - since) / 3_600_000
}
