import { intervalName } from '../../market/interval-name.ts'
import { isFlipped } from '../decode/programs.ts'
import { type Complaints, numberOf, type Reading, reading } from '../net/outside.ts'
import { dexName } from './dex-names.ts'
import { type Finding, only, some } from './finding.ts'
import { type HistoryOf, type Provider, probeOf } from './provider.ts'

/** Shared by everybody at one address; some say 10 a minute. */
const LIMIT = { perMinute: 25, burst: 5 }
const WINDOWS = ['m5', 'h1', 'h6', 'h24'] as const

/** GeckoTerminal: new pools, pools of a token, and candles without a key. */
export const geckoterminal: Provider = {
  name: 'geckoterminal',
  base: 'https://api.geckoterminal.com/api/v2',
  summary: 'new pools, pools of a token, and past candles without a key',
  gives: ['token', 'market', 'candle'],
  units:
    'prices as text in USD and in SOL, price changes in percent, candles in USD with volume ' +
    'in USD and times in s',
  probe: {
    path: '/networks/solana/new_pools?page=1',
    limit: LIMIT,
    read: probeOf('geckoterminal', answer =>
      Array.isArray(answer.get('data')) ? 'pools' : undefined,
    ),
  },
  latest: {
    everyMs: 30_000,
    calls: [{ path: '/networks/solana/new_pools?page=1', limit: LIMIT, read: readPools }],
  },
  follow: {
    batch: 1,
    everyMs: 60_000,
    call: ([mint = '']) => ({
      path: `/networks/solana/tokens/${mint}/pools?page=1`,
      limit: LIMIT,
      read: readPools,
    }),
  },
  history: {
    target: 'pool',
    most: 1000,
    call: of => ({ path: historyPath(of), limit: LIMIT, priority: 'low', read: readHistory(of) }),
  },
}

/** Pools of any list. */
export function readPools(body: unknown, at: number, complain: Complaints): Finding[] {
  return reading(body, 'geckoterminal', complain)
    .list('data', 100)
    .flatMap(pool => readPool(pool, at, complain))
}

/** `solana_<address>` without its network; undefined for another network’s. */
function addressIn(pool: Reading, path: string): string | undefined {
  const id = pool.get(`relationships.${path}.data.id`)
  if (typeof id !== 'string' || !id.startsWith('solana_')) return undefined
  return reading(id.slice(7), 'geckoterminal', SILENT).address('')
}
const SILENT: Complaints = { dropped: () => undefined, rejected: () => undefined }

function readPool(pool: Reading, at: number, complain: Complaints): Finding[] {
  const address = pool.address('attributes.address')
  const [first, second] = [addressIn(pool, 'base_token'), addressIn(pool, 'quote_token')]
  const dex = dexName(pool.get('relationships.dex.data.id'), undefined, 'geckoterminal')
  if (address === undefined || first === undefined || second === undefined || dex === undefined) {
    complain.rejected('geckoterminal: a pool without addresses')
    return []
  }
  const flipped = isFlipped(first, second)
  const [mint, quoteMint] = flipped ? [second, first] : [first, second]
  const price = flipped ? 'quote_token' : 'base_token'
  const [buys, sells] = flipped ? ['sells', 'buys'] : ['buys', 'sells']
  const get = (name: string): string => `attributes.${name}`
  const market = only<NonNullable<Finding['market']>>({
    dex,
    quoteMint,
    priceSol: pool.price(get(`${price}_price_native_currency`)),
    priceUsd: pool.price(get(`${price}_price_usd`)),
    liquidityUsd: pool.number(get('reserve_in_usd')),
    marketCapUsd: flipped ? undefined : pool.number(get('market_cap_usd')),
    openAt: pool.time(get('pool_created_at')),
    feeBps: feeOf(pool),
    volumeUsd: byWindow(window => pool.number(get(`volume_usd.${window}`))),
    buys: byWindow(window => pool.count(get(`transactions.${window}.${buys}`))),
    sells: byWindow(window => pool.count(get(`transactions.${window}.${sells}`))),
    priceChange: flipped
      ? undefined
      : byWindow(window => pool.change(get(`price_change_percentage.${window}`))),
  })
  const facts = some<NonNullable<Finding['facts']>>({
    symbol: flipped ? undefined : symbolOf(pool.text(get('name'), 140)),
    lpBurnedShare: pool.share(get('locked_liquidity_percentage')),
  })
  return [only<Finding>({ mint, pool: address, ts: at, market, facts })]
}

