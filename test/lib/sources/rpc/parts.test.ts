import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fromBase58 } from '../../../../lib/sources/decode/base58.ts'
import { decodeEvent, decodePool } from '../../../../lib/sources/decode/decode.ts'
import { PROGRAMS, USD1, WSOL } from '../../../../lib/sources/decode/programs.ts'
import { realTime } from '../../../../lib/sources/net/timing.ts'
import { readEndpoint } from '../../../../lib/sources/rpc/endpoint.ts'
import { fill, fillPoint } from '../../../../lib/sources/rpc/fill-gap.ts'
import { findingOf, marketOf, poolFacts } from '../../../../lib/sources/rpc/orient.ts'
import { makePools } from '../../../../lib/sources/rpc/pool-accounts.ts'
import { createdPools } from '../../../../lib/sources/rpc/read/created.ts'
import { remember, track } from '../../../../lib/sources/rpc/recent.ts'
import { makeSubscriptions } from '../../../../lib/sources/rpc/subscriptions.ts'
import { readTransaction } from '../../../../lib/sources/rpc/transaction.ts'
import * as at from '../decode/bytes.ts'
import { base58, keyName } from '../decode/bytes.ts'
import { cpmmSwap, launchTrade } from '../decode/fixtures.ts'

const CALL = Buffer.concat([Buffer.from('e445a52e51cb9a1d', 'hex'), launchTrade(true, 0)])

test('LaunchLab’s events are self-calls, found among the inner instructions', () => {
  const json = (err: unknown, data: string) => ({
    slot: 7,
    blockTime: 1_760_000_000,
    meta: {
      err,
      logMessages: [],
      loadedAddresses: { writable: [], readonly: [PROGRAMS.launchlab] },
      innerInstructions: [
        {
          index: 2,
          instructions: [{ programIdIndex: 0 }, { programIdIndex: 1, accounts: [], data }],
        },
      ],
    },
    transaction: { message: { accountKeys: ['x'] } },
  })
  const read = readTransaction(json(null, base58(CALL)))
  assert.deepEqual(
    read?.events.map(({ event, index }) => [event.kind, event.dex, index]),
    [['swap', 'launchlab', '2.1']],
  )
  assert.equal(readTransaction(json({}, base58(CALL))), undefined)
  assert.deepEqual(readTransaction(json(null, '0OIl'))?.events, [])
  for (const wrong of [null, {}, { slot: 1 }, { slot: 1, meta: null }, [], 'x'])
    assert.equal(readTransaction(wrong), undefined)
})

test('pools that a transaction makes, also inside another call', () => {
  const pool = keyName(60)
  const json = (data: string, accounts: number[]) => ({
    meta: {
      err: null,
      innerInstructions: [{ index: 0, instructions: [{ programIdIndex: 1, accounts, data }] }],
    },
    transaction: { message: { accountKeys: [pool, PROGRAMS['raydium-cpmm']], instructions: [] } },
  })
  const initialize = base58(Buffer.from('afaf6d1f0d989bed0000', 'hex'))
  assert.deepEqual(createdPools(json(initialize, [1, 1, 1, 0])), [{ dex: 'raydium-cpmm', pool }])
  assert.deepEqual(createdPools(json(initialize, [1, 1])), [])
  assert.deepEqual(
    createdPools(json(base58(Buffer.from('8fbe5adac41e33de', 'hex')), [0, 0, 0, 0])),
    [],
  )
  for (const wrong of [null, {}, { meta: { err: null } }, 5])
    assert.deepEqual(createdPools(wrong), [])
})

const cpmm = (first: Buffer, second: Buffer): Buffer =>
  at.account(637, {
    0: at.discriminator('account', 'PoolState'),
    72: at.key(10),
    104: at.key(11),
    168: first,
    200: second,
    331: at.u8(9),
    332: at.u8(6),
    341: at.u64(5),
    349: at.u64(7),
  })

test('a pool with SOL first is turned round: price, reserves and sides', () => {
  const account = decodePool(PROGRAMS['raydium-cpmm'], cpmm(fromBase58(WSOL), at.key(1)))
  assert.ok(account !== undefined)
  const pool = poolFacts(keyName(60), account, undefined)
  assert.deepEqual(
    [pool?.mint, pool?.quoteMint, pool?.baseDecimals, pool?.quoteDecimals],
    [keyName(1), WSOL, 6, 9],
  )
  assert.ok(pool !== undefined)
  // Vaults of 2 SOL and 1,000 tokens, less 5 and 7 base units owed.
  const market = marketOf(pool, { base: 2_000_000_005n, quote: 1_000_000_007n })
  assert.deepEqual(
    [market.baseAmount, market.quoteAmount, market.priceSol],
    ['1000000000', '2000000000', 0.002],
  )
  // Whoever buys the pool’s base buys SOL: the token is sold.
  const event = {
    kind: 'swap',
    dex: 'raydium-cpmm',
    side: 'buy',
    baseAmount: 10n,
    quoteAmount: 20n,
  } as const
  const found = findingOf(event, pool, { signature: 's', slot: 1, index: '0.0', at: 5 })
  assert.deepEqual(
    [found?.trade?.side, found?.trade?.baseAmount, found?.trade?.quoteAmount],
    ['sell', '20', '10'],
  )
})

