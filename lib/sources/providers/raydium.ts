import { isFlipped, PROGRAMS, WSOL } from '../decode/programs.ts'
import { type Complaints, type Reading, reading } from '../net/outside.ts'
import { type Finding, only, some } from './finding.ts'
import { programName } from './jupiter.ts'
import { type Provider, probeOf } from './provider.ts'

const LIMIT = { perMinute: 30, burst: 3 }
const PAGE = 'poolType=all&sortType=desc&pageSize=100&page=1&poolSortField='
/**
 * It cannot sort by age: of the pools traded most in a day, those that opened within it are the new
 * ones.
 */
const NEW_MS = 86_400_000

/** Raydium’s own API: its pools with fees, liquidity and burned LP tokens. It has no history. */
export const raydium: Provider = {
  name: 'raydium',
  base: 'https://api-v3.raydium.io',
  summary: 'Raydium pools: price, fee, liquidity, burned LP tokens',
  gives: ['token', 'market'],
  units:
    'price = mint B per mint A, tvl in USD, feeRate a fraction, burnPercent in percent, ' +
    'openTime text of seconds',
  probe: {
    path: '/main/info',
    limit: LIMIT,
    read: probeOf('raydium', answer =>
      answer.number('data.tvl') === undefined ? undefined : 'its totals',
    ),
  },
  latest: {
    everyMs: 30_000,
    calls: [{ path: `/pools/info/list?${PAGE}volume24h`, limit: LIMIT, read: readNewPools }],
  },
  follow: {
    batch: 1,
    everyMs: 60_000,
    call: ([mint = '']) => ({
      path: `/pools/info/mint?mint1=${mint}&${PAGE}default`,
      limit: LIMIT,
      read: readRaydium,
    }),
  },
}

const DEXES = new Map<unknown, string>([
  [PROGRAMS['raydium-amm'], 'raydium-amm'],
  [PROGRAMS['raydium-cpmm'], 'raydium-cpmm'],
  [PROGRAMS['raydium-clmm'], 'raydium-clmm'],
])

/** A page of pools; unknown ones are null. */
export function readRaydium(body: unknown, at: number, complain: Complaints): Finding[] {
  const page = reading(body, 'raydium', complain)
  if (page.get('success') === false) {
    complain.rejected('raydium: an answer without success')
    return []
  }
  const inner = page.list('data.data', 1000)
  return (inner.length > 0 ? inner : page.list('data', 1000))
    .filter(pool => pool.get('') !== undefined)
    .flatMap(pool => readPool(pool, at, complain))
}

/** Pools of a page that opened lately; one that does not say when is not among them. */
export function readNewPools(body: unknown, at: number, complain: Complaints): Finding[] {
  return readRaydium(body, at, complain).filter(
    ({ market }) => (market?.openAt ?? 0) >= at - NEW_MS,
  )
}

function readPool(pool: Reading, at: number, complain: Complaints): Finding[] {
  const [address, first, second] = [
    pool.address('id'),
    pool.address('mintA.address'),
    pool.address('mintB.address'),
  ]
  const dex = DEXES.get(pool.get('programId'))
  if (address === undefined || first === undefined || second === undefined || dex === undefined) {
    complain.rejected('raydium: a pool without addresses or of another program')
    return []
  }
  const flipped = isFlipped(first, second)
  const [mint, quoteMint, side] = flipped ? [second, first, 'mintB'] : [first, second, 'mintA']
  const price = pool.price('price')
  const oriented = price === undefined ? undefined : flipped ? 1 / price : price
  const market = only<NonNullable<Finding['market']>>({
    dex,
    quoteMint,
    baseDecimals: pool.decimals(`${side}.decimals`),
    quoteDecimals: pool.decimals(`${flipped ? 'mintA' : 'mintB'}.decimals`),
    priceSol: quoteMint === WSOL ? oriented : undefined,
    feeBps: feeOf(pool),
    openAt: pool.get('openTime') === '0' ? undefined : pool.time('openTime', 's'),
    liquidityUsd: pool.number('tvl'),
    volumeUsd: some<Record<string, number>>({ h24: pool.number('day.volume')! }),
  })
  const facts = some<NonNullable<Finding['facts']>>({
    symbol: pool.text(`${side}.symbol`, 64),
    name: pool.text(`${side}.name`, 200),
    decimals: pool.decimals(`${side}.decimals`),
    program: programName(pool.get(`${side}.programId`)),
    // Positions of a CLMM pool are not LP tokens: there is nothing to burn.
    lpBurnedShare: dex === 'raydium-clmm' ? undefined : pool.share('burnPercent'),
  })
  return [only<Finding>({ mint, pool: address, ts: at, market, facts })]
}

/** `feeRate` 0.0025 is 25 bps. */
function feeOf(pool: Reading): number | undefined {
  const rate = pool.number('feeRate', 0, 1)
  return rate === undefined ? undefined : Number((rate * 10_000).toPrecision(12))
}
