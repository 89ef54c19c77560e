import { tidy } from '../market/ratio.ts'
import { wilson } from '../maths/confidence-interval.ts'
import { costOf } from '../report/diff/courses.ts'
import { type Attempt, hasEnded } from '../trade/paper/attempts.ts'
import { LEAST_ROWS } from '../trade/paper/fit-costs.ts'
import { LEVEL, type Odds, type Silence, type Stated } from './paper-draws.ts'

/** Whether the model is like the run in one respect, as far as so many orders can tell. */
type Verdict = 'like' | 'unlike' | 'too-few'

/** Orders that landed beside what the model gave them. */
export interface Landings {
  orders: number
  /** Share that landed, with its 95 % Wilson interval. */
  value: number
  low: number
  high: number
  /** Mean of the chances that the model gave. */
  expected: number
  verdict: Verdict
}

/** How often a figure lay inside the interval of the model for its order. */
export interface Coverage {
  orders: number
  /** Share inside the 95 % intervals, with its own 95 % Wilson interval. */
  inside: number
  low: number
  high: number
  /** Median of the figure over the model’s middle one, less 1; absent where that is 0. */
  apart?: number
  verdict: Verdict
}

/** How like the run the paper model was over some of its orders. */
export interface Score {
  /** Orders tried. */
  orders: number
  /** Orders that say nothing, by why. */
  left: Partial<Record<Silence | 'unknown-end' | 'not-sent', number>>
  landings?: Landings
  slots?: Coverage
  cost?: Coverage
  rate?: Coverage
}

interface Pair {
  value: number
  stated: Stated
}

const FIGURES = ['slots', 'cost', 'rate'] as const

/** Scores the odds that a model gave for orders by how these ended. `slotMs`: of the model. */
export function scoreOf(
  attempts: readonly Attempt[],
  odds: ReadonlyMap<string, Odds | Silence>,
  slotMs: number,
): Score {
  const score: Score = { orders: attempts.length, left: {} }
  const pairs: Record<(typeof FIGURES)[number], Pair[]> = { slots: [], cost: [], rate: [] }
  const chances: number[] = []
  let landed = 0
  for (const attempt of attempts) {
    const found = odds.get(attempt.key) ?? 'not-over'
    const why = typeof found === 'string' ? found : silenceOf(attempt)
    if (typeof found === 'string' || why !== undefined) {
      score.left[why!] = (score.left[why!] ?? 0) + 1
      continue
    }
    chances.push(found.landing)
    if (attempt.order.state !== 'landed') continue
    landed++
    const values = valuesOf(attempt, slotMs)
    for (const name of FIGURES) {
      const [value, stated] = [values[name], found[name]]
      if (value !== undefined && stated !== undefined) pairs[name].push({ value, stated })
    }
  }
  if (chances.length > 0) score.landings = landingsOf(landed, chances)
  for (const name of FIGURES) if (pairs[name].length > 0) score[name] = coverageOf(pairs[name])
  return score
}

function silenceOf(attempt: Attempt): 'unknown-end' | 'not-sent' | undefined {
  if (hasEnded(attempt)) return undefined
  return attempt.order.state === 'expired' ? 'not-sent' : 'unknown-end'
}

/** What a landed order took and cost. Live fills count no slots: their time stands for them. */
function valuesOf(
  { order, ts, fill }: Attempt,
  slotMs: number,
): Partial<Record<(typeof FIGURES)[number], number>> {
  const { decidedAt } = order
  const slots =
    fill?.slots ?? (decidedAt === undefined ? undefined : Math.round((ts - decidedAt) / slotMs))
  return {
    ...(slots !== undefined && { slots }),
    ...(fill !== undefined && {
      cost: Number(costOf(fill)),
      ...(BigInt(fill.inAmount) > 0n && {
        rate: Number(BigInt(fill.outAmount)) / Number(BigInt(fill.inAmount)),
      }),
    }),
  }
}

function landingsOf(landed: number, chances: readonly number[]): Landings {
  const orders = chances.length
  const [low, high] = wilson(landed, orders)
  const expected = chances.reduce((sum, each) => sum + each, 0) / orders
  return {
    orders,
    value: tidy(landed / orders),
    low: tidy(low),
    high: tidy(high),
    expected: tidy(expected),
    verdict: verdictOf(orders, low <= expected && expected <= high),
  }
}

function coverageOf(pairs: readonly Pair[]): Coverage {
  const orders = pairs.length
  const inside = pairs.filter(({ value, stated: { low, high } }) => value >= low && value <= high)
  const [low, high] = wilson(inside.length, orders)
  const apart = medianOf(
    pairs.flatMap(({ value, stated: { middle } }) => (middle > 0 ? [value / middle - 1] : [])),
  )
  return {
    orders,
    inside: tidy(inside.length / orders),
    low: tidy(low),
    high: tidy(high),
    ...(apart !== undefined && { apart: tidy(apart) }),
    // An interval that always holds is no lie.
    verdict: verdictOf(orders, high >= LEVEL),
  }
}

/** With fewer orders a model that is wrong by half looks right. */
const verdictOf = (orders: number, isLike: boolean): Verdict =>
  orders < LEAST_ROWS ? 'too-few' : isLike ? 'like' : 'unlike'

/** The middle one; of an even number the lower of the two. */
const medianOf = (values: number[]): number | undefined =>
  values.sort((a, b) => a - b)[(values.length - 1) >> 1]

const DAY_MS = 86_400_000
const WEEK_MS = 7 * DAY_MS
/** 1970-01-01 was a Thursday. */
const FIRST_MONDAY = 4 * DAY_MS

/** Attempts by the week (Monday to Sunday, UTC) in which they were decided, in order. */
export function byWeek(attempts: readonly Attempt[]): [from: number, attempts: Attempt[]][] {
  const weeks = new Map<number, Attempt[]>()
  for (const attempt of attempts) {
    const at = attempt.order.decidedAt ?? attempt.ts
    const from = Math.floor((at - FIRST_MONDAY) / WEEK_MS) * WEEK_MS + FIRST_MONDAY
    weeks.set(from, [...(weeks.get(from) ?? []), attempt])
  }
  return [...weeks].sort(([a], [b]) => a - b)
}