test('a token is bought and sold in whatever it is quoted, on whichever side it stands', () => {
  const [coin, dollar] = [at.key(1), fromBase58(USD1)]
  // SwapEvent of 1,000 in for 2,000 out names what went in and out (raydium-io/raydium-cp-swap).
  const swap = (into: Buffer, out: Buffer) =>
    decodeEvent(
      PROGRAMS['raydium-cpmm'],
      cpmmSwap([into, out, at.u64(0), at.u64(0), at.bool(true)]),
    )!
  for (const other of [dollar, at.key(2)])
    for (const [first, second] of [
      [coin, other],
      [other, coin],
    ] as const) {
      const account = decodePool(PROGRAMS['raydium-cpmm'], cpmm(first, second))!
      const pool = poolFacts(keyName(60), account, keyName(1))
      const told = [swap(other, coin), swap(coin, other)].map(event => {
        const found = findingOf(event, pool, { signature: 's', slot: 1, index: '0.0', at: 5 })
        const { side, baseAmount, quoteAmount } = found?.trade ?? {}
        return [found?.mint, side, baseAmount, quoteAmount]
      })
      assert.deepEqual(told, [
        [keyName(1), 'buy', '2000', '1000'],
        [keyName(1), 'sell', '1000', '2000'],
      ])
    }
  // Nobody asks for the token of a new pool: a dollar is none.
  const opened = decodePool(PROGRAMS['raydium-cpmm'], cpmm(dollar, coin))!
  assert.equal(poolFacts(keyName(60), opened, undefined)?.mint, keyName(1))
})

test('subscriptions are asked for again on every socket, and answers are matched', () => {
  const subscriptions = makeSubscriptions()
  const sent: any[] = []
  subscriptions.want({ kind: 'logs', address: 'A' })
  subscriptions.open(message => sent.push(message))
  subscriptions.want({ kind: 'logs', address: 'B' })
  assert.deepEqual(
    sent.map(({ method, params }) => [method, params[0]?.mentions?.[0]]),
    [
      ['slotSubscribe', undefined],
      ['logsSubscribe', 'A'],
      ['logsSubscribe', 'B'],
    ],
  )
  const say = (message: object) => subscriptions.read(Buffer.from(JSON.stringify(message)))
  say({ id: sent[2].id, result: 77 })
  const value = { signature: 's', err: null, logs: [] }
  const logs = (subscription: number, of: object) =>
    say({
      method: 'logsNotification',
      params: { subscription, result: { context: { slot: 9 }, value: of } },
    })
  assert.deepEqual(logs(77, value), {
    kind: 'logs',
    address: 'B',
    slot: 9,
    signature: 's',
    failed: false,
    logs: [],
  })
  assert.equal(logs(78, value).kind, 'other')
  assert.equal(logs(77, { ...value, signature: '1'.repeat(64) }).kind, 'other')
  assert.equal(logs(77, { signature: 5 }).kind, 'refused')
  assert.equal(say({ id: sent[1].id, error: { code: -32601 } }).kind, 'refused')
  assert.equal(say({ method: 'slotNotification' }).kind, 'slot')
  subscriptions.drop({ kind: 'logs', address: 'B' })
  assert.deepEqual([sent.at(-1).method, sent.at(-1).params], ['logsUnsubscribe', [77]])
  assert.throws(() => subscriptions.read(Buffer.from('{')), /not JSON/)
})

test('where a node is: address or closed file, websocket beside it', t => {
  assert.deepEqual(readEndpoint('http://127.0.0.1:8899').wsUrl, 'ws://127.0.0.1:8900/')
  assert.deepEqual(readEndpoint('https://node.test/rpc').wsUrl, 'wss://node.test/rpc')
  assert.throws(
    () => readEndpoint('https://node.test/0123456789abcdef0'),
    /a key belongs into a file/,
  )
  const dir = mkdtempSync(join(tmpdir(), 'sluice-rpc-'))
  t.after(() => rmSync(dir, { recursive: true, force: true }))
  const path = join(dir, 'rpc')
  writeFileSync(path, 'https://node.test/?api-key=sekret\nwss://other.test/sekret\n', {
    mode: 0o600,
  })
  const { url, wsUrl, secrets } = readEndpoint(path)
  assert.deepEqual([url.host, wsUrl], ['node.test', 'wss://other.test/sekret'])
  assert.ok(secrets.includes('/?api-key=sekret') && secrets.includes('/sekret'))
  chmodSync(path, 0o644)
  assert.throws(() => readEndpoint(path), /can be read by others/)
  writeFileSync(path, 'ftp://x', { mode: 0o600 })
  chmodSync(path, 0o600)
  assert.throws(() => readEndpoint(path), /begins with http: or https:/)
})

