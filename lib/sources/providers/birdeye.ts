import { file } from '../../base/flags.ts'
import { intervalName } from '../../market/interval-name.ts'
import { topShare } from '../../market/top-share.ts'
import { VAULT_AUTHORITIES } from '../decode/programs.ts'
import { amountOf, baseUnits, type Complaints, type Reading, reading } from '../net/outside.ts'
import { type Finding, only } from './finding.ts'
import { type Call, type HistoryOf, type Provider, probeOf } from './provider.ts'

const LIMIT = { perMinute: 60, burst: 1 }
const LISTING = '/defi/v2/tokens/new_listing?limit=20&meme_platform_enabled=true'

/** Birdeye: new listings, overview, security and candles; needs a key. */
export const birdeye: Provider = {
  name: 'birdeye',
  base: 'https://public-api.birdeye.so',
  summary: 'new listings, overview, security, holders and candles of tokens',
  gives: ['token', 'candle'],
  units: 'prices in USD, candle volume in tokens, times in s, top10HolderPercent a fraction',
  key: {
    header: 'x-api-key',
    isNeeded: true,
    flag: file('file with the Birdeye key', { env: 'BIRDEYE_KEY_FILE' }),
  },
  headers: { 'x-chain': 'solana' },
  probe: {
    path: '/utils/v1/credits',
    limit: LIMIT,
    read: probeOf('birdeye', answer => {
      const left = answer.number('data.remaining.total')
      return answer.get('success') === true
        ? left === undefined
          ? 'key accepted'
          : `${left} credits left`
        : undefined
    }),
  },
  latest: { everyMs: 60_000, calls: [{ path: LISTING, limit: LIMIT, read: readListing }] },
  enrich: {
    batch: 1,
    everyMs: 900_000,
    calls: ([{ mint, pool } = { mint: '' }]) => {
      const one = (path: string, read: Call['read']): Call => ({
        path,
        limit: LIMIT,
        priority: 'low',
        read,
      })
      const supply: Supply = {}
      return [
        one(`/defi/token_overview?address=${mint}`, readOverview),
        one(`/defi/token_security?address=${mint}`, (body, at, c) =>
          readSecurity(mint, body, at, c),
        ),
        one(`/defi/v3/token/market-data?address=${mint}`, readMarketData(supply)),
        one(
          `/defi/v3/token/holder?address=${mint}&offset=0&limit=20`,
          readHolders(mint, pool, supply),
        ),
      ]
    },
  },
  history: {
    target: 'mint',
    most: 1000,
    call: of => ({
      path: historyPath(of),
      limit: LIMIT,
      priority: 'low',
      read: readBirdeyeHistory(of),
    }),
  },
}

/** Lengths of bars by its names. */
const TYPES: Record<string, string> = {
  '1h': '1H',
  '2h': '2H',
  '4h': '4H',
  '12h': '12H',
  '1d': '1D',
}

function historyPath({ mint, intervalMs, before, most }: HistoryOf): string {
  const name = intervalName(intervalMs)
  const until = Math.floor(before / 1000)
  const from = until - Math.floor((most * intervalMs) / 1000)
  return (
    `/defi/v3/ohlcv?address=${mint}&type=${TYPES[name] ?? name}&currency=usd&` +
    `time_from=${from}&time_to=${until}`
  )
}

function items(body: unknown, complain: Complaints): Reading[] {
  const answer = reading(body, 'birdeye', complain)
  if (answer.get('success') !== true) {
    complain.rejected('birdeye: an answer without success')
    return []
  }
  return answer.list('data.items', 2000)
}

/**
 * Tokens from the answer of Birdeye on new listings, with the time at which liquidity was added.
 */
export function readListing(body: unknown, _at: number, complain: Complaints): Finding[] {
  return items(body, complain).flatMap(item => {
    const mint = item.address('address')
    const ts = item.time('liquidityAddedAt')
    if (mint === undefined || ts === undefined) {
      complain.rejected('birdeye: a listing without address or time')
      return []
    }
    const facts = only<NonNullable<Finding['facts']>>({
      symbol: item.text('symbol', 64),
      name: item.text('name', 200),
      decimals: item.decimals('decimals'),
    })
    return [{ mint, ts, facts }]
  })
}

/** Facts and price of one token from the answer of Birdeye on its overview. */
export function readOverview(body: unknown, at: number, complain: Complaints): Finding[] {
  const data = reading(body, 'birdeye', complain)
  const mint = data.address('data.address')
  if (data.get('success') !== true || mint === undefined) {
    complain.rejected('birdeye: an overview without success')
    return []
  }
  const links = ['website', 'twitter', 'telegram', 'discord'].map(name =>
    data.text(`data.extensions.${name}`, 300),
  )
  const facts = only<NonNullable<Finding['facts']>>({
    symbol: data.text('data.symbol', 64),
    name: data.text('data.name', 200),
    decimals: data.decimals('data.decimals'),
    holderCount: data.count('data.holder'),
    hasSocials:
      data.get('data.extensions') === undefined
        ? undefined
        : links.some(link => link !== undefined),
    description: data.text('data.extensions.description', 4000),
  })
  return [{ mint, ts: at, facts }]
}

