import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { makeRng } from '../lib/base/rng.ts'
import { openExchange } from '../test/exchange/http.ts'
import { makeMarket } from '../test/exchange/market.ts'
import { openNode, pumpTransaction } from '../test/exchange/node.ts'
import { listPump } from '../test/exchange/pump.ts'

/**
 * From a message on the socket of a node to its line on the command's stdout, at 10,000 messages a
 * minute.
 */
const PER_MINUTE = 10_000
const SECONDS = 15
const WARM = 500
const DISCOVER = fileURLToPath(new URL('../dist/bin/discover', import.meta.url))

const market = makeMarket({ seed: 'latency', days: 0.2, tokensPerHour: 12, until: Date.now() })
const exchange = await openExchange(market, makeRng('latency'))
const node = await openNode(100)
const mint = market.mints[0]!
const pool = market.latest(mint)!.pool!
listPump(node, mint, pool)
const home = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
const args = [
  '--mints',
  mint,
  '--history',
  '0',
  '--providers',
  'dexscreener,rpc',
  '--rpc',
  node.url,
]
const child = spawn(
  process.execPath,
  [
    DISCOVER,
    ...args,
    '--base',
    `dexscreener=${exchange.url}`,
    '--base',
    `jupiter=${exchange.url}`,
    '--quiet',
  ],
  { stdio: ['ignore', 'pipe', 'ignore'], env: { PATH: process.env.PATH, SLUICE_HOME: home } },
)
const sentAt = new Map<string, number>()
const took: number[] = []
let tail = ''
child.stdout.on('data', chunk => {
  const at = performance.now()
  const lines = (tail + chunk).split('\n')
  tail = lines.pop() ?? ''
  for (const line of lines) {
    const signature = /"signature":"(n\d+)"/.exec(line)?.[1]
    const sent = signature === undefined ? undefined : sentAt.get(signature)
    if (sent !== undefined) took.push(at - sent)
  }
})
while (node.subscriptions() === 0) await wait(20)
const template = market.lines.find(rec => rec.kind === 'trade' && rec.mint === mint)
const start = performance.now()
for (let n = 0; n < (PER_MINUTE / 60) * SECONDS; ) {
  const due = ((performance.now() - start) / 60_000) * PER_MINUTE
  for (; n < due; n++) {
    const trade = { ...template?.trade, signature: `n${n}` }
    const transaction = pumpTransaction({ ...template, mint, trade } as never, pool)
    sentAt.set(transaction.signature, performance.now())
    node.land(transaction)
  }
  await wait(2)
}
await wait(500)
child.kill('SIGTERM')
const sorted = took.slice(WARM).sort((a, b) => a - b)
const at = (q: number): number => Number(sorted[Math.floor(q * (sorted.length - 1))]!.toFixed(2))
console.log(
  JSON.stringify({
    figure: 'socket-latency',
    lines: took.length,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: at(1),
    barP99Ms: 5,
  }),
)
node.close()
exchange.close()
rmSync(home, { recursive: true, force: true })
