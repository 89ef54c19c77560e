import { isFlipped, WSOL } from '../decode/programs.ts'
import { type Complaints, type Reading, reading } from '../net/outside.ts'
import { dexName } from './dex-names.ts'
import { type Finding, only, some } from './finding.ts'
import { type Provider, probeOf } from './provider.ts'

const PAIRS = { perMinute: 300, burst: 10 }
const PROFILES = { perMinute: 60, burst: 4 }
const WINDOWS = ['m5', 'h1', 'h6', 'h24'] as const

/** DexScreener: pools and prices of tokens, and tokens whose makers paid for a profile. */
export const dexscreener: Provider = {
  name: 'dexscreener',
  base: 'https://api.dexscreener.com',
  summary: 'pools, prices and activity of tokens; paid profiles and boosts',
  gives: ['token', 'market'],
  units:
    'priceNative in the quote token, volume and liquidity in USD, priceChange in percent, ' +
    'pairCreatedAt in ms',
  solPrice: {
    path: `/tokens/v1/solana/${WSOL}`,
    limit: PAIRS,
    read: (body, _at, complain) => priceOfSol(body, complain),
  },
  probe: {
    path: `/tokens/v1/solana/${WSOL}`,
    limit: PAIRS,
    read: probeOf('dexscreener', answer => (Array.isArray(answer.get('')) ? 'pairs' : undefined)),
  },
  latest: {
    everyMs: 30_000,
    calls: ['/token-profiles/latest/v1', '/token-boosts/latest/v1'].map(path => ({
      path,
      limit: PROFILES,
      read: readProfiles,
    })),
  },
  follow: {
    batch: 30,
    everyMs: 30_000,
    call: mints => ({
      path: `/tokens/v1/solana/${mints.join(',')}`,
      limit: PAIRS,
      read: readPairs,
    }),
  },
}

/** Pairs as a bare array, or `{pairs}` as older addresses have it. */
export function readPairs(body: unknown, at: number, complain: Complaints): Finding[] {
  const all = reading(body, 'dexscreener', complain)
  const pairs = Array.isArray(body) ? all.list('', 500) : all.list('pairs', 500)
  return pairs.flatMap(pair => readPair(pair, at, complain))
}

function readPair(pair: Reading, at: number, complain: Complaints): Finding[] {
  if (pair.get('chainId') !== 'solana') return []
  const [pool, first, second] = [
    pair.address('pairAddress'),
    pair.address('baseToken.address'),
    pair.address('quoteToken.address'),
  ]
  const dex = dexName(
    pair.get('dexId'),
    pair.list('labels', 4).map(label => label.get('')),
  )
  if (pool === undefined || first === undefined || second === undefined || dex === undefined) {
    complain.rejected('dexscreener: a pair without addresses')
    return []
  }
  const flipped = isFlipped(first, second)
  const [mint, quoteMint] = flipped ? [second, first] : [first, second]
  const side = flipped ? 'quoteToken' : 'baseToken'
  const [buys, sells] = flipped ? ['sells', 'buys'] : ['buys', 'sells']
  const market = only<NonNullable<Finding['market']>>({
    dex,
    quoteMint,
    ...prices(pair, flipped, quoteMint),
    openAt: pair.time('pairCreatedAt'),
    liquidityUsd: pair.number('liquidity.usd'),
    marketCapUsd: flipped ? undefined : pair.number('marketCap'),
    volumeUsd: byWindow(window => pair.number(`volume.${window}`)),
    buys: byWindow(window => pair.count(`txns.${window}.${buys}`)),
    sells: byWindow(window => pair.count(`txns.${window}.${sells}`)),
    priceChange: flipped ? undefined : byWindow(window => pair.change(`priceChange.${window}`)),
  })
  const facts = some<NonNullable<Finding['facts']>>({
    symbol: pair.text(`${side}.symbol`, 64),
    name: pair.text(`${side}.name`, 200),
    hasSocials: flipped ? undefined : socials(pair),
  })
  return [only<Finding>({ mint, pool, ts: at, market, facts })]
}

/**
 * The native price is in the quote token. Where the pair is the other way round, so is the price.
 */
function prices(pair: Reading, flipped: boolean, quoteMint: string) {
  const native = pair.price('priceNative')
  const usd = pair.price('priceUsd')
  const inSol = (price: number | undefined): number | undefined =>
    quoteMint === WSOL ? price : undefined
  if (!flipped) return { priceSol: inSol(native), priceUsd: usd }
  if (native === undefined) return { priceSol: undefined, priceUsd: undefined }
  return { priceSol: inSol(1 / native), priceUsd: usd === undefined ? undefined : usd / native }
}

const byWindow = (
  read: (window: string) => number | undefined,
): Record<string, number> | undefined =>
  some<Record<string, number>>(
    Object.fromEntries(WINDOWS.map(window => [window, read(window)])) as never,
  )

/** Links to a site or account; unknown when there is no profile at all. */
function socials(pair: Reading): boolean | undefined {
  if (pair.get('info') === undefined) return undefined
  return pair.list('info.websites', 1).length + pair.list('info.socials', 1).length > 0
}

/** Profiles and boosts of all chains: who paid to be seen. */
export function readProfiles(body: unknown, at: number, complain: Complaints): Finding[] {
  return reading(body, 'dexscreener', complain)
    .list('', 500)
    .flatMap(profile => {
      if (profile.get('chainId') !== 'solana') return []
      const mint = profile.address('tokenAddress')
      if (mint === undefined) {
        complain.rejected('dexscreener: a profile without an address')
        return []
      }
      const hasLinks = profile.list('links', 1).length > 0
      const facts = only<NonNullable<Finding['facts']>>({
        description: profile.text('description', 4000),
        hasSocials: hasLinks ? true : undefined,
      })
      return [{ mint, ts: at, facts }]
    })
}

/** Price of SOL in the pair with most liquidity in which it is the base. */
const priceOfSol = (body: unknown, complain: Complaints): number | undefined =>
  reading(body, 'dexscreener', complain)
    .list('', 500)
    .filter(pair => pair.get('baseToken.address') === WSOL)
    .map(pair => ({ usd: pair.price('priceUsd'), liquidity: pair.number('liquidity.usd') ?? 0 }))
    .sort((a, b) => b.liquidity - a.liquidity)[0]?.usd
