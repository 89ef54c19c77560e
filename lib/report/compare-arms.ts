import { tidy } from '../market/ratio.ts'
import { bootstrapByGroup, groupNumbers, wilson } from '../maths/confidence-interval.ts'
import { ARMS, type Arm } from '../records/arm.ts'
import type { Position } from '../records/position.ts'

type Closed = readonly { mint: string; position: Position }[]

/** What the positions of one side of `gate --split` came to. */
interface Side {
  trades: number
  tokens: number
  wins: number
  winRate: { value: number; low: number; high: number }
  /** Mean profit over cost of a position. */
  meanReturn: number
}

/** Both sides of a split, and how much better the versions on trial did. */
interface ArmsCompared {
  champion: Side
  challenger: Side
  /** Mean return of the challenger less that of the champion, with its 95 % interval by token. */
  difference: { value: number; low?: number; high?: number }
  verdict: 'better' | 'worse' | 'underpowered'
}

/**
 * Compares the closed positions of both sides of a split: the interval comes from 2,000 draws of
 * whole tokens. Better or worse only where it excludes 0. Undefined while a side has none.
 */
export function compareArms(closed: Closed, seed: string): ArmsCompared | undefined {
  const rows = closed.flatMap(({ mint, position: { entry, pnl = 0 } }) =>
    entry?.arm === undefined ? [] : [{ mint, arm: entry.arm, pnl }],
  )
  const [champion, challenger] = ARMS.map(arm => sideOf(rows.filter(row => row.arm === arm)))
  if (champion === undefined || challenger === undefined) return undefined
  const meanOf = (arm: Arm, weight: Float64Array): number => {
    let [sum, all] = [0, 0]
    for (const [i, row] of rows.entries()) {
      if (row.arm !== arm) continue
      sum += weight[i]! * row.pnl
      all += weight[i]!
    }
    return sum / all
  }
  const found = bootstrapByGroup(
    groupNumbers(rows.map(({ mint }) => mint)),
    weight => meanOf('challenger', weight) - meanOf('champion', weight),
    { seed: `${seed}/arms` },
  )
  const value = tidy(challenger.meanReturn - champion.meanReturn)
  const verdict = verdictOf(found, Math.min(champion.tokens, challenger.tokens))
  const difference =
    found === undefined ? { value } : { value, low: tidy(found[0]), high: tidy(found[1]) }
  return { champion, challenger, difference, verdict }
}

/** Fewest tokens of a side from which its interval is believed. */
const LEAST_TOKENS = 20

function verdictOf(
  interval: readonly [number, number] | undefined,
  tokens: number,
): ArmsCompared['verdict'] {
  if (interval === undefined || tokens < LEAST_TOKENS) return 'underpowered'
  return interval[0] > 0 ? 'better' : interval[1] < 0 ? 'worse' : 'underpowered'
}

function sideOf(rows: readonly { mint: string; pnl: number }[]): Side | undefined {
  if (rows.length === 0) return undefined
  const wins = rows.filter(({ pnl }) => pnl > 0).length
  const [low, high] = wilson(wins, rows.length)
  return {
    trades: rows.length,
    tokens: new Set(rows.map(({ mint }) => mint)).size,
    wins,
    winRate: { value: tidy(wins / rows.length), low: tidy(low), high: tidy(high) },
    meanReturn: tidy(rows.reduce((sum, { pnl }) => sum + pnl, 0) / rows.length),
  }
}

/** Rows of ml_model_comparisons: one per model whose version differs between the sides. */
export function armRows(closed: Closed, seed: string): ComparisonRow[] {
  const newest: Record<Arm, Map<string, string>> = { champion: new Map(), challenger: new Map() }
  const inOrder = [...closed].sort((a, b) => a.position.openedAt - b.position.openedAt)
  for (const { position } of inOrder)
    for (const [model, version] of Object.entries(position.entry?.versions ?? {}))
      newest[position.entry?.arm ?? 'champion'].set(model, version)
  return [...newest.challenger].flatMap(([model, challenger]) => {
    const champion = newest.champion.get(model)
    if (champion === undefined || champion === challenger) return []
    const used = inOrder.filter(({ position: { entry } }) => {
      const version = entry?.versions?.[model]
      return version === (entry?.arm === 'challenger' ? challenger : champion)
    })
    const found = compareArms(used, seed)
    return found === undefined ? [] : [rowOf(model, { champion, challenger }, found, used)]
  })
}

type ComparisonRow = ReturnType<typeof rowOf>

function rowOf(
  model: string,
  versions: Record<Arm, string>,
  { champion, challenger, difference, verdict }: ArmsCompared,
  used: Closed,
) {
  const ends = used.map(({ position }) => position.closedAt ?? position.openedAt)
  const untilAt = Math.max(...ends)
  return {
    id: `comparison:orders:${model}:${versions.champion}:${versions.challenger}:${untilAt}`,
    ts: untilAt,
    model,
    ...versions,
    rows: champion.tokens + challenger.tokens,
    fromAt: Math.min(...used.map(({ position }) => position.openedAt)),
    untilAt,
    verdict,
    metrics: {
      championTokens: champion.tokens,
      challengerTokens: challenger.tokens,
      championReturn: champion.meanReturn,
      challengerReturn: challenger.meanReturn,
      championWinRate: champion.winRate.value,
      challengerWinRate: challenger.winRate.value,
      returnDifference: difference.value,
      ...(difference.low === undefined ? {} : { returnDifferenceLow: difference.low }),
      ...(difference.high === undefined ? {} : { returnDifferenceHigh: difference.high }),
    },
  }
}

/** For people: two lines, one where there is no split. */
export function armsText(found: ArmsCompared | undefined): string {
  if (found === undefined) return ''
  const percent = (x: number): string => `${(100 * x).toFixed(2)} %`
  const side = (arm: Arm): string => {
    const { trades, tokens, wins, meanReturn } = found[arm]
    const won = `${trades} trades of ${tokens} tokens, ${wins} won`
    return `  ${arm}: ${won}, mean ${percent(meanReturn)}\n`
  }
  const { value, low, high } = found.difference
  const between = low === undefined ? '' : ` (${percent(low)} to ${percent(high!)})`
  return (
    `\nSides of --split\n${side('champion')}${side('challenger')}` +
    `  difference ${percent(value)}${between}: ${found.verdict}\n`
  )
}
