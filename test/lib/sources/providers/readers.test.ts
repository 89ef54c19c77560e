import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fits } from '../../../../lib/records/check.ts'
import { linesOf } from '../../../../lib/sources/live/finding-lines.ts'
import type { Complaints } from '../../../../lib/sources/net/outside.ts'
import * as birdeye from '../../../../lib/sources/providers/birdeye.ts'
import { readPairs, readProfiles } from '../../../../lib/sources/providers/dexscreener.ts'
import type { Finding } from '../../../../lib/sources/providers/finding.ts'
import { readHistory, readPools } from '../../../../lib/sources/providers/geckoterminal.ts'
import { pricesCall, readTokens } from '../../../../lib/sources/providers/jupiter.ts'
import { opportunityOf, readQuote } from '../../../../lib/sources/providers/jupiter-quote.ts'
import { readPumpPortal } from '../../../../lib/sources/providers/pumpportal.ts'
import { readNewPools, readRaydium } from '../../../../lib/sources/providers/raydium.ts'
import { readReport } from '../../../../lib/sources/providers/rugcheck.ts'
import * as given from './bodies.ts'

const { MAKER, MINT, POOL, WSOL } = given
const AT = 1_760_100_000_000

function listen() {
  const dropped: string[] = []
  const rejected: string[] = []
  const complain: Complaints = {
    dropped: field => dropped.push(field),
    rejected: reason => rejected.push(reason),
  }
  return { dropped, rejected, complain }
}
const { complain } = listen()

test('DexScreener: a pair with percent, windows, hostile names', () => {
  const [found] = readPairs({ schemaVersion: '1.0.0', pairs: [given.pair] }, AT, complain)
  assert.deepEqual(found, {
    mint: MINT,
    pool: POOL,
    ts: AT,
    market: {
      dex: 'raydium-cpmm',
      quoteMint: WSOL,
      priceSol: 0.0000025,
      priceUsd: 0.0005,
      openAt: 1760000000000,
      liquidityUsd: 24000.5,
      marketCapUsd: 480000,
      volumeUsd: { m5: 70, h1: 800.25, h6: 4000, h24: 9000.5 },
      buys: { m5: 3, h1: 30, h6: 100, h24: 400 },
      sells: { m5: 2, h1: 20, h6: 90, h24: 300 },
      priceChange: { m5: -0.025, h1: 0.125, h24: 2.5 },
    },
    facts: { symbol: 'CAT', name: 'Cat Coin', hasSocials: true },
  })
})

test('DexScreener: SOL first: the token is the other one, and so are prices and sides', () => {
  const [found] = readPairs([given.flippedPair], AT, complain)
  // 400,000 tokens a SOL of 200 USD.
  assert.deepEqual(
    [
      found?.mint,
      found?.market?.priceSol,
      found?.market?.priceUsd,
      found?.market?.buys?.m5,
      found?.facts?.symbol,
    ],
    [MINT, 1 / 400_000, 200 / 400_000, 2, 'CAT'],
  )
  assert.ok(!('priceChange' in (found?.market ?? {})) && !('marketCapUsd' in (found?.market ?? {})))
})

test('DexScreener: other chains are not ours, one without an address is refused', () => {
  const { rejected, complain } = listen()
  const found = readProfiles(given.profiles, AT, complain)
  assert.deepEqual(found, [
    { mint: MINT, ts: AT, facts: { description: 'A cat.', hasSocials: true } },
  ])
  assert.deepEqual(rejected, ['dexscreener: a profile without an address'])
})

test('GeckoTerminal: a pool; unknown stays absent', () => {
  const [found] = readPools({ data: [given.geckoPool] }, AT, complain)
  assert.deepEqual(found?.market, {
    dex: 'pumpswap',
    quoteMint: WSOL,
    priceSol: 0.0000025,
    priceUsd: 0.0005,
    liquidityUsd: 24000.5,
    feeBps: 25,
    openAt: 1760000000000,
    volumeUsd: { m5: 1234.5, h1: 1234.5, h24: 1234.5 },
    buys: { m5: 5, h1: 5, h24: 5 },
    sells: { m5: 4, h1: 4, h24: 4 },
    priceChange: { m5: -0.015, h1: -0.015, h24: -0.015 },
  })
  assert.deepEqual(found?.facts, { symbol: 'CAT', lpBurnedShare: 0.995 })
})

