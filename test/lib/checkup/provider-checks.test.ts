import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeRng } from '../../../lib/base/rng.ts'
import { configuredProviders, type ProviderFlags } from '../../../lib/checkup/configured.ts'
import { type Probed, probeProviders } from '../../../lib/checkup/provider-checks.ts'
import { realTime } from '../../../lib/sources/net/timing.ts'
import { LIVE_PROVIDERS } from '../../../lib/sources/providers/providers.ts'
import { type Exchange, openExchange } from '../../exchange/http.ts'
import { makeMarket } from '../../exchange/market.ts'
import { openNode } from '../../exchange/node.ts'
import { openPortal } from '../../exchange/portal.ts'

const market = makeMarket({ seed: 'probe', days: 0.05, tokensPerHour: 12, until: Date.now() })
const HTTP = LIVE_PROVIDERS.filter(name => name !== 'rpc' && name !== 'pumpportal')
const SECRET = 'sekret-key-0123456789'

async function withAll(
  t: { after(fn: () => void): void },
  act: (all: {
    hosts: Record<string, Exchange>
    home: string
    probe(flags?: ProviderFlags): Promise<Map<string, Probed>>
    file(name: string, text: string): string
  }) => Promise<void>,
  genesis?: string,
): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'sluice-probe-test-'))
  const [node, portal] = [await openNode(20, genesis), await openPortal()]
  // A host each: they do not share a budget.
  const hosts = new Map<string, Exchange>()
  for (const name of HTTP) hosts.set(name, await openExchange(market, makeRng(name)))
  t.after(() => {
    for (const each of [...hosts.values(), node, portal]) each.close()
    rmSync(home, { recursive: true, force: true })
  })
  const base = [
    ...[...hosts].map(([name, { url }]) => `${name}=${url}`),
    `pumpportal=${portal.url}`,
  ]
  const probe = async (flags: ProviderFlags = {}): Promise<Map<string, Probed>> => {
    const found = new Map<string, Probed>()
    const given = { base, rpc: node.url, ...flags }
    for await (const one of probeProviders(home, given, realTime, new AbortController().signal))
      found.set(one.provider, one)
    return found
  }
  const file = (name: string, text: string): string => {
    const path = join(home, name)
    writeFileSync(path, text)
    chmodSync(path, 0o600)
    return path
  }
  await act({ hosts: Object.fromEntries(hosts), home, probe, file })
}

test(
  'every provider is asked; what is not set up is said with the command that needs it, and ' +
    'nothing is left behind',
  t =>
    withAll(t, async ({ probe, home }) => {
      const found = await probe()
      assert.deepEqual([...found.keys()].sort(), [...LIVE_PROVIDERS].sort())
      for (const { ok, text, provider } of found.values()) assert.ok(ok, `${provider}: ${text}`)
      assert.match(
        found.get('rpc')?.text ?? '',
        /^mainnet, answers in \d+ ms, .* its socket brings slots$/,
      )
      assert.match(
        found.get('jupiter')?.text ?? '',
        /SOL at 200\.00 USD.*by its own count 29.*clock 0\.\d s.*no key/,
      )
      assert.deepEqual(found.get('birdeye')?.missingFor, ['discover --providers birdeye'])
      assert.deepEqual(readdirSync(home), [])
      assert.deepEqual((await probe({ rpc: undefined })).get('rpc')?.missingFor, [
        'discover --providers rpc',
        'execute --live',
      ])
    }),
)

test('a key is accepted or refused, and never shown', t =>
  withAll(t, async ({ hosts: { birdeye }, probe, file }) => {
    assert.ok(birdeye !== undefined)
    const birdeyeKey = file('birdeye', `${SECRET}\n`)
    birdeye.keys = [SECRET]
    assert.match((await probe({ birdeyeKey })).get('birdeye')?.text ?? '', /^29995 credits left/)
    birdeye.keys = ['another']
    const refused = await probe({ birdeyeKey })
    assert.match(refused.get('birdeye')?.text ?? '', /the key in --birdeye-key is refused/)
    assert.equal(refused.get('birdeye')?.ok, false)
    assert.doesNotMatch(JSON.stringify([...refused.values()]), new RegExp(SECRET))
  }))

test(
  'a clock that is off, a host that is down, an answer of another shape and another network ' +
    'are failures',
  t =>
    withAll(
      t,
      async ({ hosts, probe }) => {
        const { dexscreener, raydium, jupiter } = hosts as Record<string, Exchange>
        assert.ok(dexscreener !== undefined && raydium !== undefined && jupiter !== undefined)
        dexscreener.skewMs = -90_000
        raydium.down(true)
        const found = await probe({
          base: [
            `jupiter=${jupiter.url}/elsewhere`,
            `dexscreener=${dexscreener.url}`,
            `raydium=${raydium.url}`,
            'rugcheck=http://127.0.0.1:9',
            'geckoterminal=http://127.0.0.1:9',
            'pumpportal=ws://127.0.0.1:9',
          ],
        })
        const text = (name: string): string => found.get(name)?.text ?? ''
        assert.match(
          text('dexscreener'),
          /clock (89|90)\.\d s behind ours: set this machine’s clock/,
        )
        assert.match(text('raydium'), /raydium: 127\.0\.0\.1/)
        assert.match(text('jupiter'), /status 404/)
        assert.match(text('pumpportal'), /its socket/)
        assert.match(text('rpc'), /it is on devnet, not on mainnet/)
        for (const [name, { ok }] of found) assert.equal(ok, name === 'birdeye', name)
      },
      'EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG',
    ),
)

test('nobody is asked but those who are configured, and a name without its key fails', t =>
  withAll(t, async ({ hosts, probe }) => {
    const asked = (): string[] =>
      Object.entries(hosts).flatMap(([name, host]) => (host.asked.size > 0 ? [name] : []))
    const raydium = [`raydium=${hosts.raydium!.url}`]
    const alone = await probe({ base: raydium, rpc: undefined })
    assert.deepEqual(asked(), ['raydium'])
    for (const { provider, ok, asked: was, text } of alone.values()) {
      assert.ok(ok, `${provider}: ${text}`)
      assert.equal(was, provider === 'raydium', provider)
      assert.match(text, was ? /answers in/ : /^not (asked|set up): /)
    }
    const named = await probe({ base: raydium, rpc: undefined, providers: ['birdeye', 'rpc'] })
    for (const { provider, ok } of named.values())
      assert.equal(ok, !['birdeye', 'rpc'].includes(provider), provider)
  }))

test('configured is whom a setting names, addresses, keys, or means', () => {
  const names = (flags: ProviderFlags): string[] => [...configuredProviders(flags)].sort()
  assert.deepEqual(names({}), [])
  assert.deepEqual(names({ providers: ['raydium'], mints: ['x'] }), ['raydium'])
  assert.deepEqual(names({ mints: ['x'] }), ['dexscreener', 'geckoterminal'])
  assert.deepEqual(names({ pumpportalKey: '/k', rpc: 'https://x' }), ['pumpportal', 'rpc'])
  assert.deepEqual(names({ base: ['rugcheck=http://127.0.0.1:9'] }), ['rugcheck'])
  assert.deepEqual(names({ arbitrage: 1n, solPrice: 'dexscreener' }), ['dexscreener', 'jupiter'])
})
