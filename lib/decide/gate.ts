import type { Decision } from '../records/decision.ts'
import type { Rec } from '../records/record.ts'
import { type Line, setPart } from '../stream/line.ts'
import type { Step } from '../stream/step.ts'
import { type Sided, sideOf } from './arms.ts'
import { decide, type GatePlan } from './decide.ts'
import { noteBuy, noteSell } from './past-buys.ts'
import { type Facts, makeFacts } from './token-memory.ts'

interface GateOptions {
  plan: GatePlan
  /** Leaves out lines whose decision is drop or hold. */
  onlyPassed: boolean
  maxTokens: number
  count(what: string): void
}

/** Own decisions are what cooldown and profit of a token are judged by. */
function remember(facts: Facts, act: Decision['act'], ts: number): void {
  if (act === 'sell') noteSell(facts.buys, facts.priceSol)
  if (act !== 'buy') return
  facts.boughtTs = ts
  noteBuy(facts.buys, ts, facts.priceSol)
}

/** A line as the side of its token sees it; as it is without --split. */
function seenBy(rec: Rec, { split }: GatePlan): Pick<Sided, 'rec'> & Partial<Sided> {
  const { mint } = rec
  return split === undefined || mint === undefined ? { rec } : sideOf({ ...rec, mint }, split)
}

/** True when there is something on the line to decide on. */
const isAsked = ({ rec }: Line): boolean =>
  rec.mint !== undefined &&
  rec.warm !== true &&
  (rec.prediction !== undefined || rec.strategy !== undefined || rec.score !== undefined)

/**
 * The step of `gate`: remembers what lines say of their tokens and adds a decision where a score is
 * on the line.
 */
export function makeGate({ plan, onlyPassed, maxTokens, count }: GateOptions): Step {
  const memory = makeFacts(maxTokens, () => count('evicted'))
  return {
    setBack: memory.setBack,
    line(line, emit) {
      const { rec, about } = seenBy(line.rec, plan)
      const facts = memory.update(rec)
      if (facts === undefined || !isAsked(line)) return emit(line)
      const decision = { ...decide(rec, facts, plan), ...about }
      if (about?.arm === 'challenger' && rec.shadow === undefined) count('challenger-without-trial')
      count(decision.act)
      remember(facts, decision.act, line.rec.ts)
      if (onlyPassed && (decision.act === 'drop' || decision.act === 'hold')) return
      setPart(line, 'decision', decision)
      emit(line)
    },
  }
}
