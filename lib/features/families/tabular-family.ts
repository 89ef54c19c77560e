import type { Values as FlagValues } from '../../base/flags.ts'
import type { FeatureSet } from '../../records/features.ts'
import type { Rec } from '../../records/record.ts'
import {
  type Entries,
  type FeatureFamily,
  type FeatureOptions,
  isDue,
  type Known,
  known,
  ratioChange,
  type TokenState,
  type Wallets,
} from '../kit/family.ts'
import { featureSet } from '../kit/feature-set.ts'
import { ageHours, type Facts } from '../kit/token-facts.ts'
import { DAY, type Flow, HOUR, MINUTE, makeFlow } from './flow.ts'
import { riskScore } from './risk-score.ts'
import { fromScore, lexicon, type Sentiment } from './sentiment.ts'
import { makeSmartMoney, type SmartMoney, smartFlags } from './smart-money.ts'
import { makeTrends, type Trends } from './trends.ts'
import { makeWalletRanking, type WalletRanking } from './wallet-ranking.ts'

const TABULAR = featureSet({
  name: 'tabular',
  kinds: ['token', 'market'],
  readsFacts: true,
  ready: '1 market',
  rows: `
liquidityUsd@1 | USD | 1 market | market.liquidityUsd
  value of both reserves
riskScore@1 | 0–100 | 1 token | token, market
  sum of points: mint authority kept 25, freeze authority kept 15, LP not burned 20·(1 − share),
  top ten holders 20·(share − 0.1)/0.5 within 0–20, liquidity below 5,000 USD 10, fewer than 100
  holders 5, younger than an hour 5; what is unknown counts half its points
holderCount@1 | count | 1 token | token.holderCount
  holders
top10Percent@1 | percent | 1 token | token.top10Share
  supply held by the ten largest holders, pools excluded
mintRevoked@1 | 0/1 | 1 token | token.mintRevoked
  nobody can mint more
freezeRevoked@1 | 0/1 | 1 token | token.freezeRevoked
  nobody can freeze accounts
lpBurnedPercent@1 | percent | 1 token | token.lpBurnedShare
  liquidity tokens burned or locked
hasSocials@1 | 0/1 | 1 token | token.hasSocials
  links to a site or social account
tokenAgeHours@1 | hours | 1 token or 1 market | token.createdAt, market.openAt
  time since creation, else since the pool opened
priceChange5m@1 | fraction | 1 report or 5–6 min | market.priceChange.m5, prices
  reported, else price now / last price before the whole minute that holds the time 5 minutes ago
  − 1
priceChange1h@1 | fraction | 1 report or 60–61 min | market.priceChange.h1, prices
  the same over an hour
priceChange24h@1 | fraction | 1 report or 24–24.25 h | market.priceChange.h24, prices
  the same over a day, own prices by whole quarters of an hour
volumeChange1h@2 | fraction | 60–61 min of reports or 120–121 min | market.volumeUsd.h1, trades
  reported hour against the one reported an hour ago, else volume of the last 60 whole minutes /
  volume of the 60 before − 1
volumeChange24h@2 | fraction | 24–24.25 h of reports or 48–48.25 h | market.volumeUsd.h24, trades
  the same over a day, by whole quarters of an hour
buyPressure1h@1 | 0–1 | 1 report or 60–61 min | market.buys.h1, market.sells.h1, trades
  share of buys among the trades of the last hour, from a whole minute on
smartMoneyNetBuys@1 | count | 1 trade | trade.wallet, --smart-wallets, --smart-ranking
  buys minus sells of listed or ranked wallets in the last 24 hours; absent without a list or
  ranking
smartMoneyHolding@1 | count | 1 trade | trade.wallet, --smart-wallets, --smart-ranking
  listed or ranked wallets that bought more than they sold since first seen; absent without a list
  or ranking
isSmartMoneyBullish@1 | 0/1 | 1 trade | trade.wallet, --smart-wallets, --smart-ranking
  net buys and holdings are both positive; absent without a list or ranking
priceVelocity@1 | fraction per minute | 1 report or 5–6 min | market.priceChange.m5, prices
  priceChange5m / 5
volumeAcceleration@2 | fraction | 5–6 min of reports or 10–11 min | market.volumeUsd.m5, trades
  reported 5 minutes against those reported 5 minutes ago, else volume of the last 5 whole minutes /
  volume of the 5 before − 1
liquidityTrend@1 | fraction | 60–61 min | market.liquidityUsd
  liquidity now / liquidity an hour ago − 1
holderTrend@1 | fraction | 60–61 min | token.holderCount
  holders now / holders an hour ago − 1
hasVolumeSpike@2 | 0/1 | 1 report or 60–61 min | market.volumeUsd, trades
  volume of the last 5 minutes above 3 times the hour’s mean of 5 minutes
isPumping@1 | 0/1 | 1 report or 5–6 min | market.priceChange.m5, prices
  priceChange5m ≥ +0.10
isDumping@1 | 0/1 | 1 report or 5–6 min | market.priceChange.m5, prices
  priceChange5m ≤ −0.10
sentimentScore@1 | −1–1 | 1 token | token.name, token.description, score.sentiment
  an outside score, else (positive − negative)/(positive + negative) words of the lexicon; absent
  without any
sentimentConfidence@1 | 0–1 | 1 token | token.name, token.description, score.sentiment
  1 for an outside score, else hits/(hits + 3); absent without any
hasSentimentData@1 | 0/1 | 1 token | token.name, token.description, score.sentiment
  there is text, or an outside score`,
})

