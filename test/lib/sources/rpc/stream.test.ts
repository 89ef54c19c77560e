import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { makeRng } from '../../../../lib/base/rng.ts'
import type { Rec } from '../../../../lib/records/record.ts'
import { openExchange } from '../../../exchange/http.ts'
import { makeMarket } from '../../../exchange/market.ts'
import { type Node, openNode, pumpTransaction, type Transaction } from '../../../exchange/node.ts'
import { account, bool, discriminator, u64 } from '../decode/bytes.ts'
import { inFrame, PROGRAMS } from '../decode/fixtures.ts'
import { of, run } from '../live/run.ts'

const market = makeMarket({ seed: 'chain', days: 0.2, tokensPerHour: 12, until: Date.now() })
const [mint = ''] = market.mints
const curve = market.latest(mint)?.pool ?? ''
const trades = market.lines.filter(rec => rec.kind === 'trade' && rec.mint === mint)
const make = (rec: Rec): Transaction => pumpTransaction(rec, curve)

const curveAccount = account(151, {
  0: discriminator('account', 'BondingCurve'),
  8: u64(1_073_000_000_000_000n),
  16: u64(30_000_000_000n),
  40: u64(10n ** 15n),
  48: bool(false),
})
const mintAccount = account(82, { 36: u64(10n ** 15n), 44: Buffer.from([6]), 45: bool(true) })

async function until(what: string, is: () => boolean): Promise<void> {
  for (let i = 0; i < 1500 && !is(); i++) await wait(10)
  assert.ok(is(), what)
}

/** Until a node has not been asked anything for a while: a run that ends then cuts no question. */
async function quiet({ asked }: Node): Promise<void> {
  const sum = (): number => [...asked.values()].reduce((all, n) => all + n, 0)
  for (let before = -1; before !== sum(); await wait(1000)) before = sum()
}

async function withNode(
  act: (node: Node, seen: () => readonly Rec[]) => Promise<void>,
  flags: object = {},
): Promise<{ lines: Rec[]; counts: Map<string, number>; said: string[] }> {
  const exchange = await openExchange(market, makeRng('chain'))
  const node = await openNode()
  node.accounts.set(curve, { owner: PROGRAMS['pump.fun'], data: curveAccount })
  node.accounts.set(mint, {
    owner: 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA',
    data: mintAccount,
  })
  let seen: readonly Rec[] = []
  let isDone = false
  const acting = until('the pool is listened to', () => node.subscriptions() > 0)
    .then(() => act(node, () => seen))
    .finally(() => (isDone = true))
  // Told by the await below, after the run has ended.
  acting.catch(() => undefined)
  try {
    const given = {
      mints: [mint],
      history: 0,
      rpc: node.url,
      base: [`dexscreener=${exchange.url}`],
      ...flags,
    }
    const done = await run(
      { providers: ['dexscreener', 'rpc'], tick: 1000, ...given },
      lines => {
        seen = lines
        return isDone
      },
      { speed: 5, timeoutMs: 30_000 },
    )
    await acting
    return done
  } finally {
    node.close()
    exchange.close()
  }
}

test('trades of a followed pool: each once, amounts and reserves to the unit', async () => {
  const some = trades.slice(0, 40)
  const { lines } = await withNode(async (node, seen) => {
    for (const rec of some) node.land(make(rec), 1 + (rec.ts % 3))
    await until('all trades', () => of(seen(), 'trade').length >= some.length)
  })
  const got = of(lines, 'trade')
  assert.deepEqual(
    got.map(({ trade }) => [
      trade?.signature,
      trade?.side,
      trade?.baseAmount,
      trade?.quoteAmount,
      trade?.baseReserveAmount,
    ]),
    some.map(({ trade }) => [
      trade?.signature,
      trade?.side,
      trade?.baseAmount,
      trade?.quoteAmount,
      trade?.baseReserveAmount,
    ]),
  )
  assert.ok(
    got.every(
      rec =>
        rec.pool === curve && rec.trade?.dex === 'pump.fun' && rec.trade.priceSol !== undefined,
    ),
  )
  const [fromChain] = of(lines, 'token').filter(({ source }) => source === 'rpc')
  assert.deepEqual([fromChain?.token?.mintRevoked, fromChain?.token?.decimals], [true, 6])
})

