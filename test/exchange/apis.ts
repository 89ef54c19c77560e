import type { Rec } from '../../lib/records/record.ts'
import { type Market, SOL_USD } from './market.ts'

const WSOL = 'So11111111111111111111111111111111111111112'
const percent = (change: number | undefined): number | undefined =>
  change === undefined ? undefined : change * 100

/** What each API says of the market, by path; undefined for a path that it does not have. */
export function answer(market: Market, url: URL): unknown {
  const { pathname: path } = url
  const last = (path.split('/').at(-1) ?? '').split(',')
  if (path.startsWith('/tokens/v1/solana/'))
    return last.flatMap(mint => dexscreenerPair(market, market.latest(mint), market.facts(mint)))
  if (path === '/token-profiles/latest/v1')
    return market.mints
      .slice(0, 20)
      .map(mint => ({ chainId: 'solana', tokenAddress: mint, url: 'x', description: 'Paid.' }))
  if (path === '/token-boosts/latest/v1') return []
  if (path === '/networks/solana/new_pools')
    return { data: market.mints.slice(0, 20).flatMap(mint => geckoPool(market.latest(mint))) }
  const pools = /^\/networks\/solana\/tokens\/(\w+)\/pools$/.exec(path)
  if (pools !== null) return { data: geckoPool(market.latest(pools[1]!)) }
  const bars = /^\/networks\/solana\/pools\/(\w+)\/ohlcv\/minute$/.exec(path)
  if (bars !== null) return geckoBars(market, bars[1]!, url)
  if (path === '/tokens/v2/search')
    return (url.searchParams.get('query') ?? '')
      .split(',')
      .flatMap(mint => jupiterToken(market.facts(mint)))
  if (path === '/tokens/v2/recent')
    return market.mints.slice(0, 10).flatMap(mint => jupiterToken(market.facts(mint)))
  if (path === '/swap/v2/order') return quote(url.searchParams)
  if (path === '/price/v3')
    return { [WSOL]: { usdPrice: SOL_USD, blockId: 1, decimals: 9, priceChange24h: 1 } }
  if (path === '/main/info') return { id: 'x', success: true, data: { volume24: 1, tvl: 2 } }
  if (path === '/utils/v1/credits')
    return { success: true, data: { usage: { total: 5 }, remaining: { total: 29995 } } }
  if (/^\/tokens\/\w+\/report\/summary$/.test(path))
    return { score: 1, score_normalised: 1, risks: null, lpLockedPct: 0 }
  return undefined
}

/** One leg; the way back returns 2 % more. Tokens that begin with 1, 2 or 3 have no route. */
function quote(query: URLSearchParams): unknown {
  const [inputMint = '', outputMint = '', inAmount = ''] = [
    'inputMint',
    'outputMint',
    'amount',
  ].map(name => query.get(name) ?? undefined)
  const token = inputMint === WSOL ? outputMint : inputMint
  if (/^[123]/.test(token))
    return { error: 'Could not find any route', errorCode: 'COULD_NOT_FIND_ANY_ROUTE' }
  const outAmount = String(inputMint === WSOL ? BigInt(inAmount) / 1000n : BigInt(inAmount) * 1020n)
  const swapInfo = { ammKey: token, label: 'Raydium', inputMint, outputMint, inAmount, outAmount }
  return {
    inputMint,
    outputMint,
    inAmount,
    outAmount,
    contextSlot: 5,
    routePlan: [{ swapInfo, percent: 100 }],
  }
}

function dexscreenerPair(_: Market, rec: Rec | undefined, facts: Rec | undefined): unknown[] {
  const { market, mint, pool } = rec ?? {}
  if (market === undefined) return []
  const { priceSol = 0, liquidityUsd, volumeUsd, buys, sells, priceChange = {} } = market
  const windows = ['m5', 'h1', 'h24']
  return [
    {
      chainId: 'solana',
      dexId: market.dex,
      pairAddress: pool,
      priceNative: String(priceSol),
      baseToken: { address: mint, name: facts?.token?.name, symbol: facts?.token?.symbol },
      quoteToken: { address: WSOL, name: 'Wrapped SOL', symbol: 'SOL' },
      priceUsd: String(priceSol * SOL_USD),
      txns: Object.fromEntries(
        windows.map(w => [w, { buys: buys?.[w] ?? 0, sells: sells?.[w] ?? 0 }]),
      ),
      volume: volumeUsd,
      priceChange: Object.fromEntries(windows.map(w => [w, percent(priceChange[w])])),
      liquidity: { usd: liquidityUsd },
      pairCreatedAt: market.openAt,
    },
  ]
}

function geckoPool(rec: Rec | undefined): unknown[] {
  if (rec?.market === undefined) return []
  const { market, mint, pool } = rec
  const id = (address: string | undefined) => ({ data: { id: `solana_${address}`, type: 'token' } })
  return [
    {
      id: `solana_${pool}`,
      attributes: {
        address: pool,
        base_token_price_usd: String((market.priceSol ?? 0) * SOL_USD),
        base_token_price_native_currency: String(market.priceSol ?? 0),
        reserve_in_usd: String(market.liquidityUsd ?? 0),
        name: 'X / SOL',
        market_cap_usd: null,
      },
      relationships: {
        base_token: id(mint),
        quote_token: id(WSOL),
        dex: { data: { id: market.dex, type: 'dex' } },
      },
    },
  ]
}

/** Newest first; volume in USD at the typical price, so that its reader gets the tokens back. */
function geckoBars(market: Market, pool: string, url: URL): unknown {
  const before = Number(url.searchParams.get('before_timestamp')) * 1000
  const limit = Number(url.searchParams.get('limit'))
  const list = market
    .candles(pool)
    .filter(({ candle }) => (candle?.openAt ?? 0) < before)
    .slice(-limit)
    .map(({ candle }) => {
      const [open = 0, high = 0, low = 0, close = 0] = [
        candle?.open,
        candle?.high,
        candle?.low,
        candle?.close,
      ].map(price => (price ?? 0) * SOL_USD)
      return [
        (candle?.openAt ?? 0) / 1000,
        open,
        high,
        low,
        close,
        ((high + low + close) / 3) * (candle?.volume ?? 0),
      ]
    })
  return {
    data: { id: 'x', type: 'ohlcv_request_response', attributes: { ohlcv_list: list.reverse() } },
  }
}

function jupiterToken(rec: Rec | undefined): unknown[] {
  if (rec?.token === undefined) return []
  const { token, mint } = rec
  return [
    {
      id: mint,
      name: token.name,
      symbol: token.symbol,
      decimals: token.decimals,
      holderCount: token.holderCount,
      audit: {
        mintAuthorityDisabled: token.mintRevoked || undefined,
        topHoldersPercentage: percent(token.top10Share),
      },
    },
  ]
}
