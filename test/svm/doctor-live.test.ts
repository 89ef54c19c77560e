import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { registry } from '../../cmd/registry.ts'
import type { LiveFinding } from '../../lib/checkup/live.ts'
import { liveChain, liveFindings } from '../../lib/checkup/live-open.ts'
import { base58 } from '../lib/sources/decode/bytes.ts'
import type { Jupiter } from './jupiter/jupiter.ts'
import { skip } from './machine.ts'
import type { RpcServer } from './rpc/rpc.ts'
import type { World } from './world.ts'

const SLUICE = fileURLToPath(new URL('../../dist/bin/sluice', import.meta.url))
const API_KEY = 'jup-0123456789abcdef'
/** The world starts 40 blocks before now, and four more pass with its token. */
const BLOCKS_MS = 44 * 400

describe('doctor --live', { skip }, () => {
  const home = mkdtempSync(join(tmpdir(), 'sluice-doctor-test-'))
  const at = (name: string): string => join(home, name)
  let world: World
  let rpc: RpcServer
  let jupiter: Jupiter
  let said = ''

  before(async () => {
    const { makeWorld } = await import('./world.ts')
    world = makeWorld(Date.now() - BLOCKS_MS)
    rpc = await (await import('./rpc/rpc.ts')).openRpc(world.cluster)
    jupiter = await (await import('./jupiter/jupiter.ts')).openJupiter(world, API_KEY)
  })
  beforeEach(async () => {
    rmSync(home, { recursive: true, force: true })
    mkdirSync(home)
    world.writeKey(at('id.json'))
    writeFileSync(at('jupiter.key'), `${API_KEY}\n`, { mode: 0o600 })
    configure({})
    const signal = new AbortController().signal
    writeFileSync(at('chain.json'), await liveChain({ home, env: {}, signal }, registry))
  })
  after(() => {
    rpc?.close()
    jupiter?.close()
    rmSync(home, { recursive: true, force: true })
  })

  /** Everything as it must be, but for the changes. */
  const configure = (
    live: object,
    execute: object = { killSwitch: at('STOP'), chain: at('chain.json') },
  ): void => {
    const caps = { perTrade: '0.5', perDay: '2', total: '10' }
    const wallet = world.wallet.publicKey.toBase58()
    const places = {
      rpc: rpc.url,
      jupiter: jupiter.url,
      jupiterKey: at('jupiter.key'),
      keypair: at('id.json'),
    }
    writeFileSync(
      at('config.json'),
      JSON.stringify({ live: { enabled: true, wallet, caps, ...places, ...live }, execute }),
    )
  }
  const findings = async (): Promise<Map<string, LiveFinding>> => {
    const found = new Map<string, LiveFinding>()
    const signal = new AbortController().signal
    for await (const finding of liveFindings({ home, env: {}, signal }, registry)) {
      said += `${JSON.stringify(finding)}\n`
      found.set(finding.check, finding)
    }
    return found
  }
  /** Result and text of one check. */
  const one = async (check: string): Promise<string> => {
    const { result, text, remedy } = (await findings()).get(check)!
    assert.equal(remedy === undefined, result === 'pass')
    return `${result}: ${text}`
  }

  test('all as it must be: sixteen checks, and nothing is signed or sent', async () => {
    const found = [...(await findings()).values()]
    // One node is enough to trade with; that it is one witness is said.
    assert.deepEqual(
      found.filter(({ result }) => result !== 'pass').map(({ check, needed }) => [check, needed]),
      [['live-witness', false]],
    )
    assert.equal(found.length, 16)
    assert.equal(rpc.asked.get('sendTransaction'), undefined)
    assert.equal(jupiter.asked.get('/swap/v1/swap'), undefined)
  })

  test('a key file must be a file of 64 numbers that belong together, ours alone', async () => {
    const pair = [...world.wallet.secretKey]
    const write = (content: unknown): void => writeFileSync(at('id.json'), JSON.stringify(content))
    chmodSync(at('id.json'), 0o644)
    assert.match(await one('live-key'), /^fail: .*can be read by others; chmod 600/)
    chmodSync(at('id.json'), 0o600)
    for (const bad of [
      pair.slice(1),
      [...pair.slice(1), 256],
      [...pair.slice(1), '1'],
      { key: pair },
      'x',
    ]) {
      write(bad)
      assert.match(await one('live-key'), /^fail: .*expected a list of 64 numbers/)
    }
    write([...pair.slice(0, 63), (pair[63] ?? 0) ^ 1])
    assert.match(await one('live-key'), /^fail: .*public half does not belong/)
    write([...world.admin.secretKey])
    assert.match(await one('live-wallet'), /^fail: the key is of .*, live.wallet is /)
    rmSync(at('id.json'))
    assert.match(await one('live-key'), /^fail: .*ENOENT/)
    world.writeKey(at('real.json'))
    symlinkSync(at('real.json'), at('id.json'))
    assert.match(await one('live-key'), /^fail: .*is a link/)
  })

  test('a paper model of another chain is told', async () => {
    configure({}, { killSwitch: at('STOP') })
    const told = await one('live-chain')
    // The machine has slots of 400 ms and the deposits of 2025; see its cluster.
    assert.match(told, /^fail: slots of 400 ms, a transaction lives 60 s, .* 2039280 lamports/)
    assert.match(told, /of another chain: slotMs 214 instead of 400, tokenAccountRent 1488440/)
    configure({}, { chain: at('none.json') })
    assert.match(await one('live-chain'), /^fail: --chain .*none\.json: ENOENT/)
    configure({})
    assert.match(await one('live-chain'), /^pass: /)
  })

  test('not enabled, caps out of order, another chain, a public node', async () => {
    configure({ enabled: false })
    assert.match(await one('live-config'), /^fail: .*live.enabled/)
    assert.equal(await one('live-health'), 'unknown: not looked at: live-config does not hold')
    configure({ caps: { perTrade: '3', perDay: '2', total: '10' } })
    assert.match(await one('live-caps'), /^fail: perTrade 3.0000 SOL/)
    configure({ genesis: world.admin.publicKey.toBase58() })
    assert.match(await one('live-genesis'), /^fail: genesis is 5eykt4/)
    configure({ rpc: 'https://api.mainnet-beta.solana.com' })
    assert.match(await one('live-rpc'), /^fail: .*a public node/)
  })

  test('a witness: none, the node itself, another node', async () => {
    configure({})
    assert.match(await one('live-witness'), /^fail: one witness: a buy .* stays unknown/)
    configure({ witness: rpc.url })
    assert.match(await one('live-witness'), /^fail: .*expected another node than live.rpc/)
    const { openRpc } = await import('./rpc/rpc.ts')
    const other = await openRpc(world.cluster)
    try {
      configure({ witness: other.url })
      assert.match(await one('live-witness'), /^pass: two witnesses/)
      other.identity = rpc.identity
      assert.match(await one('live-witness'), /^fail: .*the node of live.rpc by another address/)
    } finally {
      other.close()
      configure({})
    }
  })

  test('a node that is behind or down, too little money, an API that refuses the key', async () => {
    rpc.faults.add('getHealth', { lag: 42 })
    assert.match(await one('live-health'), /^fail: .*behind by 42 slots/)
    rpc.faults.add('getBalance', 'too-many', 9)
    assert.match(await one('live-balance'), /^unknown: /)
    rpc.faults.clear()
    configure({ caps: { perTrade: '5000', perDay: '5000', total: '5000' } })
    assert.match(await one('live-balance'), /^fail: 1000.0000 SOL; 0.0100 SOL are kept/)
    configure({})
    writeFileSync(at('jupiter.key'), 'other-key-000000', { mode: 0o600 })
    assert.match(await one('live-jupiter'), /^fail: 401/)
    configure({ jupiterKey: undefined })
    assert.match(await one('live-jupiter'), /^fail: there is no live.jupiterKey/)
    configure({ rpc: 'http://127.0.0.1:9' })
    assert.match(await one('live-rpc'), /^unknown: /)
    assert.match(await one('live-genesis'), /^unknown: /)
  })

  test(
    'a ledger with an open question or a foreign line, a kill switch that is there or that ' +
      'nobody set',
    async () => {
      mkdirSync(at('ledger'))
      const head = '{"ledger":"sluice","v":1,"mode":"live","cashLamports":"5"}'
      const order =
        '{"intent":"buy:M:d","cause":"d","venue":"jupiter-v1","side":"buy","state":"unknown",' +
        '"reasons":[]}'
      const line =
        `{"v":1,"id":"buy:M:d#1","ts":5,"kind":"order","mint":"M","source":` +
        `"execute","order":${order}}`
      writeFileSync(at('ledger/live.ndjson'), `${head}\n${line}\n`)
      assert.match(
        await one('live-ledger'),
        /^fail: 1 orders without a known outcome, first buy:M:d/,
      )
      writeFileSync(at('ledger/live.ndjson'), `${head}\n{"x":1}\n${line}\n`)
      assert.match(await one('live-ledger'), /^fail: line 2: .*not a ledger of sluice/)
      writeFileSync(at('ledger/live.ndjson'), `${head}\n{"x"`)
      assert.match(await one('live-ledger'), /^pass: 0 lines, .*line 2 is not finished/)
      writeFileSync(at('STOP'), '')
      assert.match(await one('live-kill-switch'), /^fail: .*STOP exists/)
      configure({}, {})
      assert.match(await one('live-kill-switch'), /^pass: .*KILL does not exist/)
      writeFileSync(at('KILL'), '')
      assert.match(await one('live-kill-switch'), /^fail: .*KILL exists/)
    },
  )

  test('as a command: one line each, exit 1 with --check, no secret in any output', async () => {
    const run = (...args: string[]): Promise<{ code: number | null; out: string }> =>
      new Promise(resolve => {
        const child = spawn(SLUICE, ['doctor', '--live', ...args], {
          env: { ...process.env, SLUICE_HOME: home },
        })
        let out = ''
        child.stdout.on('data', chunk => (out += chunk))
        child.stderr.on('data', chunk => (out += chunk))
        child.on('close', code => resolve({ code, out }))
      })
    const good = await run()
    assert.equal(good.code, 0)
    assert.equal(good.out.split('\n').filter(line => line.includes('"check":"live-')).length, 16)
    chmodSync(at('id.json'), 0o644)
    const bad = await run('--check')
    assert.equal(bad.code, 1)
    said += good.out + bad.out
    const { secretKey } = world.wallet
    const seed = secretKey.subarray(0, 32)
    const secrets = [secretKey, seed].flatMap(bytes => {
      const buffer = Buffer.from(bytes)
      return [
        base58(buffer),
        buffer.toString('hex'),
        buffer.toString('base64'),
        [...bytes].join(','),
        [...bytes].join(', '),
      ]
    })
    assert.ok(said.includes(world.wallet.publicKey.toBase58()))
    for (const secret of [...secrets, API_KEY])
      assert.ok(!said.includes(secret), 'a secret was printed')
  })
})
