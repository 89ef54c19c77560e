import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { makeRng } from '../../../lib/base/rng.ts'
import { configOf } from '../../../lib/features/features-checkpoint.ts'
import { makeResumable } from '../../../lib/features/resumable.ts'
import { SET_NAMES, SETS, type SetName } from '../../../lib/features/sets.ts'
import type { Features } from '../../../lib/records/features.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { makeEventTime } from '../../../lib/stream/event-time.ts'
import { timed } from '../../../lib/stream/timed-step.ts'
import {
  candle,
  HOUR,
  MINUTE,
  makeStep,
  market,
  optionsOf,
  T0,
  token,
  toLine,
  trade,
} from './lines.ts'

const DAY = 24 * HOUR
const GAPS = { '1 h': HOUR, '25 h': 25 * HOUR, '3 days': 3 * DAY, 'a week': 7 * DAY }
/** Long enough for every set to be ready: 101 bars of a minute. */
const MINUTES = 130
const OPTIONS = {
  ...optionsOf(SET_NAMES),
  smartWallets: new Set(['A']),
  garch: { mu: 0, omega: 1e-6, alpha: 0.1, beta: 0.8 },
}

const opportunity = (ts: number, depthUsd: number): Rec => ({
  v: 1,
  id: `opportunity:CAT:${ts}`,
  ts,
  kind: 'opportunity',
  mint: 'CAT',
  source: 'test',
  opportunity: {
    path: [{ dex: 'd', inMint: 'S', outMint: 'CAT', inAmount: '1', outAmount: '1' }],
    inAmount: '1000',
    outAmount: '1004',
    feeLamports: '300',
    depthUsd,
  },
})

/**
 * A token with a line of every kind each minute, in this order: what is asked stands before what is
 * known. Prices wander from `price`, so that none of an earlier stretch goes unnoticed in a later.
 */
function life(from: number, price: number): Rec[] {
  const rng = makeRng(`life ${price}`)
  let close = price
  return Array.from({ length: MINUTES }, (_, n) => {
    const ts = from + n * MINUTE
    const open = close
    close *= Math.exp(0.02 * rng.normal())
    const quoteAmount = String(Math.round(close * 1e9))
    const bar = {
      open,
      close,
      high: 1.01 * Math.max(open, close),
      low: 0.99 * Math.min(open, close),
      volume: 10 * price + n,
      trades: 3,
    }
    return [
      opportunity(ts, 1000 * close),
      token(ts, { name: 'a gem', holderCount: Math.round(100 * price) + n }),
      market(ts, {
        priceSol: close,
        baseAmount: '4000000',
        quoteAmount,
        liquidityUsd: 900 * close,
      }),
      trade(ts, { price: close, tokens: 5, side: n % 3 ? 'buy' : 'sell', wallet: 'A' }),
      {
        ...candle(n, bar),
        id: `candle:CAT:${ts}`,
        ts,
        candle: { intervalMs: MINUTE, openAt: ts - MINUTE, ...bar },
      },
    ]
  }).flat()
}

/** What the command does of lines, from a state folder and into it where one is given. */
function features(recs: readonly Rec[], state?: string) {
  const { step, counts } = makeStep(SET_NAMES, OPTIONS)
  const time = makeEventTime(HOUR)
  const count = (what: string): void => void (counts[what] = (counts[what] ?? 0) + 1)
  const judged = timed(step, time, { count, warn() {} })
  const whole =
    state === undefined ? judged : makeResumable(judged, state, configOf(OPTIONS), DAY, time)
  const out: Features[] = []
  for (const rec of recs) whole.line?.(toLine(rec), line => out.push(line.rec.features ?? {}))
  void whole.end?.(() => {})
  return { out, counts }
}

const before = life(T0, 1)
/** What came after a gap of each length, and what is said of it. */
const AFTER = Object.entries(GAPS).map(([words, gap]) => {
  const after = life(before.at(-1)!.ts + gap, 7)
  const { out, counts } = features([...before, ...after])
  return { words, gap, after, counts, served: out.slice(before.length) }
})

test('every set is ready before the gap, or these tests would say nothing', () => {
  const last = before.length - 5
  const { out } = features(before)
  for (const name of SET_NAMES)
    assert.ok(
      out.slice(last).some(at => at[name]?.ready),
      `${name} is not ready`,
    )
})

for (const { words, gap, after, counts, served } of AFTER) {
  test(`after ${words} of silence every set is ready again`, () => {
    for (const name of SET_NAMES)
      assert.ok(
        served.slice(-5).some(at => at[name]?.ready),
        `${name} is not ready`,
      )
  })

  test(`a state folder opened again after ${words} goes on as a run that never stopped`, t => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-gap-'))
    t.after(() => rmSync(folder, { recursive: true, force: true }))
    features(before, folder)
    assert.deepEqual(features(after, folder).out, served)
  })

  if (gap > DAY)
    test(`after ${words} nothing is left of what was before, in any set`, () => {
      // The first line moves no clock, since a jump of time is believed when a second one agrees.
      assert.equal(counts['time-jump'], 1)
      assert.deepEqual(served[0], {})
      assert.deepEqual(served.slice(1), features(after.slice(1)).out)
    })
}

/**
 * Sets that may say ready on the first line after an hour of silence: their windows are so many
 * bars, snapshots or trades, whatever the time between them, or counts of an hour that are 0 then.
 * Every other has to wait for lines of the time.
 */
const BY_COUNT: readonly SetName[] = ['sequence', 'price', 'volatility', 'pool', 'sizes', 'whales']

test('an hour later no set is ready by what was known before, but those of counted lines', () => {
  const { served } = AFTER[0]!
  for (const name of SET_NAMES) {
    const first = served.find(at => at[name] !== undefined)?.[name]
    assert.equal(first?.ready, BY_COUNT.includes(name), `${name} on ${SETS[name].kinds}`)
    if (first?.ready === false) assert.match(first.reason ?? '', /hour|minutes|seconds/)
  }
})

test('shares of regimes wait for an hour that was watched, and are then those of the time', () => {
  for (const { after, served } of AFTER) {
    const ready = served.flatMap((at, i) => (at.regime?.ready ? [after[i]!.ts - after[0]!.ts] : []))
    const [first = 0] = ready
    assert.ok(first >= 59 * MINUTE && first <= 62 * MINUTE, `${first / MINUTE} minutes`)
    const values = served.findLast(at => at.regime !== undefined)?.regime?.values
    assert.equal(values?.pools, 1)
  }
})