export interface TabularOptions
  extends FeatureOptions,
    Pick<FlagValues<typeof smartFlags>, 'smartRanking'> {
  /** Wallets whose trades count as smart money; absent = not known. */
  smartWallets: Wallets | undefined
}

const SPIKE = 3
const PUMP = 0.1

type Values = Record<string, number | undefined>

/**
 * Set `tabular`: 28 features of a token from its lines and trades, on lines of its deepest pool and
 * token lines. Ready with price and liquidity of the last hour; what nobody reported stays absent.
 */
function makeTabular(
  options: FeatureOptions,
  smartWallets: Wallets | undefined,
  facts: Facts,
): TokenState {
  const flow = makeFlow()
  const trends = makeTrends()
  const smart = smartWallets === undefined ? undefined : makeSmartMoney(smartWallets)
  let emittedAt = Number.NEGATIVE_INFINITY
  let lines = 0
  let outside: Sentiment | undefined
  const words = makeTokenWords()

  const isOurs = (rec: Rec): boolean =>
    (rec.kind === 'token' && rec.token !== undefined) ||
    (rec.kind === 'market' && rec.market !== undefined && rec.pool === facts.pool)
  return {
    see: (rec: Rec, entries: Entries) => {
      lines++
      flow.see(rec)
      smart?.see(rec)
      trends.see(rec, facts)
      const score = rec.score?.sentiment
      if (score !== undefined) outside = fromScore(score.value)
      if (!isOurs(rec) || !isDue(rec.ts, emittedAt, options.every)) return
      emittedAt = rec.ts
      if (rec.warm === true) return
      const { ts } = rec
      entries.tabular = features({ facts, flow, trends, smart, words, outside, lines, ts })
    },
    visit: tape => {
      flow.visit(tape)
      trends.visit(tape)
      smart?.visit(tape)
      emittedAt = tape.number(emittedAt)
      lines = tape.number(lines)
      const [score, confidence] = [
        tape.number(outside?.score ?? Number.NaN),
        tape.number(outside?.confidence ?? 0),
      ]
      outside = Number.isNaN(score) ? undefined : { score, confidence }
    },
  }
}

export const tabularFamily = {
  sets: [TABULAR],
  flags: smartFlags,
  make: (options: TabularOptions, { facts, market }: Known<WalletRanking>) =>
    makeTabular(options, market ?? options.smartWallets, facts),
  market: {
    key: ' wallets',
    make: ({ smartRanking }: TabularOptions) =>
      smartRanking === undefined ? undefined : makeWalletRanking(smartRanking),
  },
} as const satisfies FeatureFamily<TabularOptions, WalletRanking>

interface Seen {
  facts: Facts
  flow: Flow
  trends: Trends
  smart: SmartMoney | undefined
  words: TokenWords
  outside: Sentiment | undefined
  lines: number
  ts: number
}

function features(seen: Seen): FeatureSet {
  const reason = unready(seen)
  return {
    hash: TABULAR.hash,
    ready: reason === undefined,
    lines: seen.lines,
    ...(reason === undefined ? {} : { reason }),
    values: known(safety(seen), activity(seen), smartMoney(seen), motion(seen), sentiment(seen)),
  }
}

