import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { makeRng } from '../../../../lib/base/rng.ts'
import type { Rec } from '../../../../lib/records/record.ts'
import { LIVE_PROVIDERS } from '../../../../lib/sources/providers/providers.ts'
import { type Exchange, openExchange } from '../../../exchange/http.ts'
import { makeMarket } from '../../../exchange/market.ts'
import { type Node, openNode } from '../../../exchange/node.ts'
import { listPump, tradeOf } from '../../../exchange/pump.ts'

const BIN = fileURLToPath(new URL('../../../../dist/bin/discover', import.meta.url))
const market = makeMarket({ seed: 'crash', days: 0.1, tokensPerHour: 12, until: Date.now() })
const [mint = ''] = market.mints
const pool = market.latest(mint)?.pool ?? ''

interface Place {
  exchange: Exchange
  node: Node
  dir: string
  start(...args: string[]): { child: ChildProcess; lines: Rec[]; text(): string }
}

async function inPlace(t: { after(fn: () => void): void }): Promise<Place> {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-crash-'))
  const [exchange, node] = [await openExchange(market, makeRng('crash')), await openNode(100)]
  listPump(node, mint, pool)
  const children: ChildProcess[] = []
  t.after(() => {
    for (const child of children) child.kill('SIGKILL')
    exchange.close()
    node.close()
    rmSync(dir, { recursive: true, force: true })
  })
  const bases = LIVE_PROVIDERS.filter(name => name !== 'rpc').flatMap(name => [
    '--base',
    `${name}=${exchange.url}`,
  ])
  return {
    exchange,
    node,
    dir,
    start(...args) {
      const argv = [BIN, '--mints', mint, '--history', '0', ...bases, ...args]
      const env = { PATH: process.env.PATH, SLUICE_HOME: join(dir, 'home') }
      const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'], env })
      children.push(child)
      const lines: Rec[] = []
      let [text, tail] = ['', '']
      child.stderr?.on('data', chunk => (text += chunk))
      child.stdout?.on('data', chunk => {
        text += chunk
        const parts = (tail + chunk).split('\n')
        tail = parts.pop() ?? ''
        for (const part of parts) lines.push(JSON.parse(part))
      })
      return { child, lines, text: () => text }
    },
  }
}

async function until(what: string, is: () => boolean): Promise<void> {
  for (let i = 0; i < 3000 && !is(); i++) await wait(10)
  assert.ok(is(), what)
}
const signatures = (lines: readonly Rec[]): string[] =>
  lines.flatMap(({ trade }) => trade?.signature ?? [])

test('killed with -9 and started again: no trade is missed, a repeat has its id', async t => {
  const { node, dir, start } = await inPlace(t)
  const state = join(dir, 'state')
  const flags = [
    '--providers',
    'dexscreener,rpc',
    '--rpc',
    node.url,
    '--rpc-rate',
    '100000',
    '--state',
    state,
  ]
  const land = (from: number, to: number): void => {
    for (let i = from; i < to; i++) node.land(tradeOf(market, mint, `sig${i}`))
  }
  const first = start(...flags)
  await until('the pool is listened to', () => node.listened().includes(pool))
  land(0, 50)
  await until('fifty trades', () => signatures(first.lines).length === 50)
  const saved = (): string => readFileSync(join(state, 'discover.json'), 'utf8')
  await until(
    'a cursor',
    () => existsSync(join(state, 'discover.json')) && saved().includes('"signature":"sig'),
  )
  land(50, 80)
  first.child.kill('SIGKILL')
  await once(first.child, 'close')
  land(80, 100)
  await until('the socket is gone', () => node.subscriptions() === 0)
  const second = start(...flags)
  await until('the pool is listened to again', () => node.listened().includes(pool))
  land(100, 110)
  const all = (): Set<string> => new Set([...signatures(first.lines), ...signatures(second.lines)])
  await until('every trade', () => all().size === 110)
  second.child.kill('SIGTERM')
  await once(second.child, 'close')
  const ids = new Map<string, string>()
  for (const rec of [...first.lines, ...second.lines]) {
    const signature = rec.trade?.signature
    if (signature === undefined) continue
    assert.equal(ids.get(signature) ?? rec.id, rec.id)
    ids.set(signature, rec.id)
  }
  const again = signatures(second.lines)
  assert.equal(new Set(again).size, again.length)
})

test('keys are in no output, no file and no message, whatever goes wrong', async t => {
  const { exchange, node, dir, start } = await inPlace(t)
  const SECRETS = [
    'birdeye-SECRET-1234567890',
    'jupiter-SECRET-1234567890',
    'rpc-SECRET-1234567890abcdef',
  ]
  const file = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text)
    chmodSync(join(dir, name), 0o600)
    return join(dir, name)
  }
  const files = {
    birdeye: file('birdeye', SECRETS[0]!),
    jupiter: file('jupiter', `${SECRETS[1]}\n`),
    rpc: file('rpc', `${node.url}/v2/${SECRETS[2]}?api-key=${SECRETS[2]}`),
  }
  exchange.trouble = 0.5
  node.trouble = 0.3
  const metrics = join(dir, 'home', 'metrics.prom')
  const run = start(
    ...[
      '--providers',
      'dexscreener,birdeye,jupiter,rugcheck,rpc',
      '--rpc',
      files.rpc,
      '--metrics',
      metrics,
    ],
    ...[
      '--birdeye-key',
      files.birdeye,
      '--jupiter-key',
      files.jupiter,
      '--arbitrage',
      '0.1',
      '--state',
      join(dir, 'home'),
    ],
  )
  await until('the pool is listened to', () => node.subscriptions() > 0)
  node.cut()
  await until('it is connected again', () => node.subscriptions() > 0)
  await until(
    'enough trouble',
    () => [...exchange.faults.values()].reduce((sum, n) => sum + n, 0) > 2,
  )
  exchange.keys = []
  await wait(1500)
  run.child.kill('SIGTERM')
  await once(run.child, 'close')
  assert.match(run.text(), /birdeye|jupiter/)
  const kept = readdirSync(join(dir, 'home'), { recursive: true, encoding: 'utf8' })
    .map(name => join(dir, 'home', name))
    .filter(path => statSync(path).isFile())
  assert.ok(kept.length > 2)
  for (const secret of SECRETS)
    for (const [where, text] of [
      ['output', run.text()],
      ...kept.map(path => [path, path + readFileSync(path, 'utf8')]),
    ])
      assert.ok(!text?.includes(secret), `${secret} in ${where}`)
})
