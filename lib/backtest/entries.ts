import type { Rng } from '../base/rng.ts'
import type { Decision } from '../records/decision.ts'
import { isPath } from '../records/opportunity.ts'
import type { Rec } from '../records/record.ts'
import { isJump } from '../stream/event-time.ts'
import { deferLine, type Line } from '../stream/line.ts'
import type { Step } from '../stream/step.ts'

/** What a buy asked for: of a random entry it is all that is kept of the real one. */
type Asked = Pick<Decision, 'sizeLamports' | 'sizeCashLamports' | 'maxSlippageBps'>

/** Lines that could have been bought, and what the buys among them asked for, in order of time. */
export interface Entries {
  candidates: number
  placed: readonly Asked[]
  /** Event time of the first and last line, whether or not anything was traded then. */
  span: { from: number; to: number }
}

/** True where gate bought or refused: a line that could have been an entry. */
const isCandidate = ({ rec }: Line): boolean =>
  (rec.decision?.act === 'buy' || rec.decision?.act === 'drop') &&
  rec.mint !== undefined &&
  rec.warm !== true &&
  !isJump(rec) &&
  !isPath(rec)

/** True for the order line of a buy that was placed because of the line with this id. */
const isPlacedBy = (id: string, { order }: Rec): boolean =>
  order?.side === 'buy' && order.state !== 'refused' && order.cause === id

/**
 * The trading step with every candidate given to it alone, as `ask` turns it; `told` hears whether
 * a buy was placed. How lines are batched changes nothing in what is traded.
 */
function oneByOne(step: Step, ask: (line: Line) => Line, told: (isPlaced: boolean) => void): Step {
  return {
    ...step,
    async batch(lines, emit) {
      let from = 0
      for (const [i, line] of lines.entries()) {
        if (!isCandidate(line)) continue
        if (i > from) await step.batch?.(lines.slice(from, i), emit)
        from = i + 1
        let isPlaced = false
        await step.batch?.([ask(line)], made => {
          if (isPlacedBy(line.rec.id, made.rec)) isPlaced = true
          emit(made)
        })
        told(isPlaced)
      }
      if (from < lines.length) await step.batch?.(lines.slice(from), emit)
    },
  }
}

/** Looks on at a trading step, and counts what it could have bought and what it did buy. */
export function watchEntries(step: Step): { step: Step; entries(): Entries } {
  const placed: Asked[] = []
  const span = { from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY }
  let [candidates, asked]: [number, Asked] = [0, {}]
  const watched = oneByOne(
    step,
    line => {
      candidates++
      asked = askedIn(line.rec.decision!)
      return line
    },
    isPlaced => void (isPlaced && placed.push(asked)),
  )
  const seen: Step = {
    ...watched,
    batch(lines, emit) {
      for (const { rec } of lines) {
        if (isJump(rec)) continue
        span.from = Math.min(span.from, rec.ts)
        span.to = Math.max(span.to, rec.ts)
      }
      return watched.batch?.(lines, emit)
    },
  }
  return { step: seen, entries: () => ({ candidates, placed, span }) }
}

const askedIn = ({ sizeLamports, sizeCashLamports, maxSlippageBps }: Decision): Asked => ({
  ...(sizeLamports !== undefined && { sizeLamports }),
  ...(sizeCashLamports !== undefined && { sizeCashLamports }),
  ...(maxSlippageBps !== undefined && { maxSlippageBps }),
})

/**
 * The trading step with as many entries, of the same sizes in the same order, at candidates drawn
 * at random (selection sampling, Knuth 3.4.2 algorithm S). Where the account refuses one (token
 * held, limits, cash) a later candidate takes its place. What makes a position leave stays.
 */
export function drawEntries(
  step: Step,
  { candidates, placed }: Pick<Entries, 'candidates' | 'placed'>,
  rng: Rng,
): { step: Step; placed(): number } {
  let [left, done, drawnCount] = [candidates, 0, 0]
  const drawn = oneByOne(
    step,
    ({ rec }) => {
      // Of the lines left so many would be taken as were of those that were drawn.
      const open = (left * (done + 1)) / (drawnCount + 1)
      const isDrawn = open * rng.next() < placed.length - done
      left--
      if (isDrawn) drawnCount++
      const { rugRisk } = rec.decision!
      const decision: Decision = {
        ...(isDrawn ? { act: 'buy', ...placed[done]! } : { act: 'hold' }),
        reasons: [],
        // A position leaves by it, whoever opened it.
        ...(rugRisk !== undefined && { rugRisk }),
      }
      return deferLine({ ...rec, decision })
    },
    isPlaced => {
      if (isPlaced) done++
    },
  )
  return { step: drawn, placed: () => done }
}
