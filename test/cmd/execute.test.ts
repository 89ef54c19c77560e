import assert from 'node:assert/strict'
import { test } from 'node:test'
import execute from '../../cmd/execute.ts'
import type { StepCommand } from '../../lib/cli/command.ts'
import { TRADE_RULES } from '../../lib/decide/trade-rules.ts'
import { fits } from '../../lib/records/check.ts'
import { buyNow, candle, MINT, market, POOL, T, tick } from '../kit/market-lines.ts'
import { contextOf, runStep } from '../kit/step.ts'

/** No luck, a fixed latency: outcomes follow from the lines alone. */
const PLAIN = { latency: 900, jitter: 0, revertRate: 0, expireRate: 0 }
async function run(lines: string[], flags: object = {}, chunk = 1): Promise<any[]> {
  const step = await (execute as StepCommand<any>).make(
    contextOf(execute, { ...PLAIN, ...flags } as never),
  )
  const out = (await runStep(step, lines, chunk)).map(raw => JSON.parse(raw))
  for (const rec of out) {
    assert.ok(fits('envelope', rec), JSON.stringify(rec))
    assert.ok(fits(rec.kind, rec[rec.kind]), JSON.stringify(rec))
  }
  return out
}
const kinds = (out: any[]): string[] =>
  out.map(rec => rec.order?.state ?? rec.position?.status ?? rec.kind)
const BASE = 206_900_000_000_000n
const QUOTE = 79_000_000_000n
/** x·y = k with a fee of 25 bps, rounded up, taken from what is paid. */
const swap = (x: bigint, y: bigint, dx: bigint): bigint => {
  const net = dx - (dx * 25n + 9999n) / 10_000n
  return (y * net) / (x + net)
}

test('a buy: quoted at the decision, filled on the first reserves after the latency', async () => {
  const drifted = 79_300_000_000n
  const base = (BASE * QUOTE) / drifted
  const out = await run([
    market(T, BASE, QUOTE, buyNow()),
    market(T + 500, BASE, QUOTE),
    market(T + 900, base, drifted),
  ])
  assert.deepEqual(kinds(out), ['planned', 'fill', 'landed', 'open'])
  const [planned, fill, landed, position] = out
  const intent = `buy:${MINT}:market:${POOL}:${T}`
  assert.equal(planned.id, `${intent}#1`)
  assert.equal(planned.ts, T)
  // 206.9e12 × 86246842 / (79e9 + 86246842); 1.5 % less
  assert.equal(planned.order.quotedAmount, '225633056597')
  assert.equal(planned.order.minOutAmount, '222248560748')
  assert.deepEqual([fill.id, fill.ts, landed.id], [`${intent}#fill1`, T + 900, `${intent}#2`])
  assert.equal(fill.fill.outAmount, String(swap(drifted, base, 86_463_000n)))
  assert.equal(fill.fill.poolFeeAmount, '216158')
  assert.deepEqual(
    [fill.fill.feeLamports, fill.fill.priorityFeeLamports, fill.fill.rentLamports, fill.fill.slots],
    // (128 + 165) × 5,080 lamports; 900 ms of slots of 214.
    ['5000', '20000', '1488440', 4],
  )
  // the price rose by (79.3/79)² − 1 = 0.761 %, so that much less comes
  assert.ok(Math.abs(fill.fill.gapBps - 75.5) < 1, String(fill.fill.gapBps))
  assert.equal(position.position.entry.confidence, 0.72926)
  assert.equal(position.position.costLamports, '86463000')
})

test('a fill never comes from reserves of before the latency, however little is told', async () => {
  const lines = [market(T, BASE, QUOTE, buyNow()), market(T + 899, BASE * 2n, QUOTE)]
  assert.deepEqual(kinds(await run(lines)), ['planned'])
  // The pool says nothing more: after 10 s of silence its last reserves stand.
  assert.deepEqual(kinds(await run([...lines, tick(T + 10_899)])), ['planned'])
  const out = await run([...lines, tick(T + 10_900)])
  assert.deepEqual(kinds(out), ['planned', 'fill', 'landed', 'open'])
  assert.equal(out[1].fill.outAmount, String(swap(QUOTE, BASE * 2n, 86_463_000n)))
})

test('a price that ran away reverts the buy: fees are paid, no position is left', async () => {
  const out = await run([market(T, BASE, QUOTE, buyNow()), market(T + 1000, BASE / 2n, QUOTE * 2n)])
  assert.deepEqual(kinds(out), ['planned', 'reverted'])
  assert.deepEqual([out[1].order.reasons, out[1].order.feeLamports], [['slippage'], '25000'])
})