/** Null authorities are revoked ones; an authority field that is missing says nothing. */
export function readSecurity(
  mint: string,
  body: unknown,
  at: number,
  complain: Complaints,
): Finding[] {
  const answer = reading(body, 'birdeye', complain)
  const data = (body as { data?: unknown } | null)?.data
  if (answer.get('success') !== true || typeof data !== 'object' || data === null) {
    complain.rejected('birdeye: security without success')
    return []
  }
  const revoked = (field: string): boolean | undefined =>
    Object.hasOwn(data, field) ? answer.get(`data.${field}`) === undefined : undefined
  const top10 = answer.part('data.top10HolderPercent')
  const isNew = answer.flag('data.isToken2022')
  const facts = only<NonNullable<Finding['facts']>>({
    creator: answer.address('data.creatorAddress'),
    createdAt: answer.time('data.creationTime', 's'),
    mintRevoked: revoked('ownerAddress'),
    freezeRevoked: revoked('freezeAuthority'),
    top10Share: top10,
    metadataMutable: answer.flag('data.mutableMetadata'),
    program: isNew === undefined ? undefined : isNew ? 'token-2022' : 'token',
  })
  return [{ mint, ts: at, facts }]
}

/** Whole tokens there are, as an earlier answer said: shares of holders need it. */
export interface Supply {
  wholeTokens?: number | undefined
}

/**
 * Market data: holders, and the supply that shares are made of. Its price names no exchange, so it
 * makes no market line.
 */
export const readMarketData =
  (supply: Supply) =>
  (body: unknown, at: number, complain: Complaints): Finding[] => {
    const data = reading(body, 'birdeye', complain)
    const mint = data.address('data.address')
    if (data.get('success') !== true || mint === undefined) {
      complain.rejected('birdeye: market data without success')
      return []
    }
    supply.wholeTokens = data.number('data.total_supply', 0, 1e30)
    const holderCount = data.count('data.holder')
    return holderCount === undefined ? [] : [{ mint, ts: at, facts: { holderCount } }]
  }

/**
 * The largest holders: the share of ten of them, the pool and what programs keep for others left
 * out.
 */
export const readHolders =
  (mint: string, pool: string | undefined, supply: Supply) =>
  (body: unknown, at: number, complain: Complaints): Finding[] => {
    const list = items(body, complain)
    const holdings = list.flatMap(item => {
      const [owner, amount] = [item.address('owner'), amountOf(item.get('amount'))]
      if (item.get('mint') === mint && owner !== undefined && amount !== undefined)
        return owner === pool || VAULT_AUTHORITIES.has(owner)
          ? []
          : [{ owner, amount: BigInt(amount) }]
      complain.rejected('birdeye: a holder of another mint, or without owner or amount')
      return []
    })
    const decimals = list[0]?.decimals('decimals')
    const units = decimals === undefined ? undefined : baseUnits(supply.wholeTokens, decimals)
    if (holdings.length === 0 || units === undefined || units === '0') return []
    return [{ mint, ts: at, facts: { top10Share: topShare(holdings, BigInt(units)) } }]
  }

/** Candles of the first and of the third version: `unixTime` or `unix_time`. */
export function readBirdeyeHistory({ mint, pool, intervalMs, before }: HistoryOf) {
  return (body: unknown, at: number, complain: Complaints): Finding[] => {
    const found = items(body, complain).flatMap(item => {
      const openAt = item.time(item.get('unix_time') === undefined ? 'unixTime' : 'unix_time', 's')
      const [open, high, low, close] = ['o', 'h', 'l', 'c'].map(name => item.number(name))
      const volume = item.number('v', 0, 1e30)
      const isWhole = openAt !== undefined && openAt % intervalMs === 0 && volume !== undefined
      if (!isWhole || !isSound(open, high, low, close)) {
        complain.rejected('birdeye: a candle that cannot be')
        return []
      }
      if (openAt + intervalMs > at || openAt >= before) return []
      const bar = { open: open!, high: high!, low: low!, close: close! }
      const candle = { intervalMs, openAt, ...bar, volume, currency: 'usd' as const, filled: false }
      return [{ mint, pool, ts: openAt + intervalMs, candle }]
    })
    return found.sort((a, b) => a.ts - b.ts)
  }
}

function isSound(open?: number, high?: number, low?: number, close?: number): boolean {
  if (open === undefined || high === undefined || low === undefined || close === undefined)
    return false
  return low > 0 && low <= Math.min(open, close) && high >= Math.max(open, close)
}
