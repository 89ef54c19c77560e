import assert from 'node:assert/strict'
import test from 'node:test'
import { SET_NAMES, SETS, type SetName } from '../../../lib/features/sets.ts'
import type { FeatureSet } from '../../../lib/records/features.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { candle, floats, HOUR, MINUTE, market, run, SECOND, T0, token, trade } from './lines.ts'

/** What has been seen of a token up to and with a line: lines by what they are, and since when. */
interface Seen {
  lines: Record<string, number>
  since: Record<string, number>
  ts: number
}

type Verdict = 0 | 1 | 2
/** Not known yet; known for some tokens and not for others; known. */
const [NO, MAYBE, YES] = [0, 1, 2] as const
const UNITS: Record<string, number> = { s: SECOND, min: MINUTE, h: HOUR }

/** A declared stretch of time as `[least, most]` in ms, by the words before ` of reports`. */
function stretchOf(term: string): [number, number] | undefined {
  const [, low, high, unit] = /^([\d.]+)–([\d.]+) (s|min|h)( of reports)?$/.exec(term) ?? []
  return low === undefined ? undefined : [Number(low) * UNITS[unit!]!, Number(high) * UNITS[unit!]!]
}

const singular = (word: string): string => word.replace(/ies$/, 'y').replace(/s$/, '')

function termHolds(term: string, { lines, since, ts }: Seen): Verdict {
  const stretch = stretchOf(term)
  if (stretch !== undefined) {
    const from = since[term.endsWith('of reports') ? 'report' : 'line']
    const [low, high] = stretch
    const passed = from === undefined ? -1 : ts - from
    return passed < low ? NO : passed < high ? MAYBE : YES
  }
  const [, count, what] = /^(\d+) ([a-z]+)$/.exec(term) ?? []
  assert.ok(what !== undefined, `a warm-up that is not understood: ${term}`)
  return (lines[singular(what)] ?? 0) >= Number(count) ? YES : NO
}

/** A declared warm-up: terms between `or`, and of those groups between commas all. */
const holds = (declared: string, seen: Seen): Verdict =>
  Math.min(
    ...declared
      .split(', ')
      .map(group => Math.max(...group.split(' or ').map(term => termHolds(term, seen)))),
  ) as Verdict

/** What a set declares: of each feature, and of `ready`. */
const declaredOf = (name: SetName): [feature: string, warmup: string][] => [
  ...SETS[name].features.map((at): [string, string] => [at.name, at.warmup]),
  ['ready', SETS[name].ready ?? `nothing for ${name}`],
]

/** Whether a set holds a number for a feature: by name, or in the last row of its tensor. */
function isKnown(name: SetName, feature: string, set: FeatureSet): boolean {
  if (feature === 'ready') return set.ready
  const definition = SETS[name].features.find(at => at.name === feature)?.definition ?? ''
  const column = /^column (\d+)/.exec(definition)?.[1]
  if (column === undefined)
    return [set.values, set.context, set.indicators].some(at => at?.[feature] !== undefined)
  const { data, shape = [0, 0] } = set.candles ?? set.window ?? {}
  const last = data === undefined ? undefined : floats(data).slice(-shape[1]!)[Number(column)]
  return last !== undefined && !Number.isNaN(last)
}

const opportunity = (ts: number): Rec => ({
  v: 1,
  id: `opportunity:CAT:${ts}`,
  ts,
  kind: 'opportunity',
  mint: 'CAT',
  source: 'test',
  opportunity: {
    path: [{ dex: 'd', inMint: 'S', outMint: 'CAT', inAmount: '1', outAmount: '1' }],
    inAmount: '1000',
    outAmount: '1004',
    feeLamports: '300',
    spread: 0.004,
    depthUsd: 2000,
  },
})
const REPORTS = {
  priceChange: { m5: 0.1, h1: 0.1, h24: 0.1 },
  volumeUsd: { m5: 10, h1: 100, h24: 1000 },
  buys: { h1: 3 },
  sells: { h1: 2 },
}
const facts = (ts: number): Rec =>
  token(ts, {
    name: 'a gem',
    createdAt: T0 - HOUR,
    holderCount: 100,
    top10Share: 0.2,
    mintRevoked: true,
    freezeRevoked: true,
    lpBurnedShare: 1,
    hasSocials: true,
  })
const snapshot = (ts: number, reports: object): Rec =>
  market(ts, {
    priceSol: 1,
    baseAmount: '4000000',
    quoteAmount: '1000',
    liquidityUsd: 9000,
    marketCapUsd: 1e6,
    feeBps: 25,
    openAt: T0 - HOUR,
    ...reports,
  })
/** Of ten SOL and more is a trade a whale’s: the fourth and later ones are. */
const SMALL = 3
const swap = (ts: number, n: number): Rec =>
  trade(ts, { price: 1, tokens: n < SMALL ? 1 : 20, usd: 5, wallet: 'A' })

/** Every declared stretch of time, and now and then in between. */
const stretches = SET_NAMES.flatMap(name =>
  declaredOf(name).flatMap(([, text]) =>
    text.split(/, | or /).flatMap(term => {
      const stretch = stretchOf(term)
      return stretch === undefined ? [] : [stretch]
    }),
  ),
)
/** The edges are looked at this part of a stretch’s width before and behind them. */
const EDGE = 1 / 20
const every = (step: number, upTo: number): number[] =>
  Array.from({ length: upTo / step }, (_, i) => i * step)
const moments = [
  ...new Set([
    ...every(5 * SECOND, 5 * MINUTE),
    ...every(MINUTE, 12 * MINUTE),
    ...every(10 * MINUTE, 130 * MINUTE),
    ...every(HOUR, 50 * HOUR),
    ...stretches.flatMap(([low, high]) =>
      [low, high].flatMap(at => [at - EDGE * (high - low), at + EDGE * (high - low)]),
    ),
  ]),
].sort((a, b) => a - b)