const bought = [market(T, BASE, QUOTE, buyNow()), market(T + 1000, BASE, QUOTE)]
/** Reserves after the price of the pool was multiplied. */
const at = (factor: number): [bigint, bigint] => {
  const root = BigInt(Math.round(Math.sqrt(factor) * 1e6))
  return [(BASE * 1_000_000n) / root, (QUOTE * root) / 1_000_000n]
}

test('stop-loss: sold at what the pool gives after the trigger, not at the stop', async () => {
  const out = await run([...bought, market(T + 5000, ...at(0.8)), market(T + 6000, ...at(0.78))])
  assert.deepEqual(kinds(out.slice(4)), ['planned', 'fill', 'landed', 'closed'])
  const [planned, fill, , closed] = out.slice(4)
  const held = BigInt(out[1].fill.outAmount)
  const [base, quote] = at(0.8)
  assert.equal(planned.order.quotedAmount, String(swap(base, quote, held)), 'quoted at the trigger')
  const [laterBase, laterQuote] = at(0.78)
  assert.equal(
    fill.fill.outAmount,
    String(swap(laterBase, laterQuote, held)),
    'filled at the landing',
  )
  const proceeds = BigInt(fill.fill.outAmount)
  assert.equal(closed.position.exit, 'stop-loss')
  assert.equal(closed.position.pnlLamports, String(proceeds - 86_463_000n - 50_000n))
  assert.equal(closed.position.rentLamports, '0')
  assert.deepEqual(closed.position.outcome.profitable, false)
})

test('take-profit ladder: half at +25 %, the rest at +50 %, both after a jump', async () => {
  const steps = [
    market(T + 5000, ...at(1.3)),
    market(T + 6000, ...at(1.3)),
    market(T + 7000, ...at(1.6)),
  ]
  const out = await run([...bought, ...steps, market(T + 8000, ...at(1.6))])
  const sells = out.filter(rec => rec.fill?.side === 'sell')
  const held = BigInt(out[1].fill.outAmount)
  assert.deepEqual(
    sells.map(rec => rec.fill.inAmount),
    [String(held / 2n), String(held - held / 2n)],
  )
  assert.equal(out.at(-1).position.exit, 'take-profit')
  assert.equal(out.at(-1).position.outcome.profitable, true)
  const jump = await run([...bought, market(T + 5000, ...at(2)), market(T + 6000, ...at(2))])
  assert.equal(jump.filter(rec => rec.fill?.side === 'sell').length, 1)
  assert.equal(jump.at(-1).position.status, 'closed')
})

test('trailing stop, time stop, rug risk and sell decisions', async () => {
  // up 20 % (below the ladder), then 13 % down from there: 1.2 × 0.87 = 1.044
  const trail = await run([
    ...bought,
    market(T + 5000, ...at(1.2)),
    market(T + 6000, ...at(1.04)),
    market(T + 7000, ...at(1.04)),
  ])
  assert.equal(trail.at(-1).position.exit, 'trailing-stop')
  assert.ok(Math.abs(trail.at(-1).position.peak - 0.19) < 0.02)
  const FOUR_HOURS = 4 * 3_600_000
  const timed = await run([...bought, tick(T + 1000 + FOUR_HOURS), tick(T + 20_000 + FOUR_HOURS)])
  assert.equal(timed.at(-1).position.exit, 'time-stop')
  const rug = market(T + 5000, ...at(1), {
    decision: { act: 'drop', rugRisk: 0.7, reasons: ['rug-risk'] },
  })
  assert.equal(
    (await run([...bought, rug, market(T + 6000, ...at(0.9))])).at(-1).position.exit,
    'rug',
  )
  const regime = market(T + 5000, ...at(1), {
    features: { pool: { hash: 'x', ready: true, regime: 'rug-dump' } },
  })
  assert.equal(
    (await run([...bought, regime, market(T + 6000, ...at(0.9))])).at(-1).position.exit,
    'rug',
  )
  const sell = market(T + 5000, ...at(1), { decision: { act: 'sell', exit: 'model', reasons: [] } })
  assert.equal(
    (await run([...bought, sell, market(T + 6000, ...at(1))])).at(-1).position.exit,
    'model',
  )
})

