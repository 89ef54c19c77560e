import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromBase58 } from '../../../../lib/sources/decode/base58.ts'
import { decodePool } from '../../../../lib/sources/decode/decode.ts'
import { PROGRAMS, TOKEN, WSOL } from '../../../../lib/sources/decode/programs.ts'
import { type PoolFacts, poolFacts } from '../../../../lib/sources/rpc/orient.ts'
import type { Pools } from '../../../../lib/sources/rpc/pool-accounts.ts'
import { makeReserves } from '../../../../lib/sources/rpc/pool-reserves.ts'
import * as at from '../decode/bytes.ts'

const [POOL, BASE, QUOTE] = [at.keyName(60), at.keyName(10), at.keyName(11)]
const vault = (amount: bigint) => ({ owner: TOKEN, bytes: at.account(165, { 64: at.u64(amount) }) })

/** A CPMM pool of a token against SOL with fees of both owed. */
const cpmm = (owedBase: bigint, owedQuote: bigint) => ({
  owner: PROGRAMS['raydium-cpmm'],
  bytes: at.account(637, {
    0: at.discriminator('account', 'PoolState'),
    72: at.key(10),
    104: at.key(11),
    168: at.key(1),
    200: fromBase58(WSOL),
    331: at.u8(6),
    332: at.u8(9),
    341: at.u64(owedBase),
    349: at.u64(owedQuote),
  }),
})
/** A PumpSwap pool with virtual quote. */
const pumpswap = (virtual: bigint) => ({
  owner: PROGRAMS.pumpswap,
  bytes: at.account(301, {
    0: at.discriminator('account', 'Pool'),
    43: at.key(1),
    75: fromBase58(WSOL),
    139: at.key(10),
    171: at.key(11),
    245: at.u64(virtual),
  }),
})

function follow(account: { owner: string; bytes: Buffer }) {
  let facts: PoolFacts | undefined
  const update = (
    _: string,
    __: string | undefined,
    given: { owner: string; bytes: Buffer },
  ): boolean => {
    const decoded = decodePool(given.owner, given.bytes)
    facts = decoded === undefined ? undefined : poolFacts(POOL, decoded, undefined)
    return facts !== undefined
  }
  update(POOL, undefined, account)
  const clock = { now: 10_000 }
  const reserves = makeReserves({ get: () => facts, update } as unknown as Pools, () => clock.now)
  const addresses = reserves.follow(facts!)
  return { reserves, clock, addresses }
}

test('reserves: the vaults less what is owed, told when a slot’s messages are in', () => {
  const { reserves, clock, addresses } = follow(cpmm(5n, 7n))
  assert.deepEqual(addresses, [POOL, BASE, QUOTE])
  reserves.take(BASE, 100, vault(1_000_000_005n))
  clock.now += 100
  assert.deepEqual(reserves.due(clock.now), { found: [], torn: [] })
  reserves.take(QUOTE, 100, vault(2_000_000_007n))
  assert.deepEqual(reserves.due(clock.now).found, [])
  clock.now += 100
  const [found] = reserves.due(clock.now).found
  assert.deepEqual(
    [
      found?.slot,
      found?.market?.baseAmount,
      found?.market?.quoteAmount,
      found?.market?.priceSol,
      found?.realQuote,
    ],
    [100, '1000000000', '2000000000', 0.002, 2_000_000_000n],
  )
  // More is owed now: the pool itself has changed, its vaults have not.
  reserves.take(POOL, 101, cpmm(10n, 7n))
  clock.now += 1000
  assert.equal(reserves.due(clock.now).found[0]?.market?.baseAmount, '999999995')
})

test('PumpSwap’s virtual quote makes the price and is no liquidity', () => {
  const { reserves, clock } = follow(pumpswap(500_000_000n))
  reserves.take(BASE, 100, vault(1_000_000_000n))
  reserves.take(QUOTE, 100, vault(2_000_000_000n))
  clock.now += 100
  const [found] = reserves.due(clock.now).found
  assert.deepEqual([found?.market?.quoteAmount, found?.realQuote], ['2500000000', 2_000_000_000n])
})

test(
  'older slots are passed over, a busy pool is told once a second, one slot once, a lost ' +
    'message is noticed',
  () => {
    const { reserves, clock } = follow(cpmm(0n, 0n))
    const swap = (slot: number, base: bigint, quote: bigint): void => {
      reserves.take(BASE, slot, vault(base))
      reserves.take(QUOTE, slot, vault(quote))
      clock.now += 100
    }
    swap(100, 10n, 20n)
    assert.equal(reserves.due(clock.now).found.length, 1)
    swap(102, 30n, 40n)
    swap(101, 50n, 60n)
    assert.deepEqual(reserves.due(clock.now).found, [])
    clock.now += 1000
    assert.equal(reserves.due(clock.now).found[0]?.market?.baseAmount, '30')
    assert.equal(reserves.isNew(POOL, 102), false)
    reserves.take(BASE, 103, vault(70n))
    clock.now += 1999
    assert.deepEqual(reserves.due(clock.now), { found: [], torn: [] })
    clock.now += 1
    assert.deepEqual(reserves.due(clock.now), { found: [], torn: [POOL] })
    assert.deepEqual(reserves.drop(POOL), [POOL, BASE, QUOTE])
    reserves.take(BASE, 104, vault(1n))
    assert.deepEqual(reserves.due(clock.now + 9999), { found: [], torn: [] })
  },
)
