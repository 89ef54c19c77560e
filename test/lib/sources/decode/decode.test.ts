import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DataError } from '../../../../lib/base/errors.ts'
import { fromBase58, isAddress, keyText, toBase58 } from '../../../../lib/sources/decode/base58.ts'
import { decodeEvent, decodePool } from '../../../../lib/sources/decode/decode.ts'
import {
  isFlipped,
  PROGRAMS,
  TOKEN,
  TOKEN_2022,
  USDC,
  USDT,
  WSOL,
  ZERO,
} from '../../../../lib/sources/decode/programs.ts'
import { rayLog } from '../../../../lib/sources/decode/raydium-amm.ts'
import * as at from './bytes.ts'
import * as given from './fixtures.ts'

const PUMP = PROGRAMS['pump.fun']
const SWAP = PROGRAMS.pumpswap
const AT = 1_760_000_000_000
const name = at.keyName

test('base58 agrees with long division on a bigint, both ways', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), bytes => {
      const buffer = Buffer.from(bytes)
      const text = keyText(buffer, 0)
      assert.equal(text, at.base58(buffer))
      assert.deepEqual(fromBase58(text), buffer)
      assert.ok(isAddress(text))
    }),
    { numRuns: 500 },
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 90 }), bytes => {
      const text = toBase58(Buffer.from(bytes))
      assert.equal(text, at.base58(Buffer.from(bytes)))
      assert.deepEqual(fromBase58(text), Buffer.from(bytes))
    }),
    { numRuns: 200 },
  )
  assert.equal(keyText(Buffer.alloc(32), 0), ZERO)
  assert.equal(keyText(Buffer.alloc(32, 255), 0), at.base58(Buffer.alloc(32, 255)))
})

test('every program and mint in the table is an address', () => {
  for (const key of [...Object.values(PROGRAMS), TOKEN, TOKEN_2022, WSOL, USDC, USDT, ZERO])
    assert.ok(isAddress(key), key)
  for (const wrong of ['', 'O'.repeat(40), WSOL.slice(1), `${WSOL}1`, 5, undefined])
    assert.ok(!isAddress(wrong))
})

test('pump.fun: a token is made', () => {
  assert.deepEqual(decodeEvent(PUMP, given.pumpCreate()), {
    kind: 'create',
    dex: 'pump.fun',
    pool: name(2),
    at: AT,
    mint: name(1),
    quoteMint: WSOL,
    name: 'Cat Coin',
    symbol: 'CAT',
    uri: 'ipfs://x',
    creator: name(4),
    supply: 10n ** 15n,
    decimals: 6,
    tokenProgram: name(9),
    mayhemMode: false,
    cashback: true,
    base: 1_073_000_000_000_000n,
    quote: 30_000_000_000n,
  })
  const old = decodeEvent(PUMP, given.pumpCreate(false))
  assert.equal(old?.kind === 'create' && 'tokenProgram' in old, false)
})

test('pump.fun: trades of the first and of the newest version', () => {
  const trade = {
    kind: 'swap',
    dex: 'pump.fun',
    at: AT,
    mint: name(1),
    quoteMint: WSOL,
    wallet: name(3),
    side: 'buy',
    baseAmount: 34_612_903_225_806n,
    quoteAmount: 1_000_000_000n,
    baseReserve: 1_038_387_096_774_194n,
    quoteReserve: 31_000_000_000n,
  }
  assert.deepEqual(decodeEvent(PUMP, given.pumpTrade(true, false)), trade)
  // 95 bps for the protocol and 5 for the creator.
  assert.deepEqual(decodeEvent(PUMP, given.pumpTrade(false)), {
    ...trade,
    side: 'sell',
    feeBps: 100,
    mayhemMode: false,
    creatorFeeBps: 5,
  })
})

test('pump.fun: a curve that is quoted in a token uses the quote fields', () => {
  const swap = decodeEvent(PUMP, given.pumpQuoteTrade(fromBase58(USDC)))
  assert.ok(swap?.kind === 'swap')
  assert.deepEqual([swap.quoteMint, swap.quoteAmount, swap.quoteReserve], [USDC, 777n, 4_000_000n])
})

