import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeRng } from '../../../lib/base/rng.ts'
import { changeOf } from '../../../lib/label/change.ts'
import { outcomeOf } from '../../../lib/label/outcome.ts'
import type { Label } from '../../../lib/records/label.ts'
import type { Line } from '../../../lib/stream/line.ts'
import { HOUR, MIN, market, run, tick, trade } from './stream.ts'

/** What the design says, read literally and slowly: look at all lines after the anchor. */
function slowLabel(
  lines: readonly Line[],
  anchor: Line,
  length: number,
): Partial<Label> | undefined {
  const { ts, mint } = anchor.rec
  const base = anchor.rec.market!.priceSol!
  const later = lines.filter(({ rec }) => rec.mint === mint && rec.ts > ts && rec.ts <= ts + length)
  const prices = later.flatMap(({ rec }) =>
    rec.market?.priceSol === undefined ? [] : [[rec.ts, rec.market.priceSol] as const],
  )
  // Without any trade of the token until then, it is unknown whether the stream tells trades.
  const hasTrades = lines.some(
    ({ rec }) => rec.mint === mint && rec.trade !== undefined && rec.ts <= ts + length,
  )
  const big = later.filter(({ rec }) => BigInt(rec.trade?.quoteAmount ?? 0) >= 10_000_000_000n)
  const whales = hasTrades ? { whaleTrades: big.length } : {}
  const last = prices.at(-1)
  if (last === undefined) return { censored: true, reason: 'no-prices', ...whales }
  const [high, low] = [Math.max(...prices.map(([, p]) => p)), Math.min(...prices.map(([, p]) => p))]
  const hour = prices.filter(([at]) => at <= ts + HOUR).map(([, p]) => p)
  return {
    return: changeOf(base, last[1]),
    peak: changeOf(base, high),
    trough: changeOf(base, low),
    ...whales,
    peakAt: prices.find(([, p]) => p === high)![0]!,
    troughAt: prices.find(([, p]) => p === low)![0]!,
    outcome: outcomeOf(changeOf(base, last[1]), [-0.8, -0.3, -0.05, 0.05, 0.3, 1]),
    rug: low / base <= 0.2,
    coverage:
      new Set(prices.map(([at]) => Math.ceil((at - ts) / (5 * MIN)))).size / (length / (5 * MIN)),
    censored: ts + length - last[0] > length / 4,
    ...(hour.length > 0 ? { profitable: changeOf(base, Math.max(...hour)) >= 0.03 } : {}),
  }
}

/** Two days of two tokens that move, fall silent and trade. */
function makeLines(seed: number): Line[] {
  const rng = makeRng(`brute-${seed}`)
  const lines: Line[] = []
  const price: Record<string, number> = { CAT: 1, DOG: 1 }
  for (
    let at = MIN;
    at < 30 * HOUR;
    at += rng.below(10 * MIN) + (rng.next() < 0.03 ? 2 * HOUR : 1)
  ) {
    const mint = rng.next() < 0.5 ? 'CAT' : 'DOG'
    price[mint] = price[mint]! * Math.exp(rng.normal() * 0.2)
    lines.push(market(at, price[mint]!, { mint }, rng.next() < 0.3))
    if (rng.next() < 0.3) lines.push(trade(at, 1 + rng.below(20)))
  }
  return [...lines, tick(60 * HOUR)]
}

test('labels are those of a slow and literal reading, on random streams', () => {
  let compared = 0
  for (let seed = 1; seed <= 6; seed++) {
    const lines = makeLines(seed)
    const byId = new Map(lines.map(line => [line.rec.id, line]))
    for (const { id, label } of run(lines, {
      horizons: ['h1', 'h6', 'h24'],
      wentQuiet: 'unknown',
    })) {
      const anchor = byId.get(id)!
      const length = { h1: 1, h6: 6, h24: 24 }[label?.horizon as 'h1'] * HOUR
      const slow = slowLabel(lines, anchor, length)
      const got = label as unknown as Record<string, unknown>
      for (const [key, value] of Object.entries(slow ?? {})) {
        assert.deepEqual(got[key], value, `seed ${seed} ${id} ${label?.horizon} ${key}`)
      }
      if (anchor.rec.mint === 'DOG') assert.equal(got.whaleTrades, undefined)
      assert.equal(label?.availableAt, anchor.rec.ts + length)
      compared++
    }
  }
  assert.ok(compared > 500, `only ${compared} labels compared`)
})
