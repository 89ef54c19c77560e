import { type Aim, lossesOf, meanOf } from '../maths/loss.ts'
import { areaDifference, compareLosses, type LossComparison } from '../train/evaluate/compare.ts'
import type { RetrainFlags } from './retrain-flags.ts'

/**
 * Outcomes with what two versions said of them before, one row per token; a column per class or
 * number.
 */
export interface Paired {
  aim: Aim
  labels: readonly Float64Array[]
  champion: readonly Float64Array[]
  challenger: readonly Float64Array[]
}

/**
 * A challenger beside the version in production. Losses are Brier scores, or squared errors of
 * numbers.
 */
export interface Judgement extends LossComparison {
  aim: Aim
  rows: number
  championLoss: number
  challengerLoss: number
  /** Share by which the challenger’s loss is lower. */
  gain: number
  aucDifference?: number
}

/** Least relative fall of the loss that is worth a change. */
const LEAST_GAIN = 0.05

/** Compares on the same rows; intervals from 2,000 resamples. */
export function judge(
  { aim, labels, champion, challenger }: Paired,
  threshold: number,
  seed: string,
): Judgement {
  const [ours, theirs] = [
    lossesOf(aim, labels, champion, threshold),
    lossesOf(aim, labels, challenger, threshold),
  ]
  const [a, b] = [meanOf(ours.loss), meanOf(theirs.loss)]
  const [label, p, q] = [labels[0], challenger[0], champion[0]] as [
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  return {
    ...compareLosses(theirs, ours, { runs: 2000, seed }),
    ...(aim === 'binary' ? areaDifference(label, p, q) : {}),
    aim,
    rows: label.length,
    championLoss: a,
    challengerLoss: b,
    gain: a > 0 ? 1 - b / a : 0,
  }
}

type Verdict = { yes: boolean; reason: string }

/**
 * Whether a new version goes on trial: its loss is more than 5 % lower, the interval of the
 * difference excludes 0, and McNemar’s exact test does not say that it is wrong more often. With
 * rare classes both models say no to everything and McNemar says nothing, so it can only object.
 */
export function deservesTrial(found: Judgement): Verdict {
  const objects = found.mcnemarP < 0.05 && found.onlySecond > found.onlyFirst
  if (found.verdict === 'worse') return { yes: false, reason: 'worse than production' }
  if (found.verdict === 'underpowered')
    return { yes: false, reason: 'no difference that chance would not make' }
  if (found.gain <= LEAST_GAIN) return { yes: false, reason: 'better by too little' }
  if (objects) return { yes: false, reason: 'wrong more often at the threshold' }
  return { yes: true, reason: 'better than production' }
}

/**
 * Least event time between the first and the last matured prediction, least matured tokens, and how
 * long a trial may last before it is lost.
 */
export type TrialRules = Pick<RetrainFlags, 'trial' | 'trialRows' | 'trialMost'>

interface TrialFacts {
  found: Judgement | undefined
  /** Event time that the matured predictions span. */
  spanMs: number
  /** Event time since the trial began. */
  ageMs: number
}

type TrialEnd = 'wait' | 'promote' | 'retire'

/**
 * How a trial on live predictions stands. It has shown before that it is better; so few rows cannot
 * show it again, so it wins when it is not behind.
 */
export function judgeTrial(
  { found, spanMs, ageMs }: TrialFacts,
  rules: TrialRules,
): { end: TrialEnd; reason: string } {
  const rows = found?.rows ?? 0
  if (found?.verdict === 'worse' && rows >= rules.trialRows)
    return { end: 'retire', reason: 'worse on trial' }
  const isShort = spanMs < rules.trial || rows < rules.trialRows
  if (found !== undefined && !isShort && found.gain >= 0)
    return { end: 'promote', reason: 'not behind on trial' }
  if (ageMs >= rules.trialMost) return { end: 'retire', reason: 'not won in time' }
  const hours = (spanMs / 3_600_000).toFixed(1)
  return {
    end: 'wait',
    reason: isShort ? `${rows} matured tokens in ${hours} h` : 'behind, but no more than chance',
  }
}