test('pump.fun: completion and migration', () => {
  const common = { dex: 'pump.fun', pool: name(2), at: AT, mint: name(1) }
  assert.deepEqual(decodeEvent(PUMP, given.pumpComplete()), { kind: 'complete', ...common })
  assert.deepEqual(decodeEvent(PUMP, given.pumpMigrate()), {
    kind: 'migrate',
    ...common,
    to: name(7),
  })
})

test('pump.fun: curve accounts of every length that has been live', () => {
  const curve = at.account(151, {
    0: at.discriminator('account', 'BondingCurve'),
    8: at.u64(1_073_000_000_000_000n),
    16: at.u64(30_000_000_000n),
    32: at.u64(3n),
    40: at.u64(10n ** 15n),
    48: at.bool(true),
    49: at.key(4),
    81: at.bool(true),
    83: fromBase58(USDC),
    115: at.u64(95),
  })
  const common = {
    base: 1_073_000_000_000_000n,
    quote: 30_000_000_000n,
    supply: 10n ** 15n,
    baseDecimals: 6,
  }
  const expected = { dex: 'pump.fun', ...common, realQuote: 3n, isComplete: true, isOpen: false }
  const traits = { mayhemMode: true, cashback: false, creatorFeeBps: 95 }
  const newest = { ...expected, creator: name(4), quoteMint: USDC, ...traits }
  assert.deepEqual(decodePool(PUMP, curve), newest)
  assert.deepEqual(decodePool(PUMP, curve.subarray(0, 49)), { ...expected, quoteMint: WSOL })
  assert.deepEqual(decodePool(PUMP, curve.subarray(0, 81)), {
    ...expected,
    creator: name(4),
    quoteMint: WSOL,
  })
  assert.throws(() => decodePool(PUMP, curve.subarray(0, 48)), /49 bytes or more/)
})

test('PumpSwap: reserves after the trade, with virtual quote of either sign', () => {
  // 200,000,000 − 1,000,000 tokens; 50,000,000 + 250,500 quote, the fee for liquidity staying in.
  const buy = decodeEvent(SWAP, given.swapBuy())
  assert.deepEqual(buy, {
    kind: 'swap',
    dex: 'pumpswap',
    pool: name(7),
    at: AT,
    wallet: name(3),
    side: 'buy',
    baseAmount: 1_000_000n,
    quoteAmount: 250_500n,
    baseReserve: 199_000_000n,
    quoteReserve: 50_250_500n,
    feeBps: 55,
    creatorFeeBps: 30,
  })
  const boosted = decodeEvent(SWAP, given.swapBuy(6_000_000n))
  assert.equal(boosted?.kind === 'swap' && boosted.quoteReserve, 56_250_500n)
  // 200,000,000 + 1,000,000 tokens; 50,000,000 − 30,000 waiting fees − 249,500.
  const sell = decodeEvent(SWAP, given.swapSell(-30_000n))
  assert.ok(sell?.kind === 'swap')
  assert.deepEqual(
    [sell.side, sell.baseReserve, sell.quoteReserve],
    ['sell', 201_000_000n, 49_720_500n],
  )
})

test('PumpSwap: a pool opens', () => {
  const open = decodeEvent(SWAP, given.swapOpen())
  assert.ok(open?.kind === 'open')
  assert.deepEqual(
    [open.mint, open.pool, open.baseDecimals, open.quoteDecimals],
    [name(1), name(7), 6, 9],
  )
  assert.deepEqual([open.base, open.quote], [206_900_000_000_000n, 84_990_000_000n])
})

