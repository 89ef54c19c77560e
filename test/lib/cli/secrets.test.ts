import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { registry } from '../../../cmd/registry.ts'
import { messageOf } from '../../../lib/base/errors.ts'
import { noteSecret, shownSecret, withoutSecrets } from '../../../lib/base/secrets.ts'
import { allFlags } from '../../../lib/cli/common-flags.ts'
import { envName, SHARED_SETTINGS } from '../../../lib/cli/config.ts'
import { effectiveSettings } from '../../../lib/cli/settings.ts'
import { makeHome, sluice } from '../../kit/proc.ts'

const CANARY = 'CANARY7f3a9b'
const FOUND = /CANARY/
const ADDRESS = `https://user:${CANARY}@rpc.example/v2/${CANARY}?api-key=${CANARY}#${CANARY}`

describe('what is taken out of a message', () => {
  test('an address keeps its host, whoever quotes it', () => {
    for (const [given, shown] of [
      [`no answer from ${ADDRESS}, gave up`, 'no answer from https://rpc.example/*** gave up'],
      ['see https://api.jup.ag/ and http://127.0.0.1:8080', undefined],
      ['wss://h.example:900/CANARY', 'wss://h.example:900/***'],
      ['got "https://h.example?k=CANARY…"', 'got "https://h.example/***"'],
      ['at file:///opt/sluice/dist/main.js:1:2', undefined],
    ] as const)
      assert.equal(withoutSecrets(given).replace('***,', '***'), shown ?? given)
  })
  test('a secret that was noted is gone, also where it was cut short', () => {
    const key = 'kEy-0123456789-abcdefghijklmnop'
    noteSecret(key)
    assert.equal(withoutSecrets(`the key ${key} is refused`), 'the key *** is refused')
    assert.equal(withoutSecrets(`got "${key.slice(0, 20)}…"`), 'got "***…"')
    noteSecret(`curl -H token:${CANARY} https://hook.example/T0/${CANARY}x`)
    assert.doesNotMatch(withoutSecrets(`sh: 1: ${CANARY}: not found`), FOUND)
    assert.doesNotMatch(withoutSecrets(`GET /T0/${CANARY}x 404`), FOUND)
    assert.equal(withoutSecrets('curl: (6) no such host'), 'curl: (6) no such host')
  })
  test('a setting is shown as the name of a file, a host or a program', () => {
    for (const [given, shown] of [
      ['/etc/sluice/rpc.txt', '/etc/sluice/rpc.txt'],
      ['rpc.txt', 'rpc.txt'],
      [ADDRESS, 'https://rpc.example/***'],
      ['https://rpc.example', 'https://rpc.example'],
      [CANARY, '***'],
      [`curl -H ${CANARY}`, 'curl ***'],
      [`TOKEN=${CANARY} curl`, '***'],
      [`${CANARY} -x`, '***'],
      [`/opt/bin/notify.py ${CANARY}`, '/opt/bin/notify.py ***'],
      [{ key: CANARY }, '***'],
      [
        [CANARY, 'a.txt'],
        ['***', 'a.txt'],
      ],
    ] as const)
      assert.deepEqual(shownSecret(given), shown)
  })
})

/** All that `config` would say of one setting, as its command line does. */
async function said(
  command: string,
  { home, env = {} }: { home: string; env?: Record<string, string> },
): Promise<string> {
  try {
    const rows = await effectiveSettings(registry, command === '' ? [] : [command], env, {
      path: home,
      from: 'flag',
    })
    return JSON.stringify(rows)
  } catch (error) {
    return withoutSecrets(messageOf(error))
  }
}

test('no flag of any command, set by file or environment, shows an address whole', async t => {
  const home = makeHome(t)
  let count = 0
  for (const [name, load] of Object.entries(registry)) {
    const { default: command } = await load()
    for (const [key, flag] of Object.entries(allFlags(command.kind, command.flags))) {
      if (flag.kind === 'bool' || key === 'home' || key === 'envFile') continue
      for (const value of [ADDRESS, `jupiter=${ADDRESS}`, `${'x'.repeat(30)} ${ADDRESS}`]) {
        writeFileSync(join(home, 'config.json'), JSON.stringify({ [name]: { [key]: value } }))
        assert.doesNotMatch(await said(name, { home }), FOUND, `${name}.${key}`)
      }
      writeFileSync(join(home, 'config.json'), '{}')
      const env = { [envName(name, key)]: ADDRESS }
      assert.doesNotMatch(await said(name, { home, env }), FOUND, envName(name, key))
      // A key by itself: where a file with it belongs, and where a number does.
      if (flag.mayBeSecret || !['text', 'file', 'list'].includes(flag.kind)) {
        writeFileSync(join(home, 'config.json'), JSON.stringify({ [name]: { [key]: CANARY } }))
        assert.doesNotMatch(await said(name, { home }), FOUND, `${name}.${key}`)
      }
      count++
    }
  }
  assert.ok(count > 200, String(count))
})

