import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DataError } from '../../../../lib/base/errors.ts'
import { fromBase58 } from '../../../../lib/sources/decode/base58.ts'
import { decodeConfig, decodeEvent, decodePool } from '../../../../lib/sources/decode/decode.ts'
import { PROGRAMS, WSOL } from '../../../../lib/sources/decode/programs.ts'
import { squarePrice, virtualReserves } from '../../../../lib/sources/decode/square-root.ts'
import { marketOf, poolFacts, realQuote } from '../../../../lib/sources/rpc/orient.ts'
import * as at from './bytes.ts'

const name = at.keyName
const AT = 1_760_000_000_000
const SECOND = at.u64(AT / 1000)
const i32 = (value: number): Buffer => {
  const out = Buffer.alloc(4)
  out.writeInt32LE(value)
  return out
}
const u128 = (value: bigint): Buffer => at.i128(value)
const event = (kind: string, ...parts: Buffer[]): Buffer =>
  Buffer.concat([at.discriminator('event', kind), ...parts])
const inside = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from('e445a52e51cb9a1d', 'hex'), bytes])
/** √p = 1/32 in Q64: p = 1/1024. */
const ROOT = 1n << 59n

test('square roots: p = (root / 2^64)², and x · y = L², x / y = 1 / p', () => {
  assert.equal(squarePrice(ROOT), 1 / 1024)
  assert.equal(squarePrice(0n), undefined)
  // L = 1,000,000: x = L / √p = 32,000,000; y = L · √p = 31,250 (Uniswap v3 whitepaper, 6.2.1).
  const reserves = { base: 32_000_000n, quote: 31_250n }
  assert.deepEqual(virtualReserves(1_000_000n, ROOT, 0n), reserves)
  assert.deepEqual(virtualReserves(1_000_000n << 64n, ROOT, 64n), reserves)
  assert.equal(virtualReserves(1_000_000n, 0n, 0n), undefined)
  assert.equal(virtualReserves(0n, ROOT, 64n), undefined)
})

test('Raydium CLMM: a swap, an opening, an account', () => {
  const clmm = PROGRAMS['raydium-clmm']
  const amounts = [at.u64(5_000), at.u64(0), at.u64(700), at.u64(0)]
  for (const isSell of [true, false])
    assert.deepEqual(
      decodeEvent(
        clmm,
        event(
          'SwapEvent',
          ...[7, 3, 5, 6].map(at.key),
          ...amounts,
          at.bool(isSell),
          u128(ROOT),
          u128(1n),
          i32(-9),
        ),
      ),
      {
        kind: 'swap',
        dex: 'raydium-clmm',
        pool: name(7),
        wallet: name(3),
        side: isSell ? 'sell' : 'buy',
        baseAmount: 5_000n,
        quoteAmount: 700n,
      },
    )
  assert.deepEqual(
    decodeEvent(
      clmm,
      event('PoolCreatedEvent', at.key(1), fromBase58(WSOL), at.u16(60), at.key(7)),
    ),
    {
      kind: 'open',
      dex: 'raydium-clmm',
      mint: name(1),
      quoteMint: WSOL,
      pool: name(7),
    },
  )
  const pool = at.account(1544, {
    0: at.discriminator('account', 'PoolState'),
    73: at.key(1),
    105: fromBase58(WSOL),
    137: at.key(10),
    169: at.key(11),
    233: at.u8(6),
    234: at.u8(9),
    253: u128(ROOT),
    389: at.u8(16),
    1080: SECOND,
  })
  assert.deepEqual(decodePool(clmm, pool), {
    dex: 'raydium-clmm',
    baseMint: name(1),
    quoteMint: WSOL,
    baseVault: name(10),
    quoteVault: name(11),
    baseDecimals: 6,
    quoteDecimals: 9,
    isOpen: false,
    openAt: AT,
    spot: 1 / 1024,
  })
  assert.throws(() => decodePool(clmm, pool.subarray(0, 1087)), DataError)
})

