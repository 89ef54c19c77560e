import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { makeRng } from '../../../../lib/base/rng.ts'
import { fromBase58 } from '../../../../lib/sources/decode/base58.ts'
import { makeBudget } from '../../../../lib/sources/net/budget.ts'
import { makeHttp } from '../../../../lib/sources/net/http.ts'
import { makeRpcCall, rpcOver } from '../../../../lib/sources/rpc/client.ts'
import { patientCalls } from '../../../../lib/sources/rpc/patience.ts'
import { rpcStream } from '../../../../lib/sources/rpc/stream.ts'
import { makeTransactions } from '../../../exchange/generated/transactions.ts'
import { openNode } from '../../../exchange/node.ts'
import { fastTime } from '../../../exchange/time.ts'
import { account, bool, discriminator, u8, u64 } from '../decode/bytes.ts'
import { PROGRAMS } from './listening.ts'

type Make = (mint: Buffer, quote: Buffer) => Buffer

/** Accounts of pools as their programs keep them; the last one tells its trades inside. */
const ACCOUNTS: Record<string, Make> = {
  pumpswap: (mint, quote) =>
    account(301, { 0: discriminator('account', 'Pool'), 43: mint, 75: quote }),
  'raydium-clmm': (mint, quote) =>
    account(1544, {
      0: discriminator('account', 'PoolState'),
      73: mint,
      105: quote,
      233: u8(6),
      234: u8(9),
    }),
  'meteora-dlmm': (mint, quote) =>
    account(904, { 0: discriminator('account', 'LbPair'), 80: u8(25), 88: mint, 120: quote }),
}
const mintAccount = account(82, { 36: u64(10n ** 15n), 44: u8(6), 45: bool(true) })
const TOKEN = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA'
const SPEED = 20
const RUNS = 400

test('replayed by a node with faults, every trade is told once or is inside a gap', async () => {
  const made = makeTransactions('replay', 2)
  const pools = made.pools.filter(({ dex, isFlipped }) => !isFlipped && dex in ACCOUNTS)
  const followed = new Set(pools.map(({ pool }) => pool))
  const home = mkdtempSync(join(tmpdir(), 'sluice-replay-'))
  const [node, time, rng, stop] = [
    await openNode(),
    fastTime(SPEED),
    makeRng('replay'),
    new AbortController(),
  ]
  for (const { pool, mint, quoteMint, dex } of pools) {
    const data = ACCOUNTS[dex]!(fromBase58(mint), fromBase58(quoteMint))
    node.accounts.set(pool, { owner: PROGRAMS[dex], data })
    node.accounts.set(mint, { owner: TOKEN, data: mintAccount })
  }
  const got: any[] = []
  const loop = {
    time,
    signal: stop.signal,
    cursors: new Map(),
    atEnd: [],
    complain: { dropped: () => undefined, rejected: () => undefined },
    desk: { take: (found: unknown[]) => found },
    put: async (lines: unknown[]) => void got.push(...lines),
    watch: {
      all: () => pools,
      get: (mint: string) => pools.find(each => each.mint === mint),
      due: () => [],
    },
  }
  const budget = makeBudget(home, time, rng)
  const count = () => undefined
  const http = makeHttp({ budget, time, count })
  const rpc = rpcOver(patientCalls(makeRpcCall(http, new URL(node.url), 1_000_000), time, rng))
  const wsUrl = node.url.replace('http', 'ws')
  const about = { rpc, wsUrl, secrets: [], isFinder: false, programs: [] }
  const running = rpcStream({ ...about, rng, count, warn: count })(loop as never)
  running.catch(() => undefined)
  const landed = new Map<string, { at: number; trades: string[] }>()
  try {
    for (let i = 0; i < 1000 && node.subscriptions() < pools.length; i++) await wait(10)
    node.trouble = 0.05
    for (let run = 0; run < RUNS; run++) {
      const { signature, slot, failed, logs, json, mentions, truth } = made.next()
      const real = truth.filter(({ pool }) => pools.some(each => each.pool === pool))
      if (run % 90 === 60) node.cut()
      if (run === 200) node.mute()
      landed.set(signature, {
        at: time.now(),
        trades: real.map(({ pool, side, baseAmount }) => `${pool} ${side} ${baseAmount}`),
      })
      const blockTime = Math.ceil(time.now() / 1000)
      const missing = rng.below(60) === 0
      const told = { signature, slot, failed, logs, mentions, blockTime, json, missing }
      node.land(told, 1 + rng.below(2))
      await wait(5)
    }
    node.trouble = 0
    const open = () => lostOf(landed, got, followed).lost.length > 0
    for (let i = 0; i < 3000 && open(); i++) await wait(20)
  } finally {
    stop.abort()
    node.close()
    rmSync(home, { recursive: true, force: true })
  }
  const { lost, invented, told } = lostOf(landed, got, followed)
  assert.deepEqual([lost, invented], [[], []])
  assert.ok(told > 50, `${told} told`)
})

/** Trades of the truth that are neither told nor inside a gap, and those told that are not true. */
function lostOf(
  landed: Map<string, { at: number; trades: string[] }>,
  got: readonly any[],
  followed: ReadonlySet<string>,
) {
  const left = new Map([...landed].map(([name, { trades }]) => [name, [...trades]]))
  const invented: string[] = []
  let told = 0
  for (const { pool, trade } of got.filter(each => each.trade !== undefined)) {
    const open = left.get(trade.signature) ?? []
    const at = open.indexOf(`${pool} ${trade.side} ${trade.baseAmount}`)
    if (at >= 0) {
      open.splice(at, 1)
      told++
    } else if (followed.has(pool)) invented.push(`${trade.signature} ${pool}`)
  }
  const gaps = got.flatMap(({ rec }) => (rec?.kind === 'gap' ? [rec.gap] : []))
  const lost = [...left].flatMap(([signature, trades]) =>
    trades.filter(trade => {
      const [pool = ''] = trade.split(' ')
      const at = landed.get(signature)?.at ?? 0
      return !gaps.some(
        ({ reason, fromAt, untilAt }) =>
          reason.includes(`transaction ${signature} `) ||
          (reason.includes(pool) && fromAt <= at && at <= untilAt),
      )
    }),
  )
  return { lost, invented, told }
}
