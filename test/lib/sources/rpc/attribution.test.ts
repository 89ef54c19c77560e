import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromBase58 } from '../../../../lib/sources/decode/base58.ts'
import { WSOL } from '../../../../lib/sources/decode/programs.ts'
import { POOL_FILTERS } from '../../../../lib/sources/rpc/program-filters.ts'
import { base58, bool, discriminator, i64, key, keyName, u8, u64 } from '../decode/bytes.ts'
import { data, inFrame, pumpMigrate, pumpTrade, ray, swapBuy } from '../decode/fixtures.ts'
import { followed, listening, PROGRAMS } from './listening.ts'

const AMM = PROGRAMS['raydium-amm']
const [rayPool, otherRay, amm, curve, clmm] = [7, 8, 9, 10, 11].map(keyName) as [
  ...[string, string, string, string, string],
]
const [dlmm, router] = [keyName(12), keyName(13)]

/** A swap of 1,000 base units in for 499 out, by a log that names no pool. */
const rayLine = (direction: bigint, base = 1_000_000n, quote = 500_000n): string =>
  ray(
    Buffer.concat([
      u8(3),
      ...[u64(1_000n), u64(0), u64(direction), u64(0), u64(base), u64(quote), u64(499n)],
    ]),
  )
const inside = (program: string, ...lines: string[]): string[] => [
  `Program ${program} invoke [2]`,
  ...lines,
  `Program ${program} success`,
]

/** JSON of a transaction that routes through instructions of Raydium’s AMM v4 in these pools. */
const routed = (logs: readonly string[], pools: readonly string[]) => {
  const keys = [router, AMM, ...pools]
  const swap = (at: number) => ({
    programIdIndex: 1,
    accounts: [0, at, 0],
    data: base58(Buffer.concat([u8(9), u64(1_000n), u64(0)])),
    stackHeight: 2,
  })
  return {
    slot: 5,
    blockTime: 1_760_000_000,
    transaction: {
      message: {
        accountKeys: keys.slice(0, 2),
        instructions: [{ programIdIndex: 0, accounts: [], data: '' }],
      },
    },
    meta: {
      err: null,
      logMessages: logs,
      innerInstructions: [{ index: 0, instructions: pools.map((_, i) => swap(2 + i)) }],
      loadedAddresses: { writable: pools, readonly: [] },
    },
  }
}
const told = ({ trades }: ReturnType<typeof listening>): string[] =>
  trades()
    .map(({ pool, trade }) => `${trade.dex}@${pool}`)
    .sort()

test('a route by way of SOL makes no trade of the coin out of its first leg', async () => {
  const logs = [...inFrame(AMM, rayLine(1n)), ...inFrame(PROGRAMS.pumpswap, data(swapBuy()))]
  // The event of the second leg names pool 7, which is the one followed here.
  const ears = listening([followed(rayPool, 'pumpswap', keyName(1))], () => undefined)
  await ears.hear(rayPool, 'S', logs)
  assert.deepEqual(told(ears), [`pumpswap@${rayPool}`])
  assert.deepEqual([ears.asked, ears.gaps()], [[], []])
})

test('two swaps of one program are each in the pool of their instruction', async () => {
  const logs = inFrame(router, ...inside(AMM, rayLine(1n)), ...inside(AMM, rayLine(2n)))
  for (const order of [
    [rayPool, otherRay, curve],
    [curve, otherRay, rayPool, otherRay],
  ]) {
    const ears = listening(
      [
        followed(rayPool, 'raydium-amm', keyName(1)),
        followed(otherRay, 'raydium-amm', keyName(2)),
        followed(curve, 'pump.fun', keyName(3)),
      ],
      () => routed(logs, [otherRay, rayPool]),
    )
    for (const address of order) await ears.hear(address, 'S', logs)
    assert.deepEqual(told(ears), [`raydium-amm@${rayPool}`, `raydium-amm@${otherRay}`].sort())
    const first = ears.trades().find(({ pool }) => pool === otherRay)
    assert.deepEqual([first?.trade.side, first?.mint], ['buy', keyName(2)])
    assert.deepEqual([ears.asked.length, ears.gaps()], [1, []])
  }
})

