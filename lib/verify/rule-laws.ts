import { isDeepStrictEqual } from 'node:util'
import { messageOf, show } from '../base/errors.ts'
import type { Flag, Flags } from '../base/flags.ts'
import type { GateCase } from '../decide/gate-case.ts'
import type { Rule, Verdict } from '../decide/rule.ts'
import type { TradeCase } from '../decide/trade-case.ts'
import type { Law } from './stream-laws.ts'

type Facts = Readonly<Record<string, unknown>>

const TS = 1_763_683_200_000
const DECISION = { act: 'buy', recommendation: 'EXECUTE', confidence: 0.8, config: '00000000' }
const LINE = { v: 1, id: 'case', ts: TS, kind: 'market', source: 'verify', mint: 'CAT' }

/** A case of gate with every fact, and one with none but the time. */
export const GATE_FACTS: readonly [Facts, Facts] = [
  {
    ts: TS,
    line: { ...LINE, decision: DECISION, own: { score: 0.5 } },
    features: { pool: { hash: '0123456789ab', ready: true, values: { poolAgeMinutes: 30 } } },
    strategies: { dca: { signal: 'buy', confidence: 0.7, reasons: [] } },
    modelScore: 0.8,
    rugRisk: 0.1,
    confidence: 0.8,
    token: {
      mintRevoked: true,
      freezeRevoked: true,
      lpBurnedShare: 1,
      holderCount: 400,
      top10Share: 0.2,
      createdAt: TS - 3_600_000,
    },
    market: {
      dex: 'pumpswap',
      priceSol: 1e-6,
      priceUsd: 2e-4,
      liquidityUsd: 50_000,
      marketCapUsd: 200_000,
      volumeUsd: { m5: 1000, h1: 9000, h24: 90_000 },
      buys: { m5: 20, h1: 200 },
      sells: { m5: 10, h1: 100 },
    },
    regime: 'quiet',
    guesses: [],
    imputed: 1,
    rugShare: 0.1,
    priceSol: 1e-6,
    ageMs: 1000,
    tokenAgeMs: 3_600_000,
    impact: 0.01,
    sinceBuyMs: 3_600_000,
    buys: [],
    quality: 90,
  } satisfies Record<keyof GateCase, unknown>,
  {
    ts: TS,
    line: LINE,
    features: {},
    guesses: [{ count: undefined, limit: 2 }],
    buys: [{ ts: TS - 1, price: undefined, sold: undefined }],
  },
]

/** The same of execute, whose own book is always known. */
export const TRADE_FACTS: readonly [Facts, Facts] = [
  {
    ts: TS,
    line: { ...LINE, decision: DECISION, own: { score: 0.5 } },
    decision: DECISION,
    ageMs: 1000,
    positions: 0,
    size: 100_000_000n,
    need: 110_000_000n,
    free: 10_000_000_000n,
    spentToday: 0n,
    earnedToday: 0n,
    drawdown: 0,
    streak: 0,
    sinceLossMs: 3_600_000,
    isKilled: false,
    unknown: [],
    isDuplicate: false,
    clockGapMs: 100,
  } satisfies Record<keyof TradeCase, unknown>,
  {
    ts: TS,
    line: LINE,
    decision: DECISION,
    positions: 0,
    size: 100_000_000n,
    need: 110_000_000n,
    free: 10_000_000_000n,
    spentToday: 0n,
    earnedToday: 0n,
    drawdown: 0,
    streak: 0,
    isKilled: false,
    unknown: [],
    isDuplicate: false,
  },
]

/** The laws of a rule over cases of facts: one with all of them, and one with as few as can be. */
export function ruleLaws(rule: Rule<never>, [full, bare]: readonly [Facts, Facts]): Law[] {
  const limits = limitsOf(rule.flags)
  const judge = (facts: Facts): Verdict => rule.judge(frozen(facts) as never, limits as never)
  const cases = [full, bare, ...Object.keys(full).map(key => without(full, key, bare))]
  return [
    { law: 'frozen', difference: () => firstThrow(cases, judge) },
    {
      law: 'replay',
      difference: () => {
        const other = cases.find(facts => !isDeepStrictEqual(judge(facts), judge(facts)))
        return other && `two verdicts on the same facts: ${show(plain(other), 300)}`
      },
    },
    {
      law: 'absent',
      difference: () => {
        const verdict = judge(bare)
        if (verdict.result !== 'pass' || /^never\b/.test(rule.unknown)) return undefined
        return `passes a case without facts, though it is unknown when: ${rule.unknown}`
      },
    },
    { law: 'NaN', difference: () => passedNaN(full, judge) },
  ]
}

function firstThrow(cases: readonly Facts[], judge: (facts: Facts) => Verdict): string | undefined {
  for (const facts of cases)
    try {
      judge(facts)
    } catch (error) {
      return `${messageOf(error)} (on ${show(plain(facts), 300)})`
    }
  return undefined
}

const without = (full: Facts, key: string, bare: Facts): Facts => ({ ...full, [key]: bare[key] })

/** Values that show whether a rule looks at a number at all. */
const OTHERS = [0, -1, 1e-9, 0.5, 1, 100, 1e9, 1e18]

/** A number that decides may not let a case pass when it is none. */
function passedNaN(full: Facts, judge: (facts: Facts) => Verdict): string | undefined {
  for (const path of numbersIn(full)) {
    const results = new Set(OTHERS.map(value => judge(replaced(full, path, value)).result))
    if (results.size > 1 && judge(replaced(full, path, Number.NaN)).result === 'pass')
      return `passes when ${path.join('.')} is not a number`
  }
  return undefined
}

function numbersIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value === 'number') return [path]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, each]) => numbersIn(each, [...path, key]))
}

function replaced(facts: Facts, [key = '', ...rest]: readonly string[], value: number): Facts {
  const inner = rest.length === 0 ? value : replaced(facts[key] as Facts, rest, value)
  return { ...facts, [key]: inner }
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const each of Object.values(value)) frozen(each)
  return Object.freeze(value)
}

const plain = (facts: Facts): string =>
  JSON.stringify(facts, (_, value) => (typeof value === 'bigint' ? String(value) : value))

/** A rule is judged with its defaults, and with some value where a flag has none. */
const limitsOf = (flags: Flags): Record<string, unknown> =>
  Object.fromEntries(Object.entries(flags).map(([key, flag]) => [key, someValue(flag)]))

const TEXTS = ['0.5', '1', '10', '100', '1m', 'true', 'some', '1MB', '0']

function someValue({ default: fallback, choices, parse }: Flag): unknown {
  if (fallback !== undefined) return fallback
  for (const text of [...(choices ?? []), ...TEXTS])
    try {
      return parse(text)
    } catch {} // Another text may be within its bounds.
  return undefined
}
