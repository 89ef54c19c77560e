import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { makeRng } from '../../../../lib/base/rng.ts'
import type { Rec } from '../../../../lib/records/record.ts'
import { fromBase58 } from '../../../../lib/sources/decode/base58.ts'
import { PROGRAMS, TOKEN, WSOL } from '../../../../lib/sources/decode/programs.ts'
import { openExchange } from '../../../exchange/http.ts'
import { makeMarket } from '../../../exchange/market.ts'
import { type Node, openNode } from '../../../exchange/node.ts'
import { account, bool, discriminator, key, keyName, u8, u64 } from '../decode/bytes.ts'
import { of, run } from '../live/run.ts'

const [MINT, LAUNCH, POOL, OLD] = [keyName(1), keyName(60), keyName(61), keyName(62)]
const [BASE, QUOTE] = [keyName(10), keyName(11)]
const state = discriminator('account', 'PoolState')
const curve = (status: number, realQuote: bigint) => ({
  owner: PROGRAMS.launchlab,
  data: account(429, {
    0: state,
    17: u8(status),
    18: u8(6),
    19: u8(9),
    21: u64(10n ** 15n),
    37: u64(1073n * 10n ** 12n),
    45: u64(30n * 10n ** 9n),
    53: u64(0),
    61: u64(realQuote),
    205: key(1),
    237: fromBase58(WSOL),
    333: key(4),
  }),
})
const cpmm = (opened: number, mint = 1) => ({
  owner: PROGRAMS['raydium-cpmm'],
  data: account(637, {
    0: state,
    72: key(10),
    104: key(11),
    168: key(mint),
    200: fromBase58(WSOL),
    331: u8(6),
    332: u8(9),
    341: u64(5),
    349: u64(7),
    373: u64(BigInt(opened)),
  }),
})
const mint = {
  owner: TOKEN,
  data: account(82, { 36: u64(10n ** 15n), 44: Buffer.from([6]), 45: bool(true) }),
}
const vault = (amount: bigint) => ({ owner: TOKEN, data: account(165, { 64: u64(amount) }) })
const now = (): number => Math.floor(Date.now() / 1000)

async function until(what: string, is: () => boolean): Promise<void> {
  for (let i = 0; i < 1500 && !is(); i++) await wait(10)
  assert.ok(is(), what)
}

async function withNode(
  act: (node: Node, seen: () => readonly Rec[]) => Promise<void>,
): Promise<Rec[]> {
  const market = makeMarket({ seed: 'accounts', days: 0.05, tokensPerHour: 12, until: Date.now() })
  const [node, exchange] = [await openNode(), await openExchange(market, makeRng('x'))]
  node.accounts.set(MINT, mint)
  let seen: readonly Rec[] = []
  let isDone = false
  const acting = act(node, () => seen).finally(() => (isDone = true))
  acting.catch(() => undefined)
  const base = [`jupiter=${exchange.url}`]
  const flags = {
    providers: ['rpc'],
    rpc: node.url,
    rpcRate: 100_000,
    programs: ['launchlab', 'raydium-cpmm'],
    base,
  }
  const { lines } = await run(
    flags,
    given => {
      seen = given
      return isDone
    },
    { speed: 5 },
  ).finally(() => {
    node.close()
    exchange.close()
  })
  await acting
  return lines
}

test(
  'a LaunchLab curve is found by its program, and its reserves are told as they change, in SOL ' +
    'and USD',
  async () => {
    const lines = await withNode(async (node, seen) => {
      await until('the program', () => node.subscriptions() === 4)
      await wait(50)
      // A curve that is sold out is none to find: the node’s filter leaves it out.
      node.change(keyName(63), curve(1, 9n))
      node.change(LAUNCH, curve(0, 0n))
      await until('the curve is followed', () => node.listened().includes(LAUNCH))
      await wait(300)
      node.change(LAUNCH, curve(0, 3_000_000_000n))
      await until('a market', () =>
        of(seen(), 'market').some(({ market }) => market?.quoteAmount === '33000000000'),
      )
    })
    const [token] = of(lines, 'token')
    assert.deepEqual([token?.mint, token?.pool, token?.token?.mintRevoked], [MINT, LAUNCH, true])
    const found = of(lines, 'market').find(({ market }) => market?.quoteAmount === '33000000000')
    assert.deepEqual([found?.pool, found?.market?.dex, found?.source], [LAUNCH, 'launchlab', 'rpc'])
    // 33 SOL for 1,073 million tokens at 200 USD; 3 SOL are really in it.
    const { priceSol = 0, priceUsd = 0, liquidityUsd } = found?.market ?? {}
    assert.ok(
      Math.abs(priceSol - 33 / 1.073e9) < 1e-18 &&
        Math.abs(priceUsd - (200 * 33) / 1.073e9) < 1e-15,
    )
    assert.equal(liquidityUsd, 1200)
  },
)

test(
  'a pool that opens now is found and one of long ago is not; its reserves are those of its ' +
    'vaults',
  async () => {
    const lines = await withNode(async (node, seen) => {
      await until('the programs', () => node.subscriptions() === 4)
      await wait(50)
      node.accounts.set(BASE, vault(1n))
      node.accounts.set(QUOTE, vault(1n))
      node.change(OLD, cpmm(now() - 86_400, 2))
      node.change(POOL, cpmm(now()))
      await until('the pool is followed', () => node.listened().includes(POOL))
      await wait(300)
      node.change(BASE, vault(1_000_000_005n))
      node.change(QUOTE, vault(2_000_000_007n))
      await until('a market', () =>
        of(seen(), 'market').some(({ market }) => market?.quoteAmount === '2000000000'),
      )
    })
    assert.deepEqual([...new Set(of(lines, 'token').map(({ mint }) => mint))], [MINT])
    const found = of(lines, 'market').findLast(({ market }) => market?.quoteAmount === '2000000000')
    assert.deepEqual(
      [found?.market?.baseAmount, found?.market?.priceSol, found?.market?.liquidityUsd],
      ['1000000000', 0.002, 800],
    )
    const ids = of(lines, 'market').map(({ id }) => id)
    assert.equal(new Set(ids).size, ids.length)
  },
)