test('a pool that a router was only shown has no trade; what names no pool is a gap', async () => {
  const logs = inFrame(router, ...inside(AMM, rayLine(1n)))
  const shown = listening([followed(rayPool, 'raydium-amm', keyName(1))], () =>
    routed(logs, [otherRay]),
  )
  await shown.hear(rayPool, 'S', logs)
  assert.deepEqual([told(shown), shown.gaps()], [[], []])
  const nameless = listening([followed(rayPool, 'raydium-amm', keyName(1))], () => routed(logs, []))
  await nameless.hear(rayPool, 'S', logs)
  assert.deepEqual([told(nameless), nameless.counts.get('unattributed')], [[], 1])
  const [gap] = nameless.gaps()
  assert.match(gap.gap.reason, /^transaction S is unattributed/)
  assert.equal(gap.gap.lost, 1)
})

test('a swap that begins where the last one ended is of the same pool', async () => {
  const ears = listening([followed(rayPool, 'raydium-amm', keyName(1))], signature =>
    routed(inFrame(router, ...inside(AMM, rayLine(1n, 5n, 5n))), [
      signature === 'c' ? otherRay : rayPool,
    ]),
  )
  // Called by itself: only its own instruction can have named the pool.
  await ears.hear(rayPool, 'a', inFrame(AMM, rayLine(2n)))
  // 1,000 went in and 499 out.
  const next = rayLine(2n, 1_001_000n, 499_501n)
  await ears.hear(rayPool, 'b', inFrame(router, ...inside(AMM, next)))
  assert.deepEqual(ears.asked, [])
  await ears.hear(rayPool, 'c', inFrame(router, ...inside(AMM, rayLine(2n, 5n, 5n))))
  assert.deepEqual([told(ears).length, ears.asked], [2, ['c']])
})

test('programs that log and programs that call themselves, in one transaction', async () => {
  const clmmSwap = Buffer.concat([
    discriminator('event', 'SwapEvent'),
    ...[key(11), key(3), key(4), key(5), u64(10), u64(0), u64(20), u64(0), bool(true)],
  ])
  const dlmmSwap = Buffer.concat([
    Buffer.from('e445a52e51cb9a1d', 'hex'),
    discriminator('event', 'Swap'),
    ...[key(12), key(3), Buffer.alloc(8), u64(700n), u64(90n), bool(true)],
  ])
  const logs = [
    ...inFrame(PROGRAMS['raydium-clmm'], data(clmmSwap)),
    ...inFrame(PROGRAMS['meteora-dlmm']),
    ...inFrame(PROGRAMS['pump.fun'], data(pumpTrade(true))),
  ]
  const json = {
    slot: 5,
    blockTime: 1_760_000_000,
    transaction: { message: { accountKeys: [PROGRAMS['meteora-dlmm']], instructions: [] } },
    meta: {
      err: null,
      logMessages: logs,
      innerInstructions: [
        { index: 1, instructions: [{ programIdIndex: 0, accounts: [], data: base58(dlmmSwap) }] },
      ],
    },
  }
  const pools = [
    followed(clmm, 'raydium-clmm', keyName(4)),
    followed(dlmm, 'meteora-dlmm', keyName(5)),
    followed(amm, 'pumpswap', keyName(1)),
  ]
  for (const order of [[clmm, dlmm, amm], [dlmm, amm, clmm], [amm, clmm, dlmm], [dlmm]]) {
    const ears = listening(pools, () => json)
    for (const address of order) await ears.hear(address, 'S', logs)
    const dexes = ears.trades().map(({ trade }) => trade.dex)
    assert.deepEqual(dexes.sort(), ['meteora-dlmm', 'pump.fun', 'raydium-clmm'])
    // The token of the pump.fun trade is followed in another pool by now: its curve is its own.
    const curveTrade = ears.trades().find(({ trade }) => trade.dex === 'pump.fun')
    assert.ok(curveTrade.pool !== amm && curveTrade.pool !== undefined)
    assert.equal(new Set(ears.trades().map(({ trade }) => trade.index)).size, 3)
  }
})