test('PumpSwap: pool accounts, short and long', () => {
  const pool = at.account(301, {
    0: at.discriminator('account', 'Pool'),
    11: at.key(3),
    43: at.key(1),
    75: fromBase58(WSOL),
    107: at.key(14),
    139: at.key(10),
    171: at.key(11),
    203: at.u64(4_193_388_284_800n),
    211: at.key(4),
    244: at.bool(true),
    245: at.i128(-123_456n),
    261: at.u64(30),
  })
  const common = {
    dex: 'pumpswap',
    baseMint: name(1),
    quoteMint: WSOL,
    lpMint: name(14),
    isOpen: true,
  }
  const vaults = { baseVault: name(10), quoteVault: name(11), lpSupply: 4_193_388_284_800n }
  assert.deepEqual(decodePool(SWAP, pool), {
    ...common,
    ...vaults,
    virtualQuote: -123_456n,
    creator: name(4),
    mayhemMode: false,
    cashback: true,
    creatorFeeBps: 30,
  })
  assert.deepEqual(decodePool(SWAP, pool.subarray(0, 211)), {
    ...common,
    ...vaults,
    virtualQuote: 0n,
    creator: name(3),
  })
})

test('Raydium AMM v4: log lines', () => {
  const swap = { kind: 'swap', dex: 'raydium-amm' }
  assert.deepEqual(rayLog(given.rayIn(2n)), {
    ...swap,
    side: 'sell',
    baseAmount: 1_000n,
    quoteAmount: 499n,
    baseReserve: 1_001_000n,
    quoteReserve: 499_501n,
  })
  assert.deepEqual(rayLog(given.rayOut()), {
    ...swap,
    side: 'buy',
    baseAmount: 400n,
    quoteAmount: 201n,
    baseReserve: 999_600n,
    quoteReserve: 500_201n,
  })
  assert.deepEqual(rayLog(given.rayInit()), {
    kind: 'open',
    dex: 'raydium-amm',
    base: 7_000_000n,
    quote: 5_000_000_000n,
    baseDecimals: 6,
    quoteDecimals: 9,
    openAt: AT,
  })
  assert.equal(rayLog(Buffer.from([1])), undefined)
  assert.throws(
    () => rayLog(given.rayIn(3n)),
    /ray_log.direction: expected 1 or 2, got 3|expected 1 or 2, got 3/,
  )
})

const ammPool = (status: bigint): Buffer =>
  at.account(752, {
    0: at.u64(status),
    32: at.u64(6),
    40: at.u64(9),
    192: at.u64(11),
    200: at.u64(22),
    224: at.u64(1_760_000_000),
    336: at.key(10),
    368: at.key(11),
    400: at.key(1),
    432: fromBase58(WSOL),
    464: at.key(14),
    720: at.u64(99),
  })

test('Raydium AMM v4: pool accounts, waiting or swapping', () => {
  for (const [status, isOpen] of [
    [6n, true],
    [7n, true],
    [3n, false],
  ] as const)
    assert.deepEqual(decodePool(PROGRAMS['raydium-amm'], ammPool(status)), {
      dex: 'raydium-amm',
      baseMint: name(1),
      quoteMint: WSOL,
      baseVault: name(10),
      quoteVault: name(11),
      lpMint: name(14),
      lpSupply: 99n,
      baseOwed: 11n,
      quoteOwed: 22n,
      baseDecimals: 6,
      quoteDecimals: 9,
      openAt: AT,
      isOpen,
    })
  assert.throws(() => decodePool(PROGRAMS['raydium-amm'], ammPool(8n)), DataError)
})

test('Raydium CPMM: swaps that name their mints; the oldest do not', () => {
  const bought = decodeEvent(
    PROGRAMS['raydium-cpmm'],
    given.cpmmSwap([fromBase58(WSOL), at.key(1), at.u64(1)]),
  )
  const swap = { kind: 'swap', dex: 'raydium-cpmm', pool: name(7), mint: name(1), quoteMint: WSOL }
  assert.deepEqual(bought, { ...swap, side: 'buy', baseAmount: 2_000n, quoteAmount: 1_000n })
  const sold = decodeEvent(PROGRAMS['raydium-cpmm'], given.cpmmSwap([at.key(1), fromBase58(WSOL)]))
  assert.deepEqual(sold, { ...swap, side: 'sell', baseAmount: 1_000n, quoteAmount: 2_000n })
  assert.throws(
    () => decodeEvent(PROGRAMS['raydium-cpmm'], given.cpmmSwap([])),
    /which mint went in/,
  )
})

