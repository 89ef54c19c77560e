import type { Flags } from '../base/flags.ts'
import type { Decision } from '../records/decision.ts'
import type { FeatureSet } from '../records/features.ts'
import type { Market } from '../records/market.ts'
import type { Rec } from '../records/record.ts'
import type { Strategy } from '../records/strategy.ts'
import type { Token } from '../records/token.ts'
import type { PastBuy } from './past-buys.ts'
import { completed, type Declared, type Rule } from './rule.ts'

/** How many inputs a model had to guess, and may: absent = it does not say. */
export interface Guesses {
  count: number | undefined
  limit: number | undefined
}

/** Everything a gate rule may look at. Absent = unknown. */
export interface GateCase {
  /** Event time of the line, in ms. */
  ts: number
  /**
   * The line that is decided on, with whatever other programs have put on it: an own part is a key
   * of it. Not to be changed.
   */
  line: Readonly<Rec & Record<string, unknown>>
  /**
   * By set: the newest features that a line of the token has told, this one included, not older
   * than --max-age.
   */
  features: Readonly<Record<string, FeatureSet | undefined>>
  /** What strategies say on this line. */
  strategies: Strategy | undefined
  /** Score of the model role. */
  modelScore: number | undefined
  /** Highest rug probability of any model. */
  rugRisk: number | undefined
  /** Most inputs that were unknown to a model whose score counts; absent = no model said. */
  imputed: number | undefined
  /** The same of each of these models, beside the most that its card allows. */
  guesses: readonly Guesses[]
  /** Weighted mean of the scores. */
  confidence: number | undefined
  token: Token | undefined
  market: Market | undefined
  regime: string | undefined
  /**
   * Share of all pools that are being dumped; `unknown` while the set `regime` is not ready, absent
   * where it is not computed.
   */
  rugShare: number | 'unknown' | undefined
  /** Newest price of the token in SOL, and its age. */
  priceSol: number | undefined
  ageMs: number | undefined
  tokenAgeMs: number | undefined
  /** Price impact of the planned size. */
  impact: number | undefined
  /** Time since the last buy decision on this token; absent = none yet. */
  sinceBuyMs: number | undefined
  /** Own earlier buy decisions on this token. */
  buys: readonly PastBuy[]
  quality: number | undefined
}

/** What only rules of gate may say beside the rest. */
interface GateMore<F extends Flags> {
  /**
   * For rules that judge by a model, or by a score that it is part of: which score of a decision
   * that is, its threshold, and on which side of it a line passes. `tune` and the comparison of
   * `report` with choosing without a model read it.
   */
  score?: {
    of(decision: Decision): number | undefined
    flag: Extract<NoInfer<keyof F>, string>
    isLeast: boolean
  }
}

/** A rule of gate. */
export type GateRule<F extends Flags = Flags> = Rule<GateCase, F> & GateMore<F>

/** Declares a rule of gate. */
export const gateRule = <const F extends Flags = Record<never, never>>(
  declared: Declared<GateCase, F> & GateMore<F>,
): GateRule<F> => completed<GateCase, F, Declared<GateCase, F> & GateMore<F>>(declared)
