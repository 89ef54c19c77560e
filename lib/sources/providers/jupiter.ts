import { file } from '../../base/flags.ts'
import { TOKEN, TOKEN_2022, WSOL } from '../decode/programs.ts'
import { baseUnits, type Complaints, type Reading, reading } from '../net/outside.ts'
import { dexName } from './dex-names.ts'
import { type Finding, only } from './finding.ts'
import { type Call, type Provider, probeOf } from './provider.ts'

/** Without a key, 30 a minute in a window of 60 s. */
const LIMIT = { perMinute: 30, burst: 3 }

/**
 * Jupiter: who holds a token and who may still change it; prices; quotes (opportunities:
 * jupiter-quote.ts).
 */
export const jupiter: Provider = {
  name: 'jupiter',
  base: 'https://api.jup.ag',
  summary: 'holders, authorities, socials and launchpad of tokens; prices',
  gives: ['token', 'opportunity'],
  units:
    'prices in USD, holder shares in percent, supply in whole tokens; a missing audit flag ' +
    'means still set',
  key: {
    header: 'x-api-key',
    isNeeded: false,
    flag: file('file with the Jupiter key', { env: 'JUPITER_KEY_FILE' }),
    perMinute: 60,
  },
  probe: {
    path: `/price/v3?ids=${WSOL}`,
    limit: LIMIT,
    read: probeOf('jupiter', answer => {
      const usd = answer.number(`${WSOL}.usdPrice`)
      return usd === undefined ? undefined : `SOL at ${usd.toPrecision(5)} USD`
    }),
  },
  solPrice: {
    path: `/price/v3?ids=${WSOL}`,
    limit: LIMIT,
    read: (body, at, complain) => pricesCall([WSOL]).read(body, at, complain).get(WSOL),
  },
  latest: {
    everyMs: 60_000,
    calls: [{ path: '/tokens/v2/recent', limit: LIMIT, read: readTokens }],
  },
  enrich: {
    batch: 50,
    everyMs: 300_000,
    calls: tokens => [
      {
        path: `/tokens/v2/search?query=${tokens.map(({ mint }) => mint).join(',')}`,
        limit: LIMIT,
        priority: 'low',
        read: readTokens,
      },
    ],
  },
}

/** Prices in USD of up to 50 mints; one that cannot be priced is absent. */
export const pricesCall = (mints: readonly string[]): Call<Map<string, number>> => ({
  path: `/price/v3?ids=${mints.slice(0, 50).join(',')}`,
  limit: LIMIT,
  read: (body, _at, complain) => {
    const all = reading(body, 'jupiter', complain)
    return new Map(
      mints.flatMap(mint => {
        const usd = all.price(`${mint}.usdPrice`)
        return usd === undefined ? [] : [[mint, usd] as const]
      }),
    )
  },
})

/** Token records of search, recent and top lists. */
export function readTokens(body: unknown, at: number, complain: Complaints): Finding[] {
  return reading(body, 'jupiter', complain)
    .list('', 200)
    .flatMap(token => {
      const mint = token.address('id')
      if (mint === undefined) {
        complain.rejected('jupiter: a token without an id')
        return []
      }
      return [{ mint, ts: at, facts: factsOf(token) }]
    })
}

function factsOf(token: Reading): NonNullable<Finding['facts']> {
  const decimals = token.decimals('decimals')
  const hasAudit = token.get('audit') !== undefined
  const links = ['twitter', 'website', 'telegram', 'discord'].map(name => token.text(name, 300))
  return only<NonNullable<Finding['facts']>>({
    symbol: token.text('symbol', 64),
    name: token.text('name', 200),
    decimals,
    supplyAmount:
      decimals === undefined ? undefined : baseUnits(token.get('totalSupply'), decimals),
    program: programName(token.get('tokenProgram')),
    launchpad: dexName(token.text('launchpad', 64)),
    creator: token.address('dev'),
    createdAt: token.time('createdAt'),
    mintRevoked: hasAudit ? revoked(token, 'audit.mintAuthorityDisabled') : undefined,
    freezeRevoked: hasAudit ? revoked(token, 'audit.freezeAuthorityDisabled') : undefined,
    top10Share: token.share('audit.topHoldersPercentage'),
    holderCount: token.count('holderCount'),
    // Links it does not know of may still exist.
    hasSocials: links.some(link => link !== undefined) || undefined,
  })
}

/** A flag that is left out says that the authority is still set; what is no flag says nothing. */
const revoked = (token: Reading, path: string): boolean | undefined =>
  token.get(path) === undefined ? false : token.flag(path)

/** `token` or `token-2022` of the address of a token program. */
export const programName = (program: unknown): string | undefined =>
  program === TOKEN ? 'token' : program === TOKEN_2022 ? 'token-2022' : undefined