test(
  'a silent socket is cut, and what was missed is fetched; out of order, doubled, failed, ' +
    'forged and cut logs',
  async () => {
    const [live, missed, later] = [trades.slice(0, 10), trades.slice(10, 40), trades.slice(40, 50)]
    const startedAt = Date.now()
    let deadFor = 0
    const { lines, counts } = await withNode(async (node, seen) => {
      for (const rec of live) node.land(make(rec))
      await until('live ones', () => of(seen(), 'trade').length === live.length)
      node.mute()
      for (const rec of missed) node.land(make(rec))
      const mutedAt = Date.now()
      await until('a new socket', () => node.subscriptions() > 0)
      deadFor = Date.now() - mutedAt
      const [first, second, third, fourth, ...rest] = later.map(make) as [
        Transaction,
        Transaction,
        Transaction,
        Transaction,
      ]
      // The second comes before the first, the third twice; the fourth’s log is cut: it must be
      // fetched.
      node.land(second)
      node.land(first)
      node.land(third, 3)
      const whole = fourth.logs
      fourth.logs = [...whole.slice(0, 1), 'Log truncated']
      node.land(fourth)
      fourth.logs = whole
      for (const each of rest as Transaction[]) node.land(each)
      // A failed trade, and one that another program made up.
      node.land({ ...make(trades[60]!), failed: true })
      const forged = make(trades[61]!)
      node.land({
        ...forged,
        logs: inFrame('ComputeBudget111111111111111111111111111111', forged.logs[2]!),
      })
      await until('everything', () => of(seen(), 'trade').length >= 50)
      await quiet(node)
    })
    const got = of(lines, 'trade').map(({ trade }) => trade?.signature)
    const real = [...live, ...missed, ...later].map(({ trade }) => trade?.signature)
    assert.equal(new Set(got).size, got.length)
    assert.deepEqual([...got].sort(), [...real].sort())
    assert.equal(counts.get('transactions backfilled'), missed.length)
    // On a slow machine the silence may be noticed before the socket is.
    const gaps = of(lines, 'gap').filter(({ gap }) => !gap?.reason?.includes('silent'))
    assert.deepEqual(gaps, [])
    // 4 s of the source’s time, which runs five times as fast here, looked at every second; then a
    // handshake.
    assert.ok(deadFor < 5000, `${deadFor} ms of ${Date.now() - startedAt}`)
  },
)

test('what cannot be fetched is told in a gap line', async () => {
  const { lines } = await withNode(async (node, seen) => {
    node.land(make(trades[0]!))
    await until('the first', () => of(seen(), 'trade').length === 1)
    node.cut()
    for (const rec of trades.slice(1, 6))
      node.land({ ...make(rec), missing: rec === trades[3] || rec === trades[4] })
    await until('a gap', () => of(seen(), 'gap').length > 0)
  })
  const [gap] = of(lines, 'gap')
  assert.deepEqual([gap?.source, gap?.gap?.lost], ['rpc', 2])
  assert.match(gap?.gap?.reason ?? '', /transactions that the node does not have/)
  assert.equal(of(lines, 'trade').length, 4)
})

test('a socket breaks before the first message: what came between is fetched by time', async () => {
  const { lines } = await withNode(async (node, seen) => {
    node.cut()
    // Long before anybody listened, and now.
    node.land({ ...make(trades[0]!), blockTime: Math.floor(Date.now() / 1000) - 3600 })
    node.land({ ...make(trades[1]!), blockTime: Math.floor(Date.now() / 1000) + 30 })
    await until('the later one', () => of(seen(), 'trade').length > 0)
  })
  assert.deepEqual(
    of(lines, 'trade').map(({ trade }) => trade?.signature),
    [trades[1]?.trade?.signature],
  )
})