test('Raydium CPMM: what is owed is not in the reserves', () => {
  const pool = at.account(637, {
    0: at.discriminator('account', 'PoolState'),
    40: at.key(4),
    72: at.key(10),
    104: at.key(11),
    136: at.key(14),
    168: at.key(1),
    200: fromBase58(WSOL),
    329: at.u8(4),
    331: at.u8(6),
    332: at.u8(9),
    333: at.u64(50),
    341: at.u64(1),
    349: at.u64(2),
    357: at.u64(10),
    365: at.u64(20),
    373: at.u64(1_760_000_000),
    397: at.u64(100),
    405: at.u64(200),
  })
  assert.deepEqual(decodePool(PROGRAMS['raydium-cpmm'], pool), {
    dex: 'raydium-cpmm',
    baseMint: name(1),
    quoteMint: WSOL,
    baseVault: name(10),
    quoteVault: name(11),
    lpMint: name(14),
    lpSupply: 50n,
    creator: name(4),
    baseDecimals: 6,
    quoteDecimals: 9,
    isOpen: false,
    openAt: AT,
    // Creator fees are off: there are none.
    creatorFeeBps: 0,
    baseOwed: 111n,
    quoteOwed: 222n,
  })
})

test(
  'LaunchLab: trades of both lengths, plain and as self-calls; creation; the same ' +
    'discriminator as pump.fun',
  () => {
    // Reserves after: 1073 − 140 tokens and 30 + 5 quote; 40 tokens and 2 quote moved.
    const swap = {
      kind: 'swap',
      dex: 'launchlab',
      pool: name(7),
      baseAmount: 40n,
      quoteAmount: 2n,
      baseReserve: 933n,
      quoteReserve: 35n,
    }
    const lab = PROGRAMS.launchlab
    assert.deepEqual(decodeEvent(lab, given.launchTrade(true, 0)), { ...swap, side: 'buy' })
    assert.deepEqual(decodeEvent(lab, given.launchTrade(false, 1)), { ...swap, side: 'sell' })
    const call = Buffer.concat([Buffer.from('e445a52e51cb9a1d', 'hex'), given.launchTrade(true, 1)])
    assert.deepEqual(decodeEvent(lab, call), { ...swap, side: 'sell' })
    assert.deepEqual(decodeEvent(lab, given.launchCreate()), {
      kind: 'create',
      dex: 'launchlab',
      pool: name(7),
      creator: name(4),
      decimals: 6,
      name: 'Bonk Cat',
      symbol: 'BCAT',
      uri: 'ipfs://y',
      supply: 10n ** 15n,
    })
  },
)

test('LaunchLab: the curve account', () => {
  const pool = at.account(429, {
    0: at.discriminator('account', 'PoolState'),
    17: at.u8(1),
    18: at.u8(6),
    19: at.u8(9),
    21: at.u64(10n ** 15n),
    37: at.u64(1073n),
    45: at.u64(30n),
    53: at.u64(140n),
    61: at.u64(5n),
    205: at.key(1),
    237: fromBase58(WSOL),
    269: at.key(10),
    301: at.key(11),
    333: at.key(4),
  })
  assert.deepEqual(decodePool(PROGRAMS.launchlab, pool), {
    dex: 'launchlab',
    baseMint: name(1),
    quoteMint: WSOL,
    baseVault: name(10),
    quoteVault: name(11),
    baseDecimals: 6,
    quoteDecimals: 9,
    supply: 10n ** 15n,
    creator: name(4),
    configs: [ZERO, ZERO],
    isComplete: true,
    isOpen: false,
    base: 933n,
    quote: 35n,
    realQuote: 5n,
  })
})