test('what creators take stands in the configuration that a pool names', async () => {
  const { account, bool, discriminator, key, u8, u64, u16 } = at
  const [mint, pool, config] = [keyName(1), keyName(60), keyName(61)]
  const named = (program: string, name: string, places: Record<number, Buffer>) => ({
    owner: program,
    bytes: account(1048, { 0: discriminator('account', name), ...places }),
  })
  const { launchlab } = PROGRAMS
  const [cpmm, dbc] = [PROGRAMS['raydium-cpmm'], PROGRAMS['meteora-dbc']]
  const sides = { 168: key(1), 200: fromBase58(WSOL), 331: u8(6), 332: u8(9) }
  const curve = named(launchlab, 'PoolState', {
    18: u8(6),
    19: u8(9),
    37: u64(1000),
    45: u64(10),
    53: u64(100),
    61: u64(1),
    141: key(62),
    173: key(61),
    205: key(1),
    237: fromBase58(WSOL),
  })
  const platform = named(launchlab, 'PlatformConfig', { 720: u64(10_000) })
  const bonding = named(dbc, 'VirtualPool', { 72: key(61), 136: key(1) })
  /** A fee of 1 %, half of which is its creator’s when a fifth went to the protocol. */
  const half = { 8: fromBase58(WSOL), 104: u64(10_000_000), 235: u8(6), 245: u8(50) }
  const cases = [
    // 500 of a million are 5 bps (raydium-cp-swap, states/config.rs: 10^-6).
    [named(cpmm, 'PoolState', { 8: key(61), ...sides, 390: bool(true) }), 'AmmConfig', 5],
    [named(cpmm, 'PoolState', { 8: key(61), ...sides }), 'AmmConfig', 0],
    [curve, platform, 100],
    [bonding, named(dbc, 'PoolConfig', half), 40],
    [bonding, named(dbc, 'PoolConfig', { ...half, 245: u8(0) }), 0],
    // A fee that falls with time is no one number.
    [bonding, named(dbc, 'PoolConfig', { ...half, 128: u16(60) }), undefined],
  ] as const
  for (const [given, of, bps] of cases) {
    const said = typeof of === 'string' ? named(cpmm, of, { 108: u64(500) }) : of
    const known = new Map([
      [pool, given],
      [config, said],
      [keyName(62), named(launchlab, 'GlobalConfig', {})],
    ])
    const { pools, told } = poolsOver(known)
    assert.equal((await pools.load(pool, mint))?.mint, mint)
    assert.equal(told[0]?.facts.creatorFeeBps, bps)
  }
  // Reserves make the price of a constant product only: this curve goes up in a straight line.
  const straight = new Map([
    [pool, curve],
    [config, platform],
    [keyName(62), named(launchlab, 'GlobalConfig', { 16: u8(2) })],
  ])
  const facts = await poolsOver(straight).pools.load(pool, mint)
  assert.deepEqual(
    [marketOf(facts!, {}).priceSol, marketOf(facts!, {}).baseAmount],
    [undefined, undefined],
  )
})

test('a history without what was announced is none', async () => {
  const entry = track('P', 'pump.fun', 0)
  for (const [signature, slot] of [
    ['a', 5],
    ['b', 5],
    ['c', 6],
  ] as const)
    remember(entry, { signature, slot }, 0)
  const point = fillPoint(entry)
  // In one slot nobody knows which came first.
  assert.deepEqual([point.until, point.known], ['a', ['c']])
  const filled = (told: readonly string[]) => {
    const rows = told.map(signature => ({ signature, slot: 6, failed: true, blockTime: 1 }))
    const rpc = { signatures: async () => rows } as never
    const takes = { isNew: () => true, take: async () => undefined, lose: () => undefined }
    return fill(rpc, point, realTime, new AbortController().signal, takes)
  }
  const whole = await filled(['d', 'c'])
  assert.deepEqual([whole.reason, whole.isTemporary], [undefined, false])
  const holes = await filled(['d'])
  assert.deepEqual(
    [holes.reason, holes.isTemporary],
    ['a history without what was announced', true],
  )
})

/** Pools over accounts that a node has. */
function poolsOver(known: ReadonlyMap<string, { owner: string; bytes: Buffer }>) {
  const told: any[] = []
  const rpc = {
    accounts: async (keys: string[]) => ({ slot: 5, accounts: keys.map(each => known.get(each)) }),
  }
  const loop = {
    signal: new AbortController().signal,
    time: { now: () => 0 },
    complain: { rejected: (reason: string) => assert.fail(reason) },
  }
  const pools = makePools(
    rpc as never,
    loop as never,
    () => undefined,
    found => told.push(found),
  )
  return { pools, told }
}
