import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { makeRng } from '../../lib/base/rng.ts'
import { parseLine } from '../../lib/stream/parse.ts'
import { openExchange } from '../exchange/http.ts'
import { makeMarket } from '../exchange/market.ts'

const BIN = fileURLToPath(new URL('../../dist/bin/discover', import.meta.url))

async function live(args: string[], home: string, stopAt: RegExp) {
  const child = spawn(process.execPath, [BIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: home, SLUICE_HOME: join(home, 'sluice') },
  })
  let [out, err] = ['', '']
  let isTold = false
  const look = (): void => {
    // A second signal would quit at once.
    if (isTold || !stopAt.test(out + err)) return
    isTold = true
    child.kill('SIGINT')
  }
  child.stdout.on('data', chunk => {
    out += chunk
    look()
  })
  child.stderr.on('data', chunk => {
    err += chunk
    look()
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), 30_000)
  const [code] = await once(child, 'close')
  clearTimeout(timer)
  return { code, out, err }
}

function inFolder(t: { after(fn: () => void): void }): string {
  const home = mkdtempSync(join(tmpdir(), 'sluice-live-'))
  t.after(() => rmSync(home, { recursive: true, force: true }))
  return home
}

test(
  '--mints through the command: lines on stdout, the estimate on stderr, state at the end, 130 ' +
    'when interrupted',
  async t => {
    const market = makeMarket({ seed: 'cli', days: 0.2, tokensPerHour: 12, until: Date.now() })
    // Two hosts: each has a budget of its own.
    const [pairs, bars] = [
      await openExchange(market, makeRng('cli')),
      await openExchange(market, makeRng('cli')),
    ]
    t.after(() => {
      pairs.close()
      bars.close()
    })
    const home = inFolder(t)
    const list = join(home, 'mints.txt')
    const [first = '', second = ''] = market.mints
    writeFileSync(list, `# mine\n${first}\n\n`)
    const base = `dexscreener=${pairs.url},geckoterminal=${bars.url}`
    const args = ['--mints', list, second, '--base', base, '--state', join(home, 'state')]
    const { code, out, err } = await live(
      args,
      home,
      new RegExp(`"kind":"market","mint":"${second}"`),
    )
    assert.equal(code, 130, err)
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line, i) => parseLine(line, i).rec)
    assert.deepEqual(new Set(lines.flatMap(({ mint }) => mint ?? [])), new Set([first, second]))
    assert.ok(lines.some(({ kind }) => kind === 'candle'))
    assert.match(err, /2 tokens for a day, at most: dexscreener 2,880, geckoterminal 576 calls/)
    assert.match(err, /dexscreener calls \d/)
    assert.deepEqual(readdirSync(join(home, 'state')), ['discover.json'])
  },
)

test('keys are sent to their host and appear nowhere', async t => {
  const home = inFolder(t)
  const heard: string[] = []
  const server = createServer((request, response) => {
    heard.push(`${request.url} ${request.headers['x-api-key']}`)
    response.writeHead(request.headers['x-api-key'] === undefined ? 200 : 401).end('{}')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const [apiKey, rpcKey] = ['birdeyeSekret123', 'rpcSekret4567890']
  const [keyFile, rpcFile] = [join(home, 'key'), join(home, 'rpc')]
  writeFileSync(keyFile, `${apiKey}\n`, { mode: 0o600 })
  writeFileSync(rpcFile, `http://127.0.0.1:${port}/${rpcKey}?api-key=${rpcKey}\n`, { mode: 0o600 })
  const base = `birdeye=http://127.0.0.1:${port}`
  const args = [
    '--source',
    'live',
    '--providers',
    'birdeye',
    '--birdeye-key',
    keyFile,
    '--rpc',
    rpcFile,
    '--base',
    base,
  ]
  const { code, out, err } = await live(
    args,
    home,
    /rpc: .*200[\s\S]*status 401|status 401[\s\S]*rpc: /,
  )
  assert.equal(code, 130, err)
  assert.ok(
    heard.some(line => line.includes(apiKey)),
    heard.join('\n'),
  )
  const files = readdirSync(join(home, 'sluice', 'budget'))
    .filter(name => name.endsWith('.json'))
    .map(name => name + readFileSync(join(home, 'sluice', 'budget', name), 'utf8'))
  for (const key of [apiKey, rpcKey]) assert.ok(!(out + err + files.join('')).includes(key))
})

test('an address with a key does not belong on the command line', async t => {
  const { code, err } = await live(
    ['--source', 'live', '--rpc', 'https://x.test/?api-key=abc'],
    inFolder(t),
    /never/,
  )
  assert.equal(code, 2)
  assert.match(err, /--rpc: an address with a key belongs into a file/)
  assert.doesNotMatch(err, /abc/)
})