test('GeckoTerminal: candles oldest first, volume in tokens, open bars left out', () => {
  const { rejected, complain } = listen()
  const body = structuredClone(given.geckoHistory)
  body.data.attributes.ohlcv_list.push([1760000400, 5, 4, 1, 2, 9], [1760000401, 1, 1, 1, 1, 1])
  const of = { mint: MINT, pool: POOL, intervalMs: 300_000, before: AT, most: 100 }
  const found = readHistory(of)(body, 1_760_000_900_000, complain)
  assert.deepEqual(
    found.map(({ ts, candle }) => [ts, candle?.open, candle?.close, candle?.volume]),
    [
      [1_760_000_100_000, 1, 1, 0],
      // 30 USD at (4 + 1 + 4) / 3 = 3 USD.
      [1_760_000_400_000, 1, 4, 10],
    ],
  )
  assert.equal(rejected.length, 2)
})

test('Jupiter: tokens; a missing audit flag means the authority is still there', () => {
  const [found] = readTokens([given.jupiterToken], AT, complain)
  assert.deepEqual(found?.facts, {
    symbol: 'CAT',
    name: 'Cat Coin',
    decimals: 6,
    supplyAmount: '999999999500000',
    program: 'token',
    launchpad: 'pump.fun',
    creator: MAKER,
    createdAt: 1760000000518,
    mintRevoked: true,
    freezeRevoked: false,
    top10Share: 0.184,
    holderCount: 412,
    hasSocials: true,
  })
  const audit = { mintAuthorityDisabled: 'true', freezeAuthorityDisabled: null }
  const odd = readTokens([{ ...given.jupiterToken, audit }], AT, complain)[0]?.facts
  assert.deepEqual([odd?.mintRevoked, odd?.freezeRevoked], [undefined, false])
  const { audit: _, ...without } = given.jupiterToken
  const bare = readTokens([without], AT, complain)[0]?.facts
  assert.ok(bare !== undefined && !('mintRevoked' in bare))
})

test('Jupiter: prices; what has none is absent', () => {
  const body = { [MINT]: { usdPrice: 0.0005, blockId: 1, decimals: 6 }, [WSOL]: { usdPrice: 'x' } }
  assert.deepEqual(
    pricesCall([MINT, WSOL, POOL]).read(body, AT, complain),
    new Map([[MINT, 0.0005]]),
  )
})

test('Jupiter: there and back is an opportunity with its net result', () => {
  const [there, back] = [
    readQuote(given.quoteThere, complain),
    readQuote(given.quoteBack, complain),
  ]
  assert.ok(there !== undefined && back !== undefined)
  const found = opportunityOf(there, back, AT)
  assert.equal(found?.slot, 300000001)
  // 1.004 of 1 SOL is 0.4 %; less 10,000 lamports of fees 0.399 %.
  assert.deepEqual([found?.opportunity?.spread, found?.opportunity?.profit], [0.004, 0.00399])
  assert.deepEqual(
    found?.opportunity?.path.map(({ dex, inAmount, outAmount }) => [dex, inAmount, outAmount]),
    [
      ['raydium-clmm', '1000000000', '2000000'],
      ['raydium-clmm', '2000000', '1004000000'],
    ],
  )
  assert.equal(opportunityOf(back, back, AT), undefined)
  assert.equal(
    readQuote({ error: 'x', errorCode: 'COULD_NOT_FIND_ANY_ROUTE' }, complain),
    undefined,
  )
})

test('RugCheck: pools and lockers are no holders', () => {
  const [found] = readReport(MINT, given.rugReport, AT, complain)
  assert.deepEqual(found?.facts, {
    symbol: 'CAT',
    name: 'Cat Coin',
    decimals: 6,
    supplyAmount: '1000000000000000',
    program: 'token',
    // 10.5 % + 7.25 %: the pool's 60 % and the locker's 5 % do not count.
    creator: MAKER,
    mintRevoked: true,
    freezeRevoked: false,
    lpBurnedShare: 1,
    top10Share: 0.1775,
    holderCount: 500,
    metadataMutable: false,
  })
})

test('what a token has become is told, and 100 % by rounding', () => {
  const report = {
    ...given.rugReport,
    rugged: true,
    transferFee: { pct: 1.5 },
    lpLockedPct: 100.00000000000001,
  }
  const { dropped, complain } = listen()
  const facts = readReport(MINT, report, AT, complain)[0]?.facts
  assert.deepEqual([facts?.rugged, facts?.transferFeeBps, facts?.lpBurnedShare], [true, 150, 1])
  const [made] = readPumpPortal({ ...given.pumpCreate, is_mayhem_mode: true }, AT, complain)
  assert.equal(made?.facts?.mayhemMode, true)
  assert.deepEqual(dropped, [])
  const wrong = { ...report, rugged: 'no', lpLockedPct: 100.1 }
  assert.equal(readReport(MINT, wrong, AT, complain)[0]?.facts?.rugged, undefined)
  assert.deepEqual(dropped, ['rugcheck.lpLockedPct', 'rugcheck.rugged'])
})

