import { tidy } from '../market/ratio.ts'
import { bootstrapByGroup, groupNumbers, type Interval } from '../maths/confidence-interval.ts'
import type { Outcome } from './labelled.ts'

/**
 * Mean return after costs of some outcomes, with its 95 % interval over whole tokens. Absent
 * without rows.
 */
export interface MeanNet {
  rows: number
  mean?: number
  interval?: Interval
}

/**
 * What one rule saved and what it lost, in returns after costs of one trade each: the trades that
 * it refused.
 */
export interface RuleBenefit {
  rule: string
  /** Refusals in which it took part, and those that were its alone. */
  refused: number
  alone: number
  /** Losses that were not made, and profits that were not made. */
  saved: number
  lost: number
  /** Mean of what its refusals would have returned: below 0 the rule earns its place. */
  net: MeanNet
  /** The same of refusals that were its alone: what dropping the rule would change. */
  netAlone: MeanNet
}

/** Mean net of outcomes. Rows of one token depend on each other, so whole tokens are drawn. */
export function meanNet(rows: readonly Outcome[], seed: string): MeanNet {
  if (rows.length === 0) return { rows: 0 }
  const nets = Float64Array.from(rows, ({ net }) => net)
  const mean = (weight: Float64Array): number => {
    let [sum, count] = [0, 0]
    for (let i = 0; i < nets.length; i++) {
      sum += weight[i]! * nets[i]!
      count += weight[i]!
    }
    return sum / count
  }
  const interval = bootstrapByGroup(groupNumbers(rows.map(({ mint }) => mint)), mean, {
    runs: 1000,
    seed,
  })
  const made: MeanNet = {
    rows: rows.length,
    mean: tidy(nets.reduce((a, b) => a + b, 0) / nets.length),
  }
  if (interval !== undefined) made.interval = [tidy(interval[0]), tidy(interval[1])]
  return made
}

/** Cost and benefit of each rule that refused something, most refusals first. */
export function benefitsOf(rows: readonly Outcome[], seed: string): RuleBenefit[] {
  const byRule = new Map<string, Outcome[]>()
  for (const row of rows) {
    if (row.decision.act !== 'drop') continue
    for (const rule of new Set(row.decision.reasons)) {
      const list = byRule.get(rule)
      if (list === undefined) byRule.set(rule, [row])
      else list.push(row)
    }
  }
  const all = [...byRule].map(([rule, refused]) => benefitOf(rule, refused, seed))
  return all.sort((a, b) => b.refused - a.refused || (a.rule < b.rule ? -1 : 1))
}

function benefitOf(rule: string, refused: readonly Outcome[], seed: string): RuleBenefit {
  const alone = refused.filter(({ decision }) => decision.reasons.length === 1)
  let [saved, lost] = [0, 0]
  for (const { net } of refused) {
    if (net < 0) saved -= net
    else lost += net
  }
  return {
    rule,
    refused: refused.length,
    alone: alone.length,
    saved: tidy(saved),
    lost: tidy(lost),
    net: meanNet(refused, `${seed}/${rule}`),
    netAlone: meanNet(alone, `${seed}/${rule}/alone`),
  }
}
