import assert from 'node:assert/strict'
import { defaultsOf } from '../../../lib/base/flags.ts'
import { labelFlags } from '../../../lib/label/label-flags.ts'
import { type LabelOptions, makeLabel } from '../../../lib/label/label-step.ts'
import type { Label } from '../../../lib/records/label.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { makeEventTime } from '../../../lib/stream/event-time.ts'
import { type Line, makeLine } from '../../../lib/stream/line.ts'

/** 2026-11-20T12:00:00Z, on a five-minute slot. */
export const T0 = Date.UTC(2026, 10, 20, 12)
export const MIN = 60_000
export const HOUR = 60 * MIN

const features = { pool: { hash: 'h', ready: true, values: { x: 1 } } }

/** A market line of mint CAT `at` ms after T0; anchors carry features. */
export function market(
  at: number,
  priceSol: number,
  more: Partial<Rec> = {},
  isAnchor = false,
): Line {
  const mint = more.mint ?? 'CAT'
  return makeLine({
    v: 1,
    id: `market:${mint}:${at}`,
    ts: T0 + at,
    kind: 'market',
    mint,
    pool: `P${mint}`,
    source: 't',
    market: { dex: 'd', priceSol },
    ...more,
    ...(isAnchor ? { features } : {}),
  } as Rec)
}
export const anchor = (at: number, priceSol: number, more: Partial<Rec> = {}): Line =>
  market(at, priceSol, more, true)
export const tick = (at: number): Line =>
  makeLine({ v: 1, id: `tick:${T0 + at}`, ts: T0 + at, kind: 'tick', source: 't' })
/** A trade of CAT against SOL. */
export const trade = (at: number, sol: number): Line =>
  makeLine({
    v: 1,
    id: `trade:${at}`,
    ts: T0 + at,
    kind: 'trade',
    mint: 'CAT',
    pool: 'PCAT',
    source: 't',
    trade: { dex: 'd', side: 'buy', baseAmount: '1', quoteAmount: `${sol * 1e9}` },
  } as Rec)

export const OPTIONS: LabelOptions = {
  ...defaultsOf(labelFlags),
  time: makeEventTime(Number.POSITIVE_INFINITY),
  warn() {},
  count: () => {},
}

/** Runs lines through the step and returns what came out, less the hash of each definition. */
export function run(
  lines: readonly Line[],
  options: Partial<LabelOptions> = {},
  isEnded = true,
): Rec[] {
  const out = runWhole(lines, options, isEnded)
  for (const { label } of out) {
    assert.match(label?.hash ?? '', /^[0-9a-f]{12}$/)
    delete label?.hash
  }
  return out
}

/** The same with the hash. */
export function runWhole(
  lines: readonly Line[],
  options: Partial<LabelOptions> = {},
  isEnded = true,
): Rec[] {
  const step = makeLabel({ ...OPTIONS, ...options })
  const out: Rec[] = []
  for (const line of lines) step.line?.(line, made => out.push(JSON.parse(made.raw)))
  if (isEnded) step.end?.(made => out.push(JSON.parse(made.raw)))
  return out
}

export const labels = (lines: readonly Line[], options: Partial<LabelOptions> = {}): Label[] =>
  run(lines, options).map(rec => rec.label!)