test('a price of 0 is not known, with every provider', () => {
  const [pair] = readPairs([{ ...given.pair, priceNative: '0', priceUsd: '0' }], AT, complain)
  const body = structuredClone(given.geckoPool) as any
  for (const name of Object.keys(body.attributes))
    if (name.includes('price')) body.attributes[name] = name.includes('change') ? {} : '0.0'
  const [pool] = readPools({ data: [body] }, AT, complain)
  const [bought] = readPumpPortal({ ...given.pumpBuy, solAmount: 0 }, AT, complain)
  for (const part of [pair?.market, pool?.market, bought?.trade]) {
    assert.ok(part !== undefined)
    assert.deepEqual(['priceSol' in part, 'priceUsd' in part], [false, false])
  }
})

test('RugCheck: a summary says nothing of authorities; another mint’s report is refused', () => {
  const { rejected, complain } = listen()
  assert.deepEqual(readReport(MINT, given.rugSummary, AT, complain)[0]?.facts, {
    program: 'token',
    lpBurnedShare: 0.125,
  })
  assert.deepEqual(readReport(POOL, given.rugReport, AT, complain), [])
  assert.equal(rejected.length, 1)
})

test('RugCheck: what a report leaves out of a token is unknown, and so is half a list', () => {
  const { complain } = listen()
  const facts = (over: object) =>
    readReport(MINT, { ...given.rugReport, ...over }, AT, complain)[0]?.facts
  const { mintAuthority: _, ...token } = given.rugReport.token
  const bare = facts({ token })
  assert.deepEqual([bare?.mintRevoked, bare?.freezeRevoked], [undefined, false])
  for (const odd of ['N/A', 5, []]) assert.equal(facts({ token: odd })?.mintRevoked, undefined)
  const topHolders = [...given.rugReport.topHolders, { address: 'H', owner: 'O', pct: 'n/a' }]
  assert.equal(facts({ topHolders })?.top10Share, undefined)
})

test('Raydium: SOL first turns the price; null pools are passed over', () => {
  const [found, ...rest] = readRaydium(given.raydiumPage, AT, complain)
  assert.equal(rest.length, 0)
  assert.deepEqual(found?.market, {
    dex: 'raydium-amm',
    quoteMint: WSOL,
    baseDecimals: 6,
    quoteDecimals: 9,
    priceSol: 1 / 400_000,
    feeBps: 25,
    openAt: 1760000000000,
    liquidityUsd: 24000.5,
    volumeUsd: { h24: 9000.5 },
  })
  assert.deepEqual(found?.facts, {
    symbol: 'CAT',
    name: 'Cat Coin',
    decimals: 6,
    program: 'token',
    lpBurnedShare: 0.9829,
  })
})

test('Birdeye: listing, overview, security and both spellings of candles', () => {
  assert.equal(birdeye.readListing(given.birdeyeListing, AT, complain)[0]?.ts, 1760000000000)
  const [overview] = birdeye.readOverview(given.birdeyeOverview, AT, complain)
  assert.deepEqual(overview?.facts, {
    symbol: 'CAT',
    name: 'Cat',
    decimals: 6,
    holderCount: 77,
    hasSocials: true,
  })
  const [security] = birdeye.readSecurity(MINT, given.birdeyeSecurity, AT, complain)
  assert.deepEqual(security?.facts, {
    creator: MAKER,
    createdAt: 1760000000000,
    mintRevoked: true,
    freezeRevoked: false,
    top10Share: 0.304,
    program: 'token-2022',
  })
  const of = { mint: MINT, pool: POOL, intervalMs: 300_000, before: AT, most: 10 }
  for (const time of ['unixTime', 'unix_time'] as const) {
    const [candle] = birdeye.readBirdeyeHistory(of)(given.birdeyeCandles(time), AT, complain)
    assert.deepEqual([candle?.ts, candle?.candle?.volume], [1760000400000, 100.5])
  }
})

test('PumpPortal: creation, trade, acknowledgement', () => {
  const [made] = readPumpPortal(given.pumpCreate, AT, complain)
  assert.deepEqual([made?.facts?.creator, made?.pool, made?.facts?.decimals], [MAKER, POOL, 6])
  const [bought] = readPumpPortal(given.pumpBuy, AT, complain)
  assert.deepEqual(
    [bought?.trade?.quoteAmount, bought?.trade?.baseAmount, bought?.trade?.quoteReserveAmount],
    ['10000', '354840158', '30119251714'],
  )
  assert.deepEqual(readPumpPortal({ message: 'Successfully subscribed.' }, AT, complain), [])
})