/** A token with lines of every kind from `from` on, until everything is known. */
const ordinary = (from: number, reports: object): Rec[] =>
  moments.flatMap((after, n) => {
    const ts = from + Math.round(after)
    return [facts(ts), snapshot(ts, reports), swap(ts, n), opportunity(ts)]
  })

const BARS = 130
/** Candles; the facts of the token come before bar `factsAt`. */
const bars = (factsAt: number): Rec[] =>
  Array.from({ length: BARS }, (_, n) => {
    const close = 2 + Math.sin(n)
    const open = 2 + Math.sin(n - 1)
    const [high, low] = [Math.max(open, close) + 0.1, Math.min(open, close) - 0.1]
    const bar = candle(n, { open, high, low, close, volume: 5 + (n % 3), trades: 4 })
    return n === factsAt ? [facts(bar.ts), snapshot(bar.ts, REPORTS), bar] : [bar]
  }).flat()

function note(seen: Seen, rec: Rec, reports: object): void {
  const { kind, ts } = rec
  const are = [kind, 'line']
  if (kind === 'market') are.push('snapshot')
  if (kind === 'market' && Object.keys(reports).length > 0) are.push('report')
  if (kind === 'trade' && Number(rec.trade?.quoteAmount) >= 10e9) are.push('whale')
  for (const what of are) {
    seen.lines[what] = (seen.lines[what] ?? 0) + 1
    seen.since[what] ??= ts
  }
  seen.ts = ts
}

/** After how long a feature was first known, by `set feature`; held against what is declared. */
function firstKnown(recs: readonly Rec[], reports: object, sets: readonly SetName[]) {
  const options = {
    smartWallets: new Set(['A']),
    garch: { mu: 0, omega: 1e-6, alpha: 0.1, beta: 0.8 },
  }
  const seen: Seen = { lines: {}, since: {}, ts: 0 }
  const found = new Map<string, number>()
  const due = new Set<string>()
  for (const [i, raw] of run(recs, sets, options).entries()) {
    note(seen, recs[i]!, reports)
    const { features = {} } = JSON.parse(raw) as Rec
    for (const name of sets) {
      const set = features[name]
      if (set === undefined) continue
      for (const [feature, declared] of declaredOf(name)) {
        const key = `${name} ${feature}`
        if (found.has(key) || (reports !== REPORTS && !declared.includes('report'))) continue
        const verdict = holds(declared, seen)
        if (isKnown(name, feature, set)) {
          assert.notEqual(verdict, NO, `${key} is known before ${declared}`)
          found.set(key, seen.ts - recs[0]!.ts)
        } else assert.notEqual(verdict, YES, `${key} is not known with ${declared}`)
        if (verdict === YES) due.add(key)
      }
    }
  }
  for (const key of due) assert.ok(found.has(key), `${key} is never known`)
  return found
}

const BAR_SETS = SET_NAMES.filter(name => SETS[name].kinds.includes('candle'))
const OTHERS = SET_NAMES.filter(name => !BAR_SETS.includes(name))

test('sets of bars: every feature, and ready, with the candles that the reference says', () => {
  for (const factsAt of [0, 60]) {
    const found = firstKnown(bars(factsAt), REPORTS, BAR_SETS)
    for (const name of BAR_SETS)
      for (const [feature] of declaredOf(name)) assert.ok(found.has(`${name} ${feature}`), feature)
  }
})

test('all other sets: every feature, and ready, with the lines and the time it says', () => {
  const told = new Map<string, string>(
    OTHERS.flatMap(name =>
      declaredOf(name).map(([feature, text]): [string, string] => [`${name} ${feature}`, text]),
    ),
  )
  for (const reports of [REPORTS, {}]) {
    // A token first seen as a minute begins waits longest; one seen at its very end, least.
    const longest = firstKnown(ordinary(T0, reports), reports, OTHERS)
    const least = firstKnown(ordinary(T0 - 1, reports), reports, OTHERS)
    for (const [key, text] of told) {
      if (reports !== REPORTS && !text.includes('report')) continue
      assert.ok(longest.has(key), `${key} is never known`)
      // Where reports shorten the wait for time, that is what was measured with them.
      const wanted = text
        .split(/, | or /)
        .filter(term => reports === REPORTS || !term.includes('report'))
        .map(term => stretchOf(term))[0]
      if (wanted === undefined) continue
      const [low, high] = wanted
      const edge = EDGE * (high - low) + 1
      assert.ok(longest.get(key)! >= high && longest.get(key)! <= high + edge, `${key}: ${text}`)
      assert.ok(least.get(key)! >= low && least.get(key)! <= low + edge, `${key}: ${text}`)
    }
  }
})

test('the words of a warm-up: both, either, and a stretch of time', () => {
  const seen = { lines: { candle: 50, token: 0, report: 1 }, since: { line: 0, report: 60_000 } }
  const at = (declared: string, ts: number): Verdict => holds(declared, { ...seen, ts })
  assert.equal(at('50 candles', 0), YES)
  assert.equal(at('51 candles', 0), NO)
  assert.equal(at('50 candles, 1 token', 0), NO)
  assert.equal(at('1 token or 1 report', 0), YES)
  assert.deepEqual(
    [299, 300, 359, 360].map(s => at('5–6 min', s * SECOND)),
    [NO, MAYBE, MAYBE, YES],
  )
  assert.equal(at('5–6 min of reports', 360 * SECOND), MAYBE)
  assert.throws(() => at('a while', 0), /not understood: a while/)
})