function feeOf(pool: Reading): number | undefined {
  const percent = pool.number('attributes.pool_fee_percentage', 0, 100)
  return percent === undefined ? undefined : Number((percent * 100).toPrecision(12))
}

/** `CAT / SOL` or `CAT / SOL 0.3%` names both sides. */
const symbolOf = (name: string | undefined): string | undefined =>
  name?.includes(' / ') ? name.split(' / ')[0]?.trim().slice(0, 64) || undefined : undefined

const byWindow = (
  read: (window: string) => number | undefined,
): Record<string, number> | undefined =>
  some<Record<string, number>>(
    Object.fromEntries(WINDOWS.map(window => [window, read(window)])) as never,
  )

/** Lengths of bars that it has. */
export const GECKO_INTERVALS: Record<string, string> = {
  '1m': 'minute?aggregate=1',
  '5m': 'minute?aggregate=5',
  '15m': 'minute?aggregate=15',
  '1h': 'hour?aggregate=1',
  '4h': 'hour?aggregate=4',
  '12h': 'hour?aggregate=12',
  '1d': 'day?aggregate=1',
}

function historyPath({ pool, intervalMs, before, most }: HistoryOf): string {
  const bars = GECKO_INTERVALS[intervalName(intervalMs)]!
  const end = Math.floor(before / 1000)
  return (
    `/networks/solana/pools/${pool}/ohlcv/${bars}&limit=${most}&before_timestamp=${end}&` +
    `currency=usd`
  )
}

/**
 * Rows [s, open, high, low, close, volume in USD], newest first; bars without a trade are left out
 * there.
 */
export function readHistory({ mint, pool, intervalMs, before }: HistoryOf) {
  return (body: unknown, at: number, complain: Complaints): Finding[] => {
    const rows = reading(body, 'geckoterminal', complain).get('data.attributes.ohlcv_list')
    const bars = (Array.isArray(rows) ? rows.slice(0, 2000) : []).flatMap(row => {
      const bar = readBar(row, intervalMs)
      if (bar === undefined) complain.rejected('geckoterminal: a candle that cannot be')
      // The bar that is still open changes until its end.
      const isClosed = bar !== undefined && bar.openAt + intervalMs <= at && bar.openAt < before
      return isClosed ? [bar] : []
    })
    const unique = new Map(bars.map(bar => [bar.openAt, bar]))
    return [...unique.values()]
      .sort((a, b) => a.openAt - b.openAt)
      .map(candle => ({ mint, pool, ts: candle.openAt + intervalMs, candle }))
  }
}

/** Whole tokens of a volume in USD: at the typical price of the bar, (high + low + close) / 3. */
function readBar(row: unknown, intervalMs: number): NonNullable<Finding['candle']> | undefined {
  if (!Array.isArray(row) || row.length < 6) return undefined
  const [seconds, open, high, low, close, volumeUsd] = row.slice(0, 6).map(numberOf)
  if (seconds === undefined || open === undefined || high === undefined) return undefined
  if (low === undefined || close === undefined || volumeUsd === undefined) return undefined
  const openAt = seconds * 1000
  const isSound =
    low > 0 && low <= Math.min(open, close) && high >= Math.max(open, close) && volumeUsd >= 0
  if (!isSound || high > 1e15 || openAt % intervalMs !== 0 || openAt < 1_583_000_000_000)
    return undefined
  if (openAt > 9_999_999_999_999) return undefined
  const volume = volumeUsd / ((high + low + close) / 3)
  return Number.isFinite(volume)
    ? { intervalMs, openAt, open, high, low, close, volume, currency: 'usd', filled: false }
    : undefined
}
