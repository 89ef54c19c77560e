import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { makeRng } from '../lib/base/rng.ts'
import type { Rec } from '../lib/records/record.ts'
import { makeAmm } from './exchange/amm.ts'
import { ammMarket } from './exchange/amm-market.ts'
import { openExchange } from './exchange/http.ts'
import { openNode } from './exchange/node.ts'
import { blow, newStorm } from './exchange/storm.ts'
import { run } from './lib/sources/live/run.ts'

/** SLUICE_SOAK_MINUTES=30 makes it a soak; by default it is over in seconds. */
const MINUTES = Number(process.env.SLUICE_SOAK_MINUTES ?? 0.15)
const PER_MINUTE = 10_000
const POOLS = 5
/** What is still under way at the end may take the patience of a gap. */
const SETTLE_MS = 150_000

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Bytes in use after a collection. */
const heap = (): number => {
  collect()
  return process.memoryUsage().heapUsed
}

test(
  `${PER_MINUTE} messages a minute through every fault: each trade once, what is lost in gaps, ` +
    'memory flat',
  async t => {
    const rng = makeRng('soak')
    const node = await openNode(100)
    const amm = makeAmm(node, rng.fork('amm'), POOLS)
    const exchange = await openExchange(ammMarket(amm), rng.fork('http'), 0.1)
    const storm = newStorm()
    const got = new Map<string, number>()
    const gaps: Rec[] = []
    const isUp = (): boolean => node.subscriptions() >= POOLS
    const lostInGaps = (): number => gaps.reduce((sum, { gap }) => sum + (gap?.lost ?? 0), 0)
    let isDone = false
    let early = 0

    const act = async (): Promise<number> => {
      for (let i = 0; i < 2000 && !isUp(); i++) await wait(10)
      const watching = setInterval(() => {
        if (early === 0 && storm.share > 0.33) early = heap()
      }, 100)
      const { trade } = amm
      await blow(
        {
          node,
          exchange,
          rng: rng.fork('storm'),
          minutes: MINUTES,
          perMinute: PER_MINUTE,
          trade,
          isUp,
        },
        storm,
      )
      clearInterval(watching)
      const wanted = (): boolean =>
        got.size === amm.signatures.length - storm.missing.length &&
        lostInGaps() >= storm.missing.length
      for (const until = Date.now() + SETTLE_MS; Date.now() < until && !wanted(); ) await wait(20)
      return heap()
    }
    const acting = act().finally(() => (isDone = true))
    acting.catch(() => undefined)
    const { counts } = await run(
      {
        mints: amm.mints,
        history: 0,
        providers: ['dexscreener', 'rpc'],
        rpc: node.url,
        rpcRate: 100_000,
        base: [`dexscreener=${exchange.url}`],
        solPrice: 'none',
      },
      lines => {
        for (const rec of lines.splice(0) as Rec[]) {
          if (rec.kind === 'gap' && rec.source === 'rpc') gaps.push(rec)
          const signature = rec.trade?.signature
          if (signature !== undefined) got.set(signature, (got.get(signature) ?? 0) + 1)
        }
        return isDone
      },
      { speed: 1, timeoutMs: MINUTES * 60_000 + SETTLE_MS + 30_000 },
    ).finally(() => {
      node.close()
      exchange.close()
    })
    const late = await acting
    const lost = new Set(storm.missing)
    const missing = amm.signatures.filter(signature => !got.has(signature) && !lost.has(signature))
    const doubled = [...got].filter(([, times]) => times > 1)
    const grown = (late - early) / 2 ** 20
    t.diagnostic(
      `${amm.signatures.length} trades, ${JSON.stringify(Object.fromEntries(storm.faults))}, ` +
        `${counts.get('transactions backfilled') ?? 0} backfilled, ${storm.missing.length} ` +
        `lost and ${lostInGaps()} of them told in ${gaps.length} gaps, ` +
        `${counts.get('rpc reconnects')} reconnects, ${counts.get('records rejected') ?? 0} ` +
        `records rejected, heap ${grown.toFixed(1)} MiB more at the end than at a third`,
    )
    assert.deepEqual([missing.length, ...missing.slice(0, 5)], [0])
    assert.deepEqual([doubled.length, ...doubled.slice(0, 5)], [0])
    assert.ok(storm.faults.size >= 10, JSON.stringify([...storm.faults]))
    assert.ok(storm.sent > MINUTES * PER_MINUTE * 0.9)
    assert.ok((counts.get('records rejected') ?? 0) > 0)
    assert.ok(lostInGaps() >= storm.missing.length)
    // What is remembered (signatures, both here and there) grows to its bound; nothing else may.
    assert.ok(grown < 20 + (storm.sent / 10_000) * 4, `${grown} MiB`)
  },
)