/** Why it is not ready: what a pool was an hour ago is no fact of now. */
function unready({ facts, trends, ts }: Seen): string | undefined {
  if (facts.market?.liquidityUsd === undefined || !trends.hasPrice())
    return 'needs a market line with price and liquidity'
  return ts - facts.marketAt < HOUR ? undefined : 'its last market line is an hour old'
}

const flag = (is: boolean | undefined): number | undefined =>
  is === undefined ? undefined : is ? 1 : 0
const percent = (share: number | undefined): number | undefined =>
  share === undefined ? undefined : 100 * share

const safety = ({ facts, ts }: Seen): Values => ({
  liquidityUsd: facts.market?.liquidityUsd,
  riskScore: riskScore(facts, ts),
  holderCount: facts.token?.holderCount,
  top10Percent: percent(facts.token?.top10Share),
  mintRevoked: flag(facts.token?.mintRevoked),
  freezeRevoked: flag(facts.token?.freezeRevoked),
  lpBurnedPercent: percent(facts.token?.lpBurnedShare),
  hasSocials: flag(facts.token?.hasSocials),
  tokenAgeHours: ageHours(facts, ts),
})

function activity({ facts, flow, trends, ts }: Seen): Values {
  const { market } = facts
  const [buys, sells] = [market?.buys?.h1, market?.sells?.h1]
  const reported =
    buys === undefined || sells === undefined || buys + sells === 0
      ? undefined
      : buys / (buys + sells)
  return {
    priceChange5m: trends.priceChange(ts, 'm5', facts),
    priceChange1h: trends.priceChange(ts, 'h1', facts),
    priceChange24h: trends.priceChange(ts, 'h24', facts),
    volumeChange1h:
      trends.volumeChange(ts, 'h1') ??
      ratioChange(flow.volume(ts, HOUR), flow.volume(ts, HOUR, HOUR)),
    volumeChange24h:
      trends.volumeChange(ts, 'h24') ??
      ratioChange(flow.volume(ts, DAY), flow.volume(ts, DAY, DAY)),
    buyPressure1h: reported ?? flow.buyShare(ts),
  }
}

function smartMoney({ smart, ts }: Seen): Values {
  const net = smart?.netBuys(ts)
  const holding = smart?.holding()
  return {
    smartMoneyNetBuys: net,
    smartMoneyHolding: holding,
    isSmartMoneyBullish:
      net === undefined || holding === undefined ? undefined : flag(net > 0 && holding > 0),
  }
}

function motion({ facts, flow, trends, ts }: Seen): Values {
  const change = trends.priceChange(ts, 'm5', facts)
  const volume = facts.market?.volumeUsd
  const recent = volume?.m5 ?? flow.volume(ts, 5 * MINUTE)
  const hour = volume?.m5 === undefined ? flow.volume(ts, HOUR) : volume.h1
  const before = flow.volume(ts, 5 * MINUTE, 5 * MINUTE)
  return {
    priceVelocity: change === undefined ? undefined : change / 5,
    volumeAcceleration:
      trends.volumeChange(ts, 'm5') ?? ratioChange(flow.volume(ts, 5 * MINUTE), before),
    liquidityTrend: trends.liquidityTrend(ts, facts),
    holderTrend: trends.holderTrend(ts, facts),
    hasVolumeSpike: flag(
      recent === undefined || hour === undefined ? undefined : recent > (SPIKE * hour) / 12,
    ),
    isPumping: flag(change === undefined ? undefined : change >= PUMP),
    isDumping: flag(change === undefined ? undefined : change <= -PUMP),
  }
}

type TokenWords = (token: Facts['token']) => Sentiment | undefined

/** What the lexicon says of a token’s texts; counted again only when a token line came. */
function makeTokenWords(): TokenWords {
  let last: { token: Facts['token']; found: Sentiment | undefined } | undefined
  return token => {
    if (last === undefined || last.token !== token) {
      const { name, symbol, description } = token ?? {}
      const text = [name, symbol, description].filter(part => part !== undefined).join(' ')
      last = { token, found: lexicon(text) }
    }
    return last.found
  }
}

function sentiment({ facts, words, outside }: Seen): Values {
  const { description } = facts.token ?? {}
  const found = outside ?? words(facts.token)
  return {
    sentimentScore: found?.score,
    sentimentConfidence: found?.confidence,
    hasSentimentData:
      facts.token === undefined && outside === undefined
        ? undefined
        : flag(found !== undefined || description !== undefined),
  }
}