test('fees of transfers are no part of what a pool took, and part of what it gave', () => {
  const amounts = (dex: keyof typeof PROGRAMS, bytes: Buffer): bigint[] => {
    const read = decodeEvent(PROGRAMS[dex], bytes)
    return read?.kind === 'swap' ? [read.baseAmount, read.quoteAmount] : []
  }
  // raydium-clmm, swap_v2: amounts “without fee”, of the pool going in, of the user coming out.
  const clmm = (isSell: boolean): Buffer =>
    event(
      'SwapEvent',
      ...[7, 3, 5, 6].map(at.key),
      ...[5_000, 50, 700, 7].map(at.u64),
      ...[at.bool(isSell), u128(ROOT), u128(1n), i32(-9)],
    )
  assert.deepEqual(amounts('raydium-clmm', clmm(true)), [5_000n, 707n])
  assert.deepEqual(amounts('raydium-clmm', clmm(false)), [5_050n, 700n])
  // Whirlpools: 900 in of which the mint keeps 9, 80 out of which it keeps 8 behind the pool.
  const orca = event(
    'Traded',
    ...[at.key(7), at.bool(true), u128(ROOT), u128(ROOT)],
    ...[900, 80, 9, 8, 0, 0].map(at.u64),
  )
  assert.deepEqual(amounts('orca', orca), [891n, 80n])
})

test('Orca: a trade either way, an opening, an account', () => {
  const trade = (isSell: boolean): Buffer =>
    event(
      'Traded',
      at.key(7),
      at.bool(isSell),
      u128(ROOT),
      u128(ROOT),
      at.u64(900),
      at.u64(80),
      ...Array(4).fill(at.u64(0)),
    )
  const swap = { kind: 'swap', dex: 'orca', pool: name(7) }
  assert.deepEqual(decodeEvent(PROGRAMS.orca, trade(true)), {
    ...swap,
    side: 'sell',
    baseAmount: 900n,
    quoteAmount: 80n,
  })
  assert.deepEqual(decodeEvent(PROGRAMS.orca, trade(false)), {
    ...swap,
    side: 'buy',
    baseAmount: 80n,
    quoteAmount: 900n,
  })
  const opened = event(
    'PoolInitialized',
    ...[7, 8, 1, 2].map(at.key),
    at.u16(64),
    at.key(9),
    at.key(9),
    at.u8(6),
    at.u8(9),
  )
  assert.deepEqual(decodeEvent(PROGRAMS.orca, opened), {
    kind: 'open',
    dex: 'orca',
    pool: name(7),
    mint: name(1),
    quoteMint: name(2),
    baseDecimals: 6,
    quoteDecimals: 9,
  })
  const pool = at.account(653, {
    0: at.discriminator('account', 'Whirlpool'),
    65: u128(ROOT),
    85: at.u64(3),
    93: at.u64(4),
    101: fromBase58(WSOL),
    133: at.key(10),
    181: at.key(1),
    213: at.key(11),
  })
  const account = decodePool(PROGRAMS.orca, pool)
  assert.deepEqual(account, {
    dex: 'orca',
    baseMint: WSOL,
    baseVault: name(10),
    quoteMint: name(1),
    quoteVault: name(11),
    isOpen: true,
    baseOwed: 3n,
    quoteOwed: 4n,
    spot: 1 / 1024,
  })
  // SOL is first: 1,024 tokens’ base units cost one of SOL’s the other way round, with 6 and 9
  // decimals 1.024 SOL a token.
  const facts = poolFacts(name(7), account as NonNullable<typeof account>, undefined)
  assert.ok(facts !== undefined)
  facts.baseDecimals = 6
  const market = marketOf(facts, { base: 1003n, quote: 500n })
  assert.deepEqual(
    [market.priceSol, market.baseAmount, market.quoteAmount],
    [1.024, undefined, undefined],
  )
  assert.equal(realQuote(facts, { base: 1003n, quote: 500n }), 1000n)
})

