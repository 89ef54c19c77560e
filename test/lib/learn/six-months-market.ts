import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { defaultsOf } from '../../../lib/base/flags.ts'
import { makeFeatures } from '../../../lib/features/features-step.ts'
import { SETS } from '../../../lib/features/sets.ts'
import { labelFlags } from '../../../lib/label/label-flags.ts'
import { makeLabel } from '../../../lib/label/label-step.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { simulate } from '../../../lib/sources/sim/world.ts'
import { makeEventTime } from '../../../lib/stream/event-time.ts'
import type { Line } from '../../../lib/stream/line.ts'

const [MINUTE, DAY] = [60_000, 86_400_000]
export const WEEK = 7 * DAY
/** Sunday 2026-01-04 00:00 UTC. */
export const START = Date.UTC(2026, 0, 4)
/** Week in which the market turns. */
export const CHANGE = 12
export const WEEKS = 27
export const NAMES = SETS.tabular.features.slice(0, 28).map(({ name }) => name)

/** A token ten minutes after its launch, and whether an hour later it was a rug. */
export interface MarketRow {
  ts: number
  mint: string
  x: number[]
  y: number
}

/** Simulated markets that begin on the Sunday of each week. */
export const marketOf = (week: number, days = 0.15) => ({
  seed: `week ${week}`,
  days,
  tokensPerHour: 60,
  candleMs: 60 * MINUTE,
  snapshotMs: MINUTE,
  tickMs: MINUTE,
  startAt: START + week * WEEK,
  turnDay: week < CHANGE ? undefined : 0,
})

/**
 * Rows of a simulated market by the steps of the product: discover, features, label. In order of
 * their outcome.
 */
export function* simulateRows(options: ReturnType<typeof marketOf>): Generator<MarketRow> {
  const thresholds = {
    rugChange: -0.5,
    drain: -0.3,
    moonChange: 0.5,
    climbChange: 0.05,
    climbGains: 6,
  }
  const sizes = { whale: 10n ** 10n, whaleUsd: 2000 }
  const count = (): void => {}
  const settings = {
    sets: ['tabular'],
    every: MINUTE,
    ...thresholds,
    smartWallets: undefined,
    garch: undefined,
    count,
  }
  const features = makeFeatures({
    ...settings,
    ...sizes,
    smartRanking: undefined,
    maxTokens: 50_000,
  } as never)
  const label = makeLabel({
    ...defaultsOf(labelFlags),
    horizons: ['h1'],
    every: 0,
    late: 0,
    with: ['features'],
    ...sizes,
    time: makeEventTime(Number.POSITIVE_INFINITY),
    warn() {},
    count,
  })
  const born = new Map<string, number>()
  const rows: MarketRow[] = []
  const take = ({ rec }: Line): void => {
    const { mint = '', ts } = rec
    const { rug, censored } = rec.label ?? {}
    const values = rec.features?.tabular?.values
    if (rug === undefined || censored !== false || values === undefined) return
    rows.push({ ts, mint, x: NAMES.map(name => rounded(values[name])), y: rug ? 1 : 0 })
  }
  for (const batch of simulate(options)) {
    for (const line of batch) {
      features.line(line, () => {})
      if (!isAnchor(line.rec, born)) delete line.rec.features
      label.line?.(line, take)
    }
    yield* rows.splice(0)
  }
}

/** The first market line with ready features, ten minutes after the first line of its mint. */
function isAnchor({ kind, mint, ts, features }: Rec, born: Map<string, number>): boolean {
  if (mint === undefined) return false
  const at = born.get(mint) ?? ts
  born.set(mint, at)
  if (kind !== 'market' || ts - at < 10 * MINUTE || features?.tabular?.ready !== true) return false
  born.set(mint, Number.POSITIVE_INFINITY)
  return true
}

const rounded = (value: number | undefined): number =>
  value === undefined ? Number.NaN : Number(value.toPrecision(4))

/** A row as a line of a table: time, token, features, label. */
export const textOf = ({ ts, mint, x, y }: MarketRow): string =>
  `${ts},${mint},${x.map(value => (Number.isNaN(value) ? '' : value)).join(',')},${y}`

export const HEAD = `ts,mint,${NAMES.join(',')},rug`
export const ROWS_FILE = fileURLToPath(new URL('./six-months.csv.gz', import.meta.url))

/** The rows of all weeks, simulated before by six-months-rows.ts: that takes minutes. */
export function readRows(): MarketRow[][] {
  const [head, ...lines] = gunzipSync(readFileSync(ROWS_FILE)).toString().trim().split('\n')
  if (head !== HEAD)
    throw new Error(`${ROWS_FILE}: made for other features; run test/lib/learn/six-months-rows.ts`)
  const weeks: MarketRow[][] = Array.from({ length: WEEKS }, () => [])
  for (const line of lines) {
    const [ts, mint = '', ...rest] = line.split(',')
    const numbers = rest.map(text => (text === '' ? Number.NaN : Number(text)))
    const row = { ts: Number(ts), mint, x: numbers.slice(0, -1), y: numbers.at(-1)! }
    weeks[Math.floor((row.ts - START) / WEEK)]?.push(row)
  }
  return weeks
}
