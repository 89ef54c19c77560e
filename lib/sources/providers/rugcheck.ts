import { WSOL } from '../decode/programs.ts'
import { type Complaints, type Reading, reading } from '../net/outside.ts'
import { type Finding, only } from './finding.ts'
import { programName } from './jupiter.ts'
import { type Provider, probeOf } from './provider.ts'

const LIMIT = { perMinute: 30, burst: 3 }

/** RugCheck: who may still mint or freeze, how much liquidity is locked, who holds most. */
export const rugcheck: Provider = {
  name: 'rugcheck',
  base: 'https://api.rugcheck.xyz/v1',
  summary: 'authorities, locked liquidity, holders and concentration of tokens',
  gives: ['token'],
  units:
    'shares in percent, supply in base units; pools and lockers are among its holders and ' +
    'are taken out',
  probe: {
    path: `/tokens/${WSOL}/report/summary`,
    limit: LIMIT,
    read: probeOf('rugcheck', answer =>
      answer.number('score') === undefined ? undefined : 'a report',
    ),
  },
  enrich: {
    batch: 1,
    everyMs: 900_000,
    calls: ([{ mint } = { mint: '' }]) => [
      {
        path: `/tokens/${mint}/report`,
        limit: LIMIT,
        priority: 'low',
        read: (body, at, c) => readReport(mint, body, at, c),
      },
    ],
  },
}

/** A full report, or a summary. */
export function readReport(
  mint: string,
  body: unknown,
  at: number,
  complain: Complaints,
): Finding[] {
  const report = reading(body, 'rugcheck', complain)
  const named = report.get('mint')
  if (named !== undefined && named !== mint) {
    complain.rejected('rugcheck: a report of another mint')
    return []
  }
  const facts = only<NonNullable<Finding['facts']>>({
    symbol: report.text('tokenMeta.symbol', 64),
    name: report.text('tokenMeta.name', 200),
    decimals: report.decimals('token.decimals'),
    supplyAmount: supplyOf(report),
    program: programName(report.get('tokenProgram')),
    creator: report.address('creator'),
    mintRevoked: isRevoked(report, 'mintAuthority'),
    freezeRevoked: isRevoked(report, 'freezeAuthority'),
    lpBurnedShare: report.share('lpLockedPct') ?? bestLock(report),
    top10Share: topTen(report),
    holderCount: holders(report),
    rugged: report.flag('rugged'),
    metadataMutable: report.flag('tokenMeta.mutable'),
    transferFeeBps: transferFee(report),
  })
  return [{ mint, ts: at, facts }]
}

/**
 * True where the report says that nobody has an authority (null), false where it names somebody. A
 * summary has no token, and a token without the field says nothing.
 */
function isRevoked(report: Reading, field: string): boolean | undefined {
  const token = report.get('token')
  if (typeof token !== 'object' || token === null || !Object.hasOwn(token, field)) return undefined
  return report.get(`token.${field}`) === undefined
}

/** Its percentage in bps; a token without such a fee has 0 there. */
function transferFee(report: Reading): number | undefined {
  const share = report.share('transferFee.pct')
  return share === undefined ? undefined : Number((share * 10_000).toPrecision(12))
}

function supplyOf(report: Reading): string | undefined {
  const supply = report.get('token.supply')
  if (typeof supply === 'string') return /^(0|[1-9]\d{0,37})$/.test(supply) ? supply : undefined
  return typeof supply === 'number' && Number.isSafeInteger(supply) && supply > 0
    ? String(supply)
    : undefined
}

/** The holders it has not counted are given as 0. */
const holders = (report: Reading): number | undefined => report.count('totalHolders') || undefined

/** Locked share in the market with most liquidity. */
function bestLock(report: Reading): number | undefined {
  let best: { usd: number; share: number } | undefined
  for (const market of report.list('markets', 50)) {
    const share = market.share('lp.lpLockedPct')
    const usd = (market.number('lp.baseUSD') ?? 0) + (market.number('lp.quoteUSD') ?? 0)
    if (share !== undefined && (best === undefined || usd > best.usd)) best = { usd, share }
  }
  return best?.share
}

/** Accounts that are no holders: pools and lockers, by owner or by the account itself. */
function notHolders(report: Reading): Set<unknown> {
  const known = report.get('knownAccounts')
  const out = new Set<unknown>()
  for (const [account, what] of Object.entries(
    typeof known === 'object' && known !== null ? known : {},
  ))
    if (what !== null && typeof what === 'object' && ['AMM', 'LOCKER'].includes(what.type))
      out.add(account)
  for (const market of report.list('markets', 50))
    for (const path of ['pubkey', 'liquidityA', 'liquidityB']) out.add(market.get(path))
  return out
}

/** Share of the ten largest holders; unknown without a list, or where one of them is. */
function topTen(report: Reading): number | undefined {
  const list = report.list('topHolders', 100)
  if (list.length === 0) return undefined
  const skip = notHolders(report)
  const held = list
    .filter(holder => !skip.has(holder.get('address')) && !skip.has(holder.get('owner')))
    .map(holder => holder.share('pct'))
  const shares = held.filter(share => share !== undefined).sort((a, b) => b - a)
  if (shares.length < held.length) return undefined
  const sum = shares.slice(0, 10).reduce((total, share) => total + share, 0)
  return Number(Math.min(1, sum).toPrecision(12))
}