test('Meteora DLMM: a swap and an opening as self-calls, the price of a bin', () => {
  const dlmm = PROGRAMS['meteora-dlmm']
  const swap = inside(
    event(
      'Swap',
      at.key(7),
      at.key(3),
      i32(-5),
      i32(-6),
      at.u64(900),
      at.u64(80),
      at.bool(true),
      at.u64(1),
      at.u64(0),
    ),
  )
  assert.deepEqual(decodeEvent(dlmm, swap), {
    kind: 'swap',
    dex: 'meteora-dlmm',
    pool: name(7),
    wallet: name(3),
    side: 'sell',
    baseAmount: 900n,
    quoteAmount: 80n,
  })
  const opened = inside(event('LbPairCreate', at.key(7), at.u16(20), at.key(1), fromBase58(WSOL)))
  assert.deepEqual(decodeEvent(dlmm, opened), {
    kind: 'open',
    dex: 'meteora-dlmm',
    pool: name(7),
    mint: name(1),
    quoteMint: WSOL,
  })
  const pool = (bin: number): Buffer =>
    at.account(904, {
      0: at.discriminator('account', 'LbPair'),
      76: i32(bin),
      80: at.u16(100),
      82: at.u8(0),
      88: at.key(1),
      120: fromBase58(WSOL),
      152: at.key(10),
      184: at.key(11),
    })
  const account = decodePool(dlmm, pool(-2))
  // A step of 100: 1.01 to the power of −2.
  assert.equal(account?.spot?.toFixed(12), (1 / 1.0201).toFixed(12))
  assert.deepEqual(
    [account?.isOpen, account?.baseVault, account?.quoteVault],
    [true, name(10), name(11)],
  )
  assert.equal(decodePool(dlmm, pool(2_147_483_647))?.spot, 0)
})

test('Meteora DAMM v2: one event counts, reserves only where the range is whole', () => {
  const damm = PROGRAMS['meteora-damm2']
  const swap = (direction: number): Buffer =>
    inside(
      event(
        'EvtSwap2',
        ...[
          at.key(7),
          at.u8(direction),
          at.u8(0),
          at.bool(false),
          at.u64(900),
          at.u64(1),
          at.u8(0),
        ],
        ...[
          at.u64(900),
          at.u64(890),
          at.u64(0),
          at.u64(80),
          u128(ROOT),
          ...[1, 2, 3, 4, 900, 900, 80].map(at.u64),
        ],
        ...[SECOND, at.u64(1), at.u64(1)],
      ),
    )
  const common = { kind: 'swap', dex: 'meteora-damm2', pool: name(7), at: AT }
  assert.deepEqual(decodeEvent(damm, swap(0)), {
    ...common,
    side: 'sell',
    baseAmount: 900n,
    quoteAmount: 80n,
  })
  assert.deepEqual(decodeEvent(damm, swap(1)), {
    ...common,
    side: 'buy',
    baseAmount: 80n,
    quoteAmount: 900n,
  })
  assert.throws(() => decodeEvent(damm, swap(2)), /expected 0 or 1, got 2/)
  assert.equal(decodeEvent(damm, inside(event('EvtSwap', at.key(7)))), undefined)
  const pool = (lowest: bigint): Buffer =>
    at.account(1112, {
      0: at.discriminator('account', 'Pool'),
      168: at.key(1),
      200: fromBase58(WSOL),
      232: at.key(10),
      264: at.key(11),
      360: u128(1_000_000n << 64n),
      424: u128(lowest),
      440: u128(79_226_673_521_066_979_257_578_248_091n),
      456: u128(ROOT),
      472: SECOND,
      480: at.u8(1),
    })
  const common2 = {
    dex: 'meteora-damm2',
    baseMint: name(1),
    quoteMint: WSOL,
    baseVault: name(10),
    quoteVault: name(11),
  }
  const open = { ...common2, isOpen: true, openAt: AT, spot: 1 / 1024 }
  assert.deepEqual(decodePool(damm, pool(4_295_048_016n)), {
    ...open,
    base: 32_000_000n,
    quote: 31_250n,
  })
  assert.deepEqual(decodePool(damm, pool(ROOT)), open)
})