test('the order of a pair on chain is not fixed', () => {
  assert.ok(isFlipped(WSOL, name(1)))
  assert.ok(isFlipped(WSOL, USDC))
  assert.ok(!isFlipped(name(1), WSOL))
  assert.ok(!isFlipped(USDC, WSOL))
  assert.ok(!isFlipped(name(1), name(2)))
})

test('any bytes give an event, nothing or a DataError', () => {
  const good = [
    given.pumpCreate(),
    given.pumpTrade(true),
    given.swapBuy(1n),
    given.swapSell(-1n),
    given.swapOpen(),
  ]
  good.push(
    given.launchTrade(true, 0),
    given.launchCreate(),
    given.cpmmSwap([at.key(1), at.key(2)]),
    given.rayIn(1n),
  )
  good.push(ammPool(6n), given.pumpMigrate(), given.pumpComplete())
  const mutated = fc
    .record({
      from: fc.constantFrom(...good),
      cut: fc.nat(800),
      flips: fc.array(fc.tuple(fc.nat(800), fc.nat(255)), { maxLength: 8 }),
      more: fc.uint8Array({ maxLength: 40 }),
    })
    .map(({ from, cut, flips, more }) => {
      const bytes = Buffer.concat([from.subarray(0, cut), more])
      for (const [place, value] of flips) if (place < bytes.length) bytes[place] = value
      return bytes
    })
  const any = fc.oneof(
    mutated,
    fc.uint8Array({ maxLength: 900 }).map(bytes => Buffer.from(bytes)),
  )
  fc.assert(
    fc.property(any, fc.constantFrom(...Object.values(PROGRAMS)), (bytes, program) => {
      for (const read of [decodeEvent, decodePool, (_: string, b: Buffer) => rayLog(b)]) {
        try {
          const found = read(program, bytes)
          assert.ok(found === undefined || typeof found === 'object')
        } catch (error) {
          assert.ok(error instanceof DataError, String(error))
        }
      }
    }),
    { numRuns: 4000 },
  )
})

test('Meteora DLMM: swaps of the second kind say the same in another order', () => {
  const swap2 = (isSell: boolean): Buffer =>
    Buffer.concat([
      at.discriminator('event', 'Swap2Evt'),
      ...[at.key(7), at.key(3), at.u32(1), at.u32(2), at.bool(isSell), at.u64(20), at.u64(0)],
      ...[at.u64(5_000n), at.u64(0), at.u64(740n), at.u64(9), at.u64(1), at.u64(0), at.u64(0)],
      ...[at.bool(true), at.bool(true)],
    ])
  const DLMM = given.PROGRAMS['meteora-dlmm']
  const common = { kind: 'swap', dex: 'meteora-dlmm', pool: name(7), wallet: name(3) }
  const sold = { ...common, side: 'sell', baseAmount: 5_000n, quoteAmount: 740n }
  assert.deepEqual(decodeEvent(DLMM, swap2(true)), sold)
  const bought = { ...common, side: 'buy', baseAmount: 740n, quoteAmount: 5_000n }
  assert.deepEqual(decodeEvent(DLMM, swap2(false)), bought)
})

test('events that nobody knows and fields that were appended are told by program', () => {
  const strange: string[] = []
  const read = (program: string, bytes: Buffer) =>
    decodeEvent(program, bytes, ({ dex, what, name: of }) => strange.push(`${dex} ${what} ${of}`))
  const known = at.discriminator('event', 'WithdrawEvent')
  read(SWAP, Buffer.concat([known, at.u64(1)]))
  read(SWAP, given.swapBuy(5n))
  assert.deepEqual(strange, [])
  read(SWAP, Buffer.concat([at.discriminator('event', 'NobodyKnows'), at.u64(1)]))
  const found = read(SWAP, Buffer.concat([given.swapBuy(5n), at.u64(1)]))
  assert.equal(found?.kind, 'swap')
  assert.match(strange[0] ?? '', /^pumpswap unknown event [0-9a-f]{16}$/)
  assert.equal(strange[1], 'pumpswap appended fields BuyEvent +8')
})