test('a sell below its tolerance is tried wider; without money an orphan stays', async () => {
  const fall = [0.8, 0.7, 0.69].map((factor, i) => market(T + 5000 + i * 1000, ...at(factor)))
  const out = await run([...bought, ...fall])
  assert.deepEqual(kinds(out.slice(4)), [
    'planned',
    'reverted',
    'planned',
    'fill',
    'landed',
    'closed',
  ])
  assert.deepEqual([out[6].order.attempt, out[6].order.slippageBps], [2, 600])
  assert.equal(out.at(-1).position.feesLamports, '75000')
  const dry = Array.from({ length: 12 }, (_, i) => market(T + 5000 + i * 1000, 2n ** 64n - 1n, 1n))
  const orphan = await run([...bought, ...dry])
  assert.equal(orphan.at(-1).position.status, 'orphan')
  assert.equal(orphan.filter(rec => rec.order?.state === 'reverted').length, 8)
})

test('refusals name their rules', async () => {
  const cases: [string, string[], object][] = [
    ['cash', [market(T, BASE, QUOTE, buyNow())], { cash: 50_000_000n }],
    ['per-trade', [market(T, BASE, QUOTE, buyNow())], { maxPerTrade: 1n }],
    ['per-day', [market(T, BASE, QUOTE, buyNow())], { maxPerDay: 86_462_999n }],
    ['positions', [market(T, BASE, QUOTE, buyNow())], { maxPositions: 0 }],
    [
      'unknown',
      [market(T, BASE, QUOTE, buyNow('1000', { unknown: ['mint'] }))],
      { strictUnknown: true },
    ],
    ['kill-switch', [market(T, BASE, QUOTE, buyNow())], { killSwitch: '/proc/self/status' }],
    ['stale', [tick(T + 10_001), market(T, BASE, QUOTE, buyNow())], {}],
    ['duplicate', [...bought, market(T + 2000, BASE, QUOTE, buyNow())], {}],
    ['duplicate', [market(T, BASE, QUOTE, buyNow()), market(T, BASE, QUOTE, buyNow())], {}],
    [
      'daily-loss',
      [
        ...bought,
        market(T + 5000, ...at(0.8)),
        market(T + 6000, ...at(0.8)),
        market(T + 7000, ...at(0.8), buyNow()),
      ],
      { maxDailyLoss: 1_000_000n },
    ],
    [
      'streak',
      [
        ...bought,
        market(T + 5000, ...at(0.8)),
        market(T + 6000, ...at(0.8)),
        market(T + 7000, ...at(0.8), buyNow()),
      ],
      { maxStreak: 1 },
    ],
    [
      'drawdown',
      [
        ...bought,
        market(T + 5000, ...at(0.8)),
        market(T + 6000, ...at(0.8)),
        market(T + 7000, ...at(0.8), buyNow()),
      ],
      { maxDrawdown: 0.001 },
    ],
  ]
  for (const [rule, lines, flags] of cases) {
    const refused = (await run(lines, flags)).at(-1)
    assert.deepEqual(
      [rule, refused.order?.state, refused.order?.reasons],
      [rule, 'refused', [rule]],
    )
  }
  const priceless = JSON.stringify({
    v: 1,
    id: 'x',
    ts: T,
    kind: 'token',
    mint: MINT,
    source: 't',
    token: {},
    ...buyNow(),
  })
  assert.deepEqual((await run([priceless])).at(-1).order.reasons, ['no-price'])
})

test('without reserves: the open of the next bar; costs are cash beside the price', async () => {
  // 1 SOL at 0.002. Volume 1000 tokens at 0.002 = 2 SOL; at 30 bps that is a depth of 666.67
  // SOL, so the impact of 1 SOL is 1 / 667.67 = 0.0014977533. Pool 0.0025, slippage 0.003. What is
  // left buys: 1 − 0.0069977533 = 0.9930022467 SOL → 496.50112335 tokens at 0.002.
  const lines = [
    candle(T, [0.001, 0.003, 0.001, 0.002, 1000], buyNow('1000000000'), MINT, 'sol'),
    candle(T + 300_000, [0.002, 0.00209, 0.0019, 0.00205, 1000], {}, MINT, 'sol'),
  ]
  const out = await run(lines)
  assert.deepEqual(kinds(out), ['planned', 'fill', 'landed', 'open'])
  const { fill } = out[1]
  assert.equal(fill.priceSol, 0.002)
  assert.deepEqual(
    [fill.inAmount, fill.costs.poolLamports, fill.costs.slippageLamports],
    ['993002247', '2500000', '3000000'],
  )
  assert.equal(fill.costs.impactLamports, '1497753')
  assert.ok(Math.abs(Number(fill.outAmount) - 496.501123e9) < 1000)
  // Asked: 25 + 30 + 14.977533 bps, and 5000 + 20,000 lamports of a billion = 0.25 bps.
  assert.ok(Math.abs(fill.costs.askedBps - 70.227533) < 1e-4, String(fill.costs.askedBps))
  // A flat bar costs the same: its price has no room for costs, its cash has.
  const flat = await run([
    lines[0]!,
    candle(T + 300_000, [0.002, 0.002, 0.002, 0.002, 1000], {}, MINT, 'sol'),
  ])
  assert.deepEqual(flat[1].fill.costs, fill.costs)
  const late = await run([
    lines[0]!,
    candle(T + 3_600_000, [0.002, 0.00209, 0.0019, 0.00205, 1000], {}, MINT, 'sol'),
  ])
  assert.deepEqual([kinds(late), late[1].order.reasons], [['planned', 'expired'], ['no-candle']])
})