test('what stood before a cut counts, what is behind it is a gap with the signature', async () => {
  const logs = [...inFrame(PROGRAMS.pumpswap, data(swapBuy())), 'Log truncated']
  const ears = listening([followed(rayPool, 'pumpswap', keyName(1))], () => undefined)
  await ears.hear(rayPool, 'CUT', logs)
  assert.equal(told(ears).length, 1)
  assert.match(ears.gaps()[0].gap.reason, /^transaction CUT is not to be had/)
})

test('trades of the transaction that opens a pool are told in it', async () => {
  const [mint, fresh] = [keyName(1), keyName(7)]
  const ears = listening([followed(curve, 'pump.fun', mint)], () => undefined)
  // A curve is sold out; its pool is made, moved to and traded in at once.
  const logs = [
    ...inFrame(PROGRAMS.pumpswap, data(openPool(key(1), key(7)))),
    ...inFrame(PROGRAMS['pump.fun'], data(pumpMigrate())),
    ...inFrame(PROGRAMS.pumpswap, data(swapBuy())),
  ]
  await ears.hear(curve, 'M', logs)
  const [trade] = ears.trades()
  assert.deepEqual([trade?.pool, trade?.mint, trade?.trade.dex], [fresh, mint, 'pumpswap'])
  assert.ok(trade.trade.priceSol > 0)
  // Whoever listens to it from now on begins behind that transaction.
  assert.equal(ears.bornIn(fresh)?.signature, 'M')
})

/** A transaction of one top-level instruction, and what it calls. */
const calling = (
  top: { program: string; accounts: string[]; data: string },
  inner: { program: string; accounts: string[]; data: string }[],
  logMessages: string[],
) => {
  const all = [top, ...inner]
  const keys = [...new Set(all.flatMap(({ program, accounts }) => [program, ...accounts]))]
  const written = ({ program, accounts, data: hex }: typeof top, stackHeight: number) => ({
    programIdIndex: keys.indexOf(program),
    accounts: accounts.map(each => keys.indexOf(each)),
    data: base58(Buffer.from(hex, 'hex')),
    stackHeight,
  })
  return {
    slot: 5,
    blockTime: 1_760_000_000,
    transaction: { message: { accountKeys: keys, instructions: [written(top, 1)] } },
    meta: {
      err: null,
      logMessages,
      innerInstructions: [{ index: 0, instructions: inner.map(each => written(each, 2)) }],
    },
  }
}

/** Accounts of an instruction of which only some are told apart. */
const accountsAt = (count: number, at: Record<number, string>): string[] =>
  Array.from({ length: count }, (_, i) => at[i] ?? keyName(100 + i))

test('a curve of LaunchLab moves into the pool that its migrating instruction names', async () => {
  const [mint, home, fresh] = [keyName(1), keyName(6), keyName(7)]
  const bought = Buffer.concat([
    ...[discriminator('event', 'SwapEvent'), key(7), u64(1), u64(2), u64(5000n), u64(700n)],
    ...[u64(0), u64(0), bool(true), fromBase58(WSOL), key(1)],
  ])
  const logs = inFrame(
    PROGRAMS.launchlab,
    ...inside(PROGRAMS['raydium-cpmm'], 'Program log: Instruction: InitializeWithPermission'),
    ...inside(PROGRAMS['raydium-cpmm'], data(bought)),
  )
  const json = calling(
    {
      program: PROGRAMS.launchlab,
      accounts: accountsAt(29, { 1: mint, 2: WSOL, 5: fresh, 18: home }),
      data: '885cc8671cda908c',
    },
    [
      {
        program: PROGRAMS['raydium-cpmm'],
        accounts: accountsAt(20, { 4: fresh, 5: mint, 6: WSOL }),
        data: '3f37fe4131b25979',
      },
      { program: PROGRAMS['raydium-cpmm'], accounts: [home], data: '8fbe5adac41e33de' },
    ],
    logs,
  )
  const curvePool = followed(home, 'launchlab', mint)
  const ears = listening([curvePool], () => json)
  await ears.hear(home, 'M', logs)
  const [trade] = ears.trades()
  assert.deepEqual([trade?.pool, trade?.mint, trade?.trade.dex], [fresh, mint, 'raydium-cpmm'])
  // 5,000 lamports for 700 base units; the curve knows that six decimals are theirs.
  assert.equal(trade.trade.priceSol, 0.00714285714286)
  assert.equal(ears.bornIn(fresh)?.signature, 'M')
  assert.deepEqual(
    ears.moved().map(({ pool }) => pool),
    [fresh],
  )
  const deaf = listening([curvePool], () => undefined)
  await deaf.hear(home, 'M', logs)
  assert.match(deaf.gaps()[0].gap.reason, /^transaction M is not to be had/)
})

