import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Rec } from '../lib/records/record.ts'
import { makeRng } from '../lib/rng.ts'
import { openExchange } from './exchange/http.ts'
import { makeMarket } from './exchange/market.ts'
import { openNode, pumpTransaction } from './exchange/node.ts'
import { account, bool, discriminator, u64 } from './lib/sources/decode/bytes.ts'
import { PROGRAMS } from './lib/sources/decode/fixtures.ts'
import { run } from './lib/sources/live/run.ts'

/** SLUICE_SOAK_MINUTES=30 makes it a soak; by default it is over in seconds. */
const MINUTES = Number(process.env.SLUICE_SOAK_MINUTES ?? 0.1)
const PER_MINUTE = 10_000
const POOLS = 5

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Bytes in use after a collection. */
const heap = (): number => {
  collect()
  return process.memoryUsage().heapUsed
}

test(`${PER_MINUTE} messages a minute with random faults: every trade once, memory flat`, async t => {
  const market = makeMarket({ seed: 'soak', days: 0.2, tokensPerHour: 12, until: Date.now() })
  const rng = makeRng('soak')
  const exchange = await openExchange(market, rng.fork('http'), 0.1)
  const node = await openNode(100)
  const mints = market.mints.slice(0, POOLS)
  const pools = mints.map(mint => market.latest(mint)?.pool ?? '')
  const template = market.lines.find(rec => rec.kind === 'trade') as Rec
  for (const [i, mint] of mints.entries()) {
    const curve = account(151, { 0: discriminator('account', 'BondingCurve'), 8: u64(9), 16: u64(8), 40: u64(7) })
    node.accounts.set(pools[i] as string, { owner: PROGRAMS['pump.fun'], data: curve })
    const data = account(82, { 36: u64(10n ** 15n), 44: Buffer.from([6]), 45: bool(true) })
    node.accounts.set(mint, { owner: 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA', data })
  }
  const sent: string[] = []
  const got = new Map<string, number>()
  let isDone = false
  const faults = { mute: 0, cut: 0, doubled: 0, late: 0 }

  const trade = () => {
    const i = rng.below(POOLS)
    const signature = `sig${sent.length}`
    sent.push(signature)
    const rec = { ...template, mint: mints[i] as string, ts: Date.now() }
    return pumpTransaction({ ...rec, trade: { ...template.trade, signature } as never }, pools[i] as string)
  }
  const act = async (): Promise<{ early: number; late: number }> => {
    for (let i = 0; i < 2000 && node.subscriptions() < POOLS; i++) await wait(10)
    const startedAt = Date.now()
    let early = 0
    let held: ReturnType<typeof trade> | undefined
    while (Date.now() - startedAt < MINUTES * 60_000) {
      const due = ((Date.now() - startedAt) / 60_000) * PER_MINUTE
      while (sent.length < due) {
        const next = trade()
        const dice = rng.next()
        if (dice < 0.01 && held === undefined) held = next
        else node.land(next, dice > 0.98 ? 2 : 1)
        if (dice > 0.98) faults.doubled++
        if (held !== undefined && dice > 0.5) {
          faults.late++
          node.land(held)
          held = undefined
        }
      }
      // The first cut and the first silent socket come for certain, the rest by chance: one in five seconds.
      const share = (Date.now() - startedAt) / (MINUTES * 60_000)
      const isDue = (faults.cut === 0 && share > 0.1) || (faults.mute === 0 && share > 0.3) || rng.next() < 0.002
      if (isDue && node.subscriptions() >= POOLS) {
        if (faults.cut > 0 && (faults.mute === 0 || rng.next() < 0.3)) {
          node.mute()
          faults.mute++
        } else {
          node.cut()
          faults.cut++
        }
      }
      if (early === 0 && Date.now() - startedAt > MINUTES * 20_000) early = heap()
      await wait(10)
    }
    if (held !== undefined) node.land(held)
    for (let i = 0; i < 1500 && got.size < sent.length; i++) await wait(20)
    return { early, late: heap() }
  }
  const acting = act().finally(() => (isDone = true))
  acting.catch(() => undefined)
  const flags = {
    mints,
    history: 0,
    providers: ['dexscreener', 'rpc'],
    rpc: node.url,
    rpcRate: 100_000,
    base: [`dexscreener=${exchange.url}`],
  }
  let gaps = 0
  const { counts } = await run(
    flags,
    lines => {
      for (const rec of lines.splice(0) as Rec[]) {
        if (rec.kind === 'gap') gaps++
        const signature = rec.trade?.signature
        if (signature !== undefined) got.set(signature, (got.get(signature) ?? 0) + 1)
      }
      return isDone
    },
    { speed: 1, timeoutMs: (MINUTES + 1) * 60_000 },
  ).finally(() => {
    node.close()
    exchange.close()
  })
  const { early, late } = await acting
  const missing = sent.filter(signature => !got.has(signature))
  const doubled = [...got].filter(([, times]) => times > 1)
  const grown = (late - early) / 2 ** 20
  t.diagnostic(
    `${sent.length} trades, ${JSON.stringify(faults)}, ${counts.get('transactions backfilled') ?? 0} backfilled, ` +
      `${gaps} gaps, heap ${grown.toFixed(1)} MiB more at the end than at a third`,
  )
  assert.deepEqual(missing, [])
  assert.deepEqual(doubled, [])
  assert.ok(sent.length > MINUTES * PER_MINUTE * 0.9)
  // What is remembered (signatures, both here and there) grows to its bound; nothing else may.
  assert.ok(grown < 20 + (sent.length / 10_000) * 3, `${grown} MiB`)
})
