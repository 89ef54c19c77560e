import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeRng } from '../../../../lib/base/rng.ts'
import type { Order } from '../../../../lib/records/order.ts'
import type { Rec } from '../../../../lib/records/record.ts'
import type { ExecuteFlags } from '../../../../lib/trade/execute/execute-flags.ts'
import { withCostsOf } from '../../../../lib/trade/execute/read-costs.ts'
import { LEAST_ROWS, makeCostsFit } from '../../../../lib/trade/paper/fit-costs.ts'

const T = 1_763_685_000_000
const envelope = { v: 1 as const, mint: 'M', source: 'execute' }

function order(n: number, state: Order['state'], ts: number, more: Partial<Order> = {}): Rec {
  const intent = `buy:M:d${n}`
  const about = {
    intent,
    cause: `d${n}`,
    venue: 'jupiter-v1',
    side: 'buy' as const,
    attempt: 1,
    decidedAt: T,
  }
  return {
    ...envelope,
    id: `${intent}#${ts}`,
    ts,
    kind: 'order',
    order: { ...about, state, reasons: [], ...more },
  }
}
const fill = (n: number, priority: bigint, gapBps: number): Rec => ({
  ...envelope,
  id: `buy:M:d${n}#fill1`,
  ts: T,
  kind: 'fill' as const,
  fill: {
    intent: `buy:M:d${n}`,
    side: 'buy',
    inAmount: '1',
    outAmount: '1',
    feeLamports: '5000',
    priorityFeeLamports: String(priority),
    gapBps,
  },
})

/** Trades of a network with these costs, drawn here and not by the code under test. */
function drawn(
  n: number,
  { latency, jitter, revert, expire }: Record<string, number>,
  seed: string,
): Rec[] {
  const rng = makeRng(seed)
  return Array.from({ length: n }, (_, i): Rec[] => {
    const luck = rng.next()
    const sent = order(i, 'sent', T + 1)
    if (luck < expire!) return [sent, order(i, 'expired', T + 60_000)]
    if (luck < expire! + revert!) return [sent, order(i, 'reverted', T + 700)]
    const at = T + Math.round(latency! - jitter! * Math.log(1 - rng.next()))
    return [
      sent,
      fill(i, BigInt(10_000 + rng.below(20_001)), 20 + 10 * rng.normal()),
      order(i, 'landed', at),
    ]
  }).flat()
}

const fitOf = (recs: readonly Rec[]) => {
  const fit = makeCostsFit()
  for (const rec of recs) fit.take(rec)
  return fit.value()
}

test('parameters that trades were drawn from come back within their standard errors', () => {
  const n = 4000
  const real = { latency: 800, jitter: 400, revert: 0.05, expire: 0.1 }
  for (const seed of ['a', 'b', 'c']) {
    const { fitted, short } = fitOf(drawn(n, real, seed))
    assert.deepEqual(short, {})
    const landed = n * (1 - real.revert - real.expire)
    // Standard errors: mean of an exponential over n, a share, the median of a uniform and of a
    // normal; four of each.
    const near = (value: number | undefined, expected: number, error: number): void =>
      assert.ok(
        Math.abs((value ?? Number.NaN) - expected) <= 4 * error,
        `${value} is not near ${expected} (${error})`,
      )
    near(fitted.jitter, real.jitter, real.jitter / Math.sqrt(landed))
    near(fitted.latency, real.latency, 1 + real.jitter / landed)
    near(fitted.revertRate, real.revert, Math.sqrt((real.revert * (1 - real.revert)) / n))
    near(fitted.expireRate, real.expire, Math.sqrt((real.expire * (1 - real.expire)) / n))
    near(Number(fitted.priorityFee), 20_000, 20_000 / (2 * Math.sqrt(landed)))
    near(fitted.slippageBps, 20, (10 * 1.2533) / Math.sqrt(landed))
    assert.equal(fitted.networkFee, 5000n)
  }
})

test('what was never sent, and what the price reverted, is not the network’s luck', () => {
  const recs = Array.from({ length: 100 }, (_, i) => [
    order(i, 'sent', T + 1),
    // Half of them ask for more than the pool gives.
    i % 2 === 0
      ? order(i, 'reverted', T + 500, { reasons: ['slippage'] })
      : order(i, 'landed', T + 500),
    order(i + 1000, 'expired', T + 10, { reasons: ['stale'] }),
    order(i + 2000, 'refused', T, { reasons: ['cash'] }),
  ]).flat()
  const { fitted } = fitOf(recs)
  assert.deepEqual(
    [fitted.revertRate, fitted.expireRate, fitted.latency, fitted.jitter],
    [0, 0, 500, 0],
  )
  // Two tries of one intent are two: the first expired, the second landed.
  const twice = Array.from({ length: 40 }, (_, i) => [
    ...[order(i, 'sent', T + 1), order(i, 'expired', T + 60_000)],
    ...[
      order(i, 'sent', T + 60_001, { attempt: 2 }),
      order(i, 'landed', T + 60_500, { attempt: 2 }),
    ],
  ]).flat()
  assert.equal(fitOf(twice).fitted.expireRate, 0.5)
})

test('with too few rows a parameter keeps its default, each by its own count', () => {
  const few = fitOf(drawn(LEAST_ROWS - 1, { latency: 1, jitter: 1, revert: 0, expire: 0 }, 'x'))
  assert.deepEqual(few.fitted, {})
  assert.equal(few.short.latency, LEAST_ROWS - 1)
  assert.deepEqual(fitOf([]).short, {
    latency: 0,
    jitter: 0,
    revertRate: 0,
    expireRate: 0,
    networkFee: 0,
    priorityFee: 0,
    slippageBps: 0,
  })
  const failing = fitOf(drawn(100, { latency: 1, jitter: 1, revert: 0.45, expire: 0.45 }, 'y'))
  assert.ok((failing.fitted.expireRate ?? 0) > 0.3)
  assert.equal(failing.fitted.latency, undefined)
})

test('a file, or a ledger with its head, fills in what nobody set, and says so', async t => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-costs-'))
  t.after(() => rmSync(dir, { recursive: true }))
  const path = join(dir, 'live.ndjson')
  const head = '{"ledger":"sluice","v":1,"mode":"live","cashLamports":"5"}'
  const recs = drawn(200, { latency: 800, jitter: 400, revert: 0.1, expire: 0 }, 'z')
  writeFileSync(path, `${[head, ...recs.map(rec => JSON.stringify(rec))].join('\n')}\n`)
  const said: string[] = []
  const log = {
    info: (text: string) => said.push(text),
    warn: (text: string) => said.push(text),
    error() {},
  }
  const flags = {
    latency: 1,
    jitter: 2,
    revertRate: 0.5,
    expireRate: 0.5,
    networkFee: 1n,
  } as ExecuteFlags
  const about = { signal: new AbortController().signal, log: log as never }
  const found = await withCostsOf(path, flags, flag => flag === 'latency', about)
  const { fitted } = fitOf(recs)
  assert.deepEqual(found, { ...flags, ...fitted, latency: 1 })
  assert.match(said.join('\n'), /jitter \d+, revertRate 0\.\d{4}/)
  assert.doesNotMatch(said.join('\n'), /latency/)
  writeFileSync(path, `${head}\n${JSON.stringify(recs[0])}\n`)
  said.length = 0
  assert.deepEqual(await withCostsOf(path, flags, () => false, about), flags)
  assert.match(
    said[0] ?? '',
    /latency keeps its default: 0 rows say something of it, 30 are needed/,
  )
})