test('there and back at one price costs both sides once, to the lamport', async () => {
  const flat = (n: number, more = {}) =>
    candle(T + n * 300_000, [0.002, 0.002, 0.002, 0.002, 1e9], more, MINT, 'sol')
  const sell = { decision: { act: 'sell', reasons: [] } }
  const out = await run([flat(0, buyNow('1000000000')), flat(1), flat(2, sell), flat(3)], {
    slippageBps: 300,
    poolFeeBps: 25,
    relayTip: 1000n,
  })
  // Of 1 SOL 3.25 % stay behind: 0.9675 buy 483.75 tokens. They bring 0.9675, of which 3.25 % are
  // 0.03144375. Impact: 1 / (2e6 / 0.03 + 1) = 1.5e-8 = 15 lamports, and 14.5 of 0.9675, floored.
  // 0.002 as a float is a little more, so one unit less comes.
  const { position } = out.at(-1)
  const [buy, sold] = out.filter(rec => rec.fill).map(rec => rec.fill)
  assert.deepEqual(
    [buy.inAmount, buy.outAmount, buy.costs.impactLamports],
    ['967499985', '483749992499', '15'],
  )
  assert.deepEqual([sold.inAmount, sold.tipLamports], ['483749992499', '1000'])
  const costs = ({ costs, feeLamports, priorityFeeLamports, tipLamports }: any) =>
    [...Object.values(costs).slice(0, 3), feeLamports, priorityFeeLamports, tipLamports]
      .map(Number)
      .reduce((a, b) => a + b)
  assert.equal(costs(buy), 32_500_015 + 26_000)
  assert.equal(Number(position.feesLamports), costs(buy) + costs(sold))
  assert.equal(
    Number(position.pnlLamports),
    Number(sold.outAmount) - 967_499_985 - costs(buy) - costs(sold),
  )
  assert.ok(Math.abs(Number(position.pnlLamports) + 32_500_015 + 31_443_765 + 52_000) < 5)
})

test('an order waits for the next bar in which somebody traded', async () => {
  const quiet = Array.from({ length: 5 }, (_, i) =>
    candle(T + (i + 1) * 300_000, [0.002, 0.002, 0.002, 0.002, 0], {}, MINT, 'sol'),
  )
  const traded = candle(T + 6 * 300_000, [0.0021, 0.0022, 0.0019, 0.00205, 1000], {}, MINT, 'sol')
  const first = candle(T, [0.001, 0.003, 0.001, 0.0021, 1000], buyNow(), MINT, 'sol')
  const out = await run([first, ...quiet, traded])
  assert.deepEqual([kinds(out)[1], out[1].ts], ['fill', T + 1_800_000])
  assert.ok(Math.abs(out[1].fill.priceSol / 0.0021 - 1) < 1e-9)
  // Told by a mark as well as by a volume of nothing; a pause that nobody told kills it as before.
  const filled = quiet.map(line => line.replace('"volume":0', '"volume":0,"filled":true'))
  assert.deepEqual(await run([first, ...filled, traded]), out)
  assert.deepEqual(kinds(await run([first, traded])), ['planned', 'expired'])
})

test('the liquidity that lines tell makes the impact: half of it is the depth', async () => {
  // 198,000 USD of liquidity at 100 USD a SOL: a depth of 990 SOL; 10 SOL / (990 + 10) = 1 %.
  const told = {
    market: { dex: 'raydium', liquidityUsd: 198_000, priceUsd: 0.2, priceSol: 0.002 },
    ...buyNow('10000000000'),
  }
  const flags = { maxPerTrade: 10n ** 12n, cash: 100n * 10n ** 9n, maxPerDay: 10n ** 12n }
  const out = await run(
    [
      candle(T, [0.002, 0.002, 0.002, 0.002, 1000], told, MINT, 'sol'),
      candle(T + 300_000, [0.002, 0.0022, 0.0019, 0.00205, 1000], {}, MINT, 'sol'),
    ],
    flags,
  )
  assert.equal(out[1].fill.costs.impactLamports, '100000000')
})