/** A pool of PumpSwap against SOL, with its token first. */
const openPool = (mint: Buffer, pool: Buffer): Buffer =>
  Buffer.concat([
    discriminator('event', 'CreatePoolEvent'),
    ...[i64(1_760_000_000), u8(0), u8(0), key(4), mint, fromBase58(WSOL), u8(6), u8(9)],
    ...[u64(1), u64(1), u64(200_000_000n), u64(50_000_000n), u64(1), u64(1), u64(1), u8(1), pool],
  ])

test('a program that the node does not tell of is a gap, as often as it refuses', async () => {
  const ears = listening([], () => undefined)
  const want = { kind: 'program' as const, filter: POOL_FILTERS.launchlab[0]! }
  const gaps = () => ears.gaps().map(({ gap }) => gap.reason)
  await ears.note({ kind: 'subscribed', want })
  assert.deepEqual(gaps(), [])
  await ears.note({ kind: 'refused', reason: 'x', want })
  await ears.note({ kind: 'subscribed', want })
  ears.closed()
  await ears.note({ kind: 'subscribed', want })
  const told = `program ${want.filter.name}: pools that opened were not told`
  assert.deepEqual(gaps(), [told, told, told])
  await ears.note({ kind: 'subscribed', want })
  assert.equal(gaps().length, 3)
})

test('what the node does not have is lost to each pool, since its block', async () => {
  const [one, other] = [keyName(7), keyName(8)]
  const pools = [followed(one, 'pumpswap', keyName(1)), followed(other, 'pumpswap', keyName(2))]
  const block = 1_760_000_000 - 20
  const row = { signature: 'GONE', slot: 5, failed: false, blockTime: block }
  const ears = listening(pools, () => undefined, [row])
  for (const address of [one, other, one]) {
    await ears.hear(address, `seen ${address}`, inFrame(PROGRAMS.pumpswap))
    await ears.fill(address)
  }
  const gaps = ears.gaps().map(({ gap }) => [gap.reason.split(':')[0], gap.fromAt, gap.lost])
  const fromAt = (block - 1) * 1000
  assert.deepEqual(gaps, [
    [`logs of ${one}`, fromAt, 1],
    [`logs of ${other}`, fromAt, 1],
  ])
  // Its own notice may still bring what the node has forgotten.
  await ears.hear(other, 'GONE', inFrame(PROGRAMS.pumpswap, data(swapBuy())))
  assert.equal(ears.trades().length, 1)
})

test('while a pool cannot be read each try that fails is a gap; then all is told', async () => {
  const ears = listening([followed(rayPool, 'pumpswap', keyName(1))], () => undefined)
  ears.unread(rayPool)
  await ears.stayBlind(rayPool)
  assert.equal(ears.gaps().length, 0)
  await ears.hear(rayPool, 'S', inFrame(PROGRAMS.pumpswap, data(swapBuy())))
  assert.equal(ears.trades().length, 0)
  await ears.stayBlind(rayPool)
  await ears.stayBlind(rayPool)
  const blind = `pool ${rayPool}: the node did not tell what it is`
  const told = () => ears.gaps().map(({ gap }) => gap.reason)
  assert.deepEqual(told(), [blind, blind])
  await ears.release(rayPool)
  assert.deepEqual([told().length, ears.trades().length], [3, 1])
})
