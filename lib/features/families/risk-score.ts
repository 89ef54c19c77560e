import type { Facts } from '../kit/token-facts.ts'
import { ageHours } from '../kit/token-facts.ts'

/** A danger: its points, and how much of it is there (0–1); absent when not known. */
interface Danger {
  points: number
  share(facts: Facts, ts: number): number | undefined
}

const when = (is: boolean | undefined): number | undefined =>
  is === undefined ? undefined : is ? 1 : 0
const below = (x: number | undefined, limit: number): number | undefined =>
  when(x === undefined ? undefined : x < limit)
const clamp = (x: number): number => Math.min(1, Math.max(0, x))

/** The sum of points in the definition of `riskScore`. They add up to 100. */
export const DANGERS: readonly Danger[] = [
  {
    points: 25,
    share: ({ token }) => when(token?.mintRevoked === undefined ? undefined : !token.mintRevoked),
  },
  {
    points: 15,
    share: ({ token }) =>
      when(token?.freezeRevoked === undefined ? undefined : !token.freezeRevoked),
  },
  {
    points: 20,
    share: ({ token }) =>
      token?.lpBurnedShare === undefined ? undefined : 1 - token.lpBurnedShare,
  },
  {
    points: 20,
    share: ({ token }) =>
      token?.top10Share === undefined ? undefined : clamp((token.top10Share - 0.1) / 0.5),
  },
  { points: 10, share: ({ market }) => below(market?.liquidityUsd, 5000) },
  { points: 5, share: ({ token }) => below(token?.holderCount, 100) },
  { points: 5, share: (facts, ts) => below(ageHours(facts, ts), 1) },
]

/**
 * 0 = nothing against it, 100 = everything; what is unknown counts half. Absent before any token
 * line.
 */
export function riskScore(facts: Facts, ts: number): number | undefined {
  if (facts.token === undefined) return undefined
  return DANGERS.reduce((sum, { points, share }) => sum + points * (share(facts, ts) ?? 0.5), 0)
}
