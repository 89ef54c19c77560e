import { writeFileSync } from 'node:fs'
import { makeRng } from '../../../lib/base/rng.ts'
import { POOL_NAMES } from '../model/fixture.ts'

export const WEEK = 7 * 86_400_000
/** Sunday 2026-01-04 00:00 UTC. */
export const START = Date.UTC(2026, 0, 4)

export interface MarketRow {
  ts: number
  mint: string
  x: number[]
  y: number
}

/**
 * One week of labelled rows, one token each. Until the change a token rises with its first feature,
 * afterwards it falls with it and rises with the third.
 */
export function weekOf(week: number, changeAt: number, tokens = 500): MarketRow[] {
  const rng = makeRng(`week/${week}`)
  return Array.from({ length: tokens }, (_, i) => {
    const x = POOL_NAMES.map(() => rng.normal())
    const z = week < changeAt ? 2 * x[0]! : -1.5 * x[0]! + 1.5 * x[2]!
    const y = rng.next() < 1 / (1 + Math.exp(-z)) ? 1 : 0
    return {
      ts: START + week * WEEK + Math.floor((i / tokens) * WEEK),
      mint: `W${week}T${i}`,
      x,
      y,
    }
  })
}

/** Writes rows as a table. */
export function writeRows(path: string, rows: readonly MarketRow[]): void {
  const text = rows.map(({ ts, mint, x, y }) => `${ts},${mint},${x.join(',')},${y}`)
  writeFileSync(path, `ts,token,${POOL_NAMES.join(',')},willMoon\n${text.join('\n')}\n`)
}
