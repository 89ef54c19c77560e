import type { FeatureSet } from '../../records/features.ts'
import type { Rec } from '../../records/record.ts'
import {
  type Entries,
  type Family,
  type FeatureOptions,
  isDue,
  known,
  ratioChange,
} from '../kit/family.ts'
import { ageHours, type Facts } from '../kit/token-facts.ts'
import { SETS } from '../sets.ts'
import { DAY, type Flow, HOUR, MINUTE, makeFlow } from './flow.ts'
import { riskScore } from './risk-score.ts'
import { fromScore, lexicon, type Sentiment } from './sentiment.ts'
import { makeSmartMoney, type SmartMoney } from './smart-money.ts'
import { makeTrends, type Trends } from './trends.ts'

const SPIKE = 3
const PUMP = 0.1

type Values = Record<string, number | undefined>

/**
 * Set `tabular`: 28 features of a token from its token and market lines and its trades. On lines of
 * its deepest pool and on token lines. Ready once price and liquidity were seen; facts that nobody
 * reported stay absent.
 */
export function makeTabularFamily(options: FeatureOptions, facts: Facts): Family {
  const flow = makeFlow()
  const trends = makeTrends()
  const smart =
    options.smartWallets === undefined ? undefined : makeSmartMoney(options.smartWallets)
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
      if (rec.warm !== true)
        entries.tabular = features({
          facts,
          flow,
          trends,
          smart,
          words,
          outside,
          lines,
          ts: rec.ts,
        })
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
  const { facts, lines } = seen
  const isReady = facts.market?.liquidityUsd !== undefined && seen.trends.hasPrice()
  return {
    hash: SETS.tabular.hash,
    ready: isReady,
    lines,
    ...(isReady ? {} : { reason: 'needs a market line with price and liquidity' }),
    values: known(safety(seen), activity(seen), smartMoney(seen), motion(seen), sentiment(seen)),
  }
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