test('no shared setting shows a secret, whatever form it has', async t => {
  const home = makeHome(t)
  for (const [section, settings] of Object.entries(SHARED_SETTINGS)) {
    for (const key of Object.keys(settings)) {
      for (const value of [ADDRESS, [ADDRESS], { a: ADDRESS }, CANARY, [CANARY], { a: CANARY }]) {
        const isPlain = JSON.stringify(value).includes(ADDRESS)
        if (!isPlain && /enabled|wallet|genesis|exchange|programs|caps|tip|checks|Per/.test(key))
          continue
        writeFileSync(join(home, 'config.json'), JSON.stringify({ [section]: { [key]: value } }))
        assert.doesNotMatch(await said('', { home }), FOUND, `${section}.${key}`)
      }
    }
  }
  for (const broken of [`{"live":{"rpc":"${ADDRESS}"`, `{"live": ${CANARY}}`, `${CANARY}`]) {
    writeFileSync(join(home, 'config.json'), broken)
    assert.doesNotMatch(await said('', { home }), FOUND, broken)
  }
})

/** A host that says back what it was asked, in the fields where hosts put their reasons. */
async function echoing(t: { after(fn: () => void): void }): Promise<string> {
  const server: Server = createServer((request, response) => {
    const back = `${request.url} ${JSON.stringify(request.headers)}`
    response.writeHead(400, { 'content-type': 'application/json' })
    response.end(
      JSON.stringify({ error: { code: 1, message: back }, errorMessage: back, message: back }),
    )
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('no command prints what is in the settings, the key files or the environment', {
  timeout: 240_000,
}, async t => {
  const home = makeHome(t)
  const host = await echoing(t)
  const secret = (name: string, text: string): string => {
    const path = join(home, name)
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }
  const key = secret('key.txt', `${CANARY}key`)
  const rpc = secret('rpc.txt', `${host}/v2/${CANARY}path?api-key=${CANARY}`)
  const keypair = secret('wallet.json', JSON.stringify([`${CANARY}`]))
  const live = {
    enabled: true,
    keypair,
    wallet: '11111111111111111111111111111111',
    jupiter: `${host}/${CANARY}`,
    jupiterKey: key,
    caps: { perTrade: '1', perDay: '1', total: '1' },
    relay: `${host}/${CANARY}`,
  }
  const alert = { command: `${CANARY} -H token:${CANARY} https://h.example/${CANARY}` }
  const keys = { birdeyeKey: key, jupiterKey: key }
  const homes = [
    {
      live: { ...live, rpc },
      alert,
      discover: { rpc, ...keys, base: `jupiter=${host}/${CANARY}` },
    },
    { live: { ...live, rpc: ADDRESS }, alert, discover: { rpc: ADDRESS, birdeyeKey: CANARY } },
    {
      live: { ...live, rpc: CANARY, jupiterKey: CANARY, keypair: CANARY },
      discover: { rpc: CANARY },
    },
    { alert: { command: { a: CANARY } } },
  ]
  const envFile = secret('env', `SLUICE_DISCOVER_STATE=${ADDRESS}\nMY_TOKEN=${CANARY}\n`)
  const argvs: string[][] = [
    ['doctor', '--live', '--providers', 'jupiter,birdeye,rpc'],
    ['doctor', '--live', '--format', 'text'],
    ['execute', '--live'],
    ['discover', '--providers', 'jupiter,birdeye', '--estimate'],
    ['discover', '--providers', 'birdeye', '--duration', '2s'],
    ['config'],
    ['status'],
    ['config', 'discover'],
    ['status', '--format', 'text'],
    ['config', '--env-file', envFile],
    ['query', 'select 1 a'],
    ['keep', '--tries', '1', '--', 'false'],
  ]
  const every = Object.keys(registry).map(name => ({ config: homes[0]!, argv: [name] }))
  const runs = [...every, ...homes.flatMap(config => argvs.map(argv => ({ config, argv })))]
  const leaks: string[] = []
  const once = async ({ config, argv }: { config: object; argv: string[] }): Promise<void> => {
    const own = makeHome(t)
    writeFileSync(join(own, 'config.json'), JSON.stringify(config))
    const env = { MY_TOKEN: CANARY, DEBUG: '1' }
    const done = await sluice(argv, { home: own, env, timeoutMs: 15_000 })
    const lines = `${done.stdout}\n${done.stderr}`.split('\n').filter(line => FOUND.test(line))
    leaks.push(...lines.map(line => `${argv.join(' ')}: ${line.slice(0, 300)}`))
  }
  const queue = [...runs]
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await once(next)
  }
  await Promise.all([worker(), worker(), worker(), worker()])
  assert.deepEqual(leaks, [])
})