test('Meteora DBC: a curve, its swap, and the mint in its configuration', () => {
  const dbc = PROGRAMS['meteora-dbc']
  const swap = inside(
    event(
      'EvtSwap2',
      ...[at.key(7), at.key(8), at.u8(1), at.bool(false), at.u64(900), at.u64(1), at.u8(0)],
      ...[
        at.u64(900),
        at.u64(890),
        at.u64(0),
        at.u64(80),
        u128(ROOT),
        ...[1, 2, 3, 50, 60].map(at.u64),
        SECOND,
      ],
    ),
  )
  assert.deepEqual(decodeEvent(dbc, swap), {
    kind: 'swap',
    dex: 'meteora-dbc',
    pool: name(7),
    at: AT,
    side: 'buy',
    baseAmount: 80n,
    quoteAmount: 900n,
  })
  const created = inside(
    event('EvtInitializePool', ...[7, 8, 4, 1].map(at.key), at.u8(0), at.u64(5)),
  )
  assert.deepEqual(decodeEvent(dbc, created), {
    kind: 'create',
    dex: 'meteora-dbc',
    pool: name(7),
    creator: name(4),
    mint: name(1),
  })
  const curve = at.account(424, {
    0: at.discriminator('account', 'VirtualPool'),
    72: at.key(8),
    104: at.key(4),
    136: at.key(1),
    168: at.key(10),
    200: at.key(11),
    240: at.u64(777),
    280: u128(ROOT),
  })
  const account = decodePool(dbc, curve)
  assert.ok(account !== undefined)
  assert.deepEqual(
    [account.quoteMint, account.configs?.[0], account.realQuote, account.isOpen],
    [undefined, name(8), 777n, true],
  )
  assert.equal(poolFacts(name(7), account, undefined), undefined)
  const config = at.account(1048, {
    0: at.discriminator('account', 'PoolConfig'),
    8: fromBase58(WSOL),
  })
  assert.equal(decodeConfig(dbc, config)?.quoteMint, WSOL)
  assert.equal(decodeConfig(dbc, curve), undefined)
  const facts = poolFacts(name(7), { ...account, quoteMint: WSOL }, undefined)
  assert.ok(facts !== undefined)
  facts.baseDecimals = 6
  // 1/1024 base units of SOL for one of the token, 6 against 9 decimals.
  assert.equal(marketOf(facts, {}).priceSol, 9.765625e-7)
  assert.equal(realQuote(facts, {}), 777n)
})

test(
  'random and cut bytes are refused or mean nothing: never another error, never an impossible ' +
    'price',
  () => {
    const programs = [
      'raydium-clmm',
      'orca',
      'meteora-dlmm',
      'meteora-damm2',
      'meteora-dbc',
    ] as const
    const kinds = [
      'SwapEvent',
      'Traded',
      'Swap',
      'EvtSwap2',
      'EvtInitializePool',
      'PoolCreatedEvent',
      'LbPairCreate',
    ]
    const accounts = ['PoolState', 'Whirlpool', 'LbPair', 'Pool', 'VirtualPool']
    const attempt = (act: () => void): void => {
      try {
        act()
      } catch (error) {
        assert.ok(error instanceof DataError, String(error))
      }
    }
    fc.assert(
      fc.property(
        fc.constantFrom(...programs),
        fc.constantFrom(...kinds),
        fc.constantFrom(...accounts),
        fc.uint8Array({ maxLength: 1600 }),
        (dex, kind, what, bytes) => {
          attempt(() => decodeEvent(PROGRAMS[dex], event(kind, Buffer.from(bytes))))
          attempt(() => {
            const found = decodePool(
              PROGRAMS[dex],
              Buffer.concat([at.discriminator('account', what), bytes]),
            )
            const facts =
              found &&
              poolFacts(name(7), { ...found, quoteMint: found.quoteMint ?? WSOL }, undefined)
            if (facts === undefined) return
            facts.baseDecimals ??= 6
            const { priceSol } = marketOf(facts, { base: 1n, quote: 1n })
            assert.ok(priceSol === undefined || (priceSol > 0 && Number.isFinite(priceSol)))
          })
        },
      ),
      { numRuns: 2000 },
    )
  },
)