const READERS: [string, unknown, (body: unknown, at: number, complain: Complaints) => Finding[]][] =
  [
    ['pairs', { pairs: [given.pair, given.flippedPair] }, readPairs],
    ['profiles', given.profiles, readProfiles],
    ['pools', { data: [given.geckoPool] }, readPools],
    [
      'history',
      given.geckoHistory,
      readHistory({ mint: MINT, pool: POOL, intervalMs: 300_000, before: AT, most: 9 }),
    ],
    ['tokens', [given.jupiterToken], readTokens],
    ['report', given.rugReport, (body, at, c) => readReport(MINT, body, at, c)],
    ['raydium', given.raydiumPage, readRaydium],
    ['listing', given.birdeyeListing, birdeye.readListing],
    ['overview', given.birdeyeOverview, birdeye.readOverview],
    ['security', given.birdeyeSecurity, (body, at, c) => birdeye.readSecurity(MINT, body, at, c)],
    ['pumpportal', given.pumpBuy, readPumpPortal],
  ]

/** Puts a strange value somewhere into a body. */
function mutate(body: unknown, path: number[], strange: unknown): unknown {
  const copy = structuredClone(body)
  let at: unknown = copy
  for (const step of path) {
    if (typeof at !== 'object' || at === null) break
    const keys = Object.keys(at)
    const key = keys[step % Math.max(1, keys.length)]
    if (key === undefined) break
    const next = (at as Record<string, unknown>)[key]
    if (typeof next !== 'object' || next === null || step % 5 === 0) {
      ;(at as Record<string, unknown>)[key] = strange
      return copy
    }
    at = next
  }
  return strange
}

test('whatever a provider sends: no reader throws, and what comes out fits its schema', () => {
  const strange = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(
      null,
      '',
      -1,
      1e300,
      '1e999',
      'NaN',
      {},
      [],
      'x'.repeat(100_000),
      '\u202e\u0000',
      true,
    ),
    fc.constantFrom(Number.MAX_SAFE_INTEGER + 2, -0, 0.1 + 0.2, '-5', '__proto__', {
      __proto__: null,
      a: 1,
    }),
  )
  fc.assert(
    fc.property(
      fc.constantFrom(...READERS),
      fc.array(fc.nat(50), { maxLength: 8 }),
      strange,
      ([, body, read], path, odd) => {
        const { complain } = listen()
        for (const found of read(mutate(body, path, odd), AT, complain)) {
          if (found.facts !== undefined)
            assert.ok(fits('token', found.facts), JSON.stringify(found.facts).slice(0, 500))
          for (const line of linesOf(found, 'test', AT, complain))
            assert.ok(fits('envelope', line.rec))
        }
      },
    ),
    { numRuns: 6000 },
  )
})

test('Birdeye: ten largest holders of the supply that market data tell, pools left out', () => {
  const { rejected, complain } = listen()
  const supply: birdeye.Supply = {}
  const [data] = birdeye.readMarketData(supply)(given.birdeyeMarketData, AT, complain)
  assert.deepEqual(data, { mint: MINT, ts: AT, facts: { holderCount: 412 } })
  const [found] = birdeye.readHolders(MINT, POOL, supply)(given.birdeyeHolders, AT, complain)
  // 30,000 and 20,000 in two accounts of one owner, and 10,000, of 1,000,000; the pool’s and
  // Raydium’s 940,000 are none.
  assert.deepEqual(found, { mint: MINT, ts: AT, facts: { top10Share: 0.06 } })
  assert.deepEqual(rejected, ['birdeye: a holder of another mint, or without owner or amount'])
  assert.deepEqual(
    birdeye.readHolders(MINT, POOL, {})(given.birdeyeHolders, AT, listen().complain),
    [],
  )
  assert.deepEqual(birdeye.readMarketData({})({ success: false }, AT, complain), [])
})

test('Raydium: only pools that opened within a day are new ones', () => {
  const page = (openTime: string) => ({
    id: 'x',
    success: true,
    data: { data: [{ ...given.raydiumPage.data.data[1], openTime }] },
  })
  assert.equal(readNewPools(page(String(AT / 1000 - 3600)), AT, complain).length, 1)
  assert.equal(readNewPools(page(String(AT / 1000 - 90_000)), AT, complain).length, 0)
  assert.equal(readNewPools(page('0'), AT, complain).length, 0)
})