test(
  'cash is in the currency of the candles, fees as shares of it, no deposit; a second currency ' +
    'ends the run',
  async () => {
    const usd = [
      candle(T, [50_000, 50_000, 50_000, 50_000, 10], buyNow('1000000000'), 'BTC', 'usd'),
      candle(T + 300_000, [50_000, 51_000, 49_000, 50_500, 10], {}, 'BTC', 'usd'),
    ]
    const out = await run(usd)
    const { fill } = out[1]
    assert.deepEqual(
      [fill.currency, fill.priceSol, fill.feeLamports, fill.rentLamports],
      // 0.000005 of 10 is the network’s share of any cash.
      ['usd', undefined, '5000', undefined],
    )
    assert.equal(out[3].position.entryPriceSol, undefined)
    await assert.rejects(
      run([...usd, candle(T + 600_000, [1, 1, 1, 1, 1], buyNow(), 'CAT', 'sol')]),
      /candle.currency: expected prices in usd like the orders before, got sol/,
    )
  },
)

test('warm lines teach prices, but nobody trades on them', async () => {
  const warm = market(T, BASE, QUOTE, { warm: true, ...buyNow() })
  assert.deepEqual(await run([warm, market(T + 1000, BASE, QUOTE)]), [])
})

test('luck comes from the seed and the intent: failures cost fees, drops nothing', async () => {
  const reverted = await run(bought, { revertRate: 1 })
  assert.deepEqual(
    [kinds(reverted), reverted[1].order.reasons],
    [['planned', 'reverted'], ['failed-on-chain']],
  )
  // 150 blocks of 214 ms.
  const dropped = await run([...bought, tick(T + 32_099), tick(T + 32_100)], { expireRate: 1 })
  assert.deepEqual(
    [kinds(dropped), dropped[1].ts, dropped[1].order.feeLamports],
    [['planned', 'expired'], T + 32_100, undefined],
  )
})

test('drained, absurd and lying pools: no fill, no profit, no crash', async () => {
  for (const [base, quote] of [
    [BASE, 0n],
    [0n, QUOTE],
    [0n, 0n],
    [10n ** 37n, 1n],
  ] as const) {
    const out = await run([
      ...bought,
      ...Array.from({ length: 12 }, (_, i) => market(T + 5000 + i * 1000, base, quote)),
    ])
    assert.equal(out.filter(rec => rec.fill?.side === 'sell').length, 0, `${base}/${quote}`)
    if (base === 0n || quote === 0n)
      assert.deepEqual((await run([market(T, base, quote, buyNow())])).at(-1).order.reasons, [
        'no-price',
      ])
  }
  for (const feeBps of [-500, 10_000, 999_999]) {
    const lie = market(T, BASE, QUOTE, buyNow()).replace('"feeBps":25', `"feeBps":${feeBps}`)
    assert.deepEqual((await run([lie])).at(-1).order.reasons, ['no-price'])
  }
  const bars: number[][] = [
    [0, 0, 0, 0, 0],
    [1e308, 1e308, 1e308, 1e308, 0],
    [5e-324, 5e-324, 5e-324, 5e-324, 1],
    [2, 1, 3, 2, 1],
  ]
  for (const bar of bars) {
    const lines = [
      candle(T, bar, buyNow(), MINT, 'sol'),
      candle(T + 300_000, bar, {}, MINT, 'sol'),
      candle(T + 600_000, [1, 1, 1, 1, 1], {}, MINT, 'sol'),
    ]
    for (const rec of await run(lines))
      assert.ok(rec.order !== undefined || rec.fill !== undefined || rec.position !== undefined)
  }
})

test('the flag offers every rule, in the order of the list', () => {
  assert.deepEqual(
    execute.flags.without?.choices,
    TRADE_RULES.map(({ name }) => name),
  )
})

test('--live wants the wall clock, and a configuration that says so', async () => {
  await assert.rejects(run([], { live: true }), /--live: only by itself in a shell pipe/)
  const context = { ...contextOf(execute, { live: true }), deterministic: false }
  await assert.rejects(
    async () => (execute as StepCommand<any>).make(context),
    /live.enabled: expected true/,
  )
})
