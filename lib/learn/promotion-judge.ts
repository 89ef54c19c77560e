import { logWealth, sequenceLow } from '../maths/betting.ts'
import { type Aim, lossesOf, meanOf } from '../maths/loss.ts'
import { normalCdf } from '../maths/normal.ts'
import { areaDifference, compareLosses, type LossComparison } from '../train/evaluate/compare.ts'
import type { RetrainFlags } from './recipe/retrain-flags.ts'

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
  /** Chance to see a gain of `minGain` on so many rows, at 5 %: what “underpowered” is about. */
  power: number
  /** By how much the champion’s loss is higher, row by row, from −1 to 1: what bets are made on. */
  gaps: Float64Array
}

/** What a version must have before it goes on trial. */
export interface Bars {
  /** Fewest tokens that it is compared on. */
  minTokens: number
  /** Least share by which the loss has to fall. */
  minGain: number
}
/** The bars where no recipe says others. */
export const BARS: Bars = { minTokens: 100, minGain: 0.05 }

/** Compares on the same rows; intervals from 2,000 resamples. */
export function judge(
  { aim, labels, champion, challenger }: Paired,
  threshold: number,
  seed: string,
  { minGain }: Pick<Bars, 'minGain'> = BARS,
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
    power: powerOf(ours.loss, theirs.loss, minGain * a),
    gaps: gapsOf(aim, ours.loss, theirs.loss),
  }
}

/**
 * Power of a two-sided test at 5 % on paired losses to see that the mean gap is `gap`, by the
 * normal law; 1 where all gaps are the same.
 */
function powerOf(ours: Float64Array, theirs: Float64Array, gap: number): number {
  const gaps = ours.map((loss, i) => loss - theirs[i]!)
  const mean = meanOf(gaps)
  const spread = Math.sqrt(meanOf(gaps.map(x => (x - mean) ** 2)))
  return spread === 0 ? 1 : normalCdf((gap * Math.sqrt(gaps.length)) / spread - 1.96)
}

/**
 * Gaps between two losses on a scale from −1 to 1. Brier scores differ by at most 1, of classes by
 * 2. Errors of numbers have no bound: there it is the share by which one is larger, so that one
 * wild row counts as one row.
 */
function gapsOf(aim: Aim, ours: Float64Array, theirs: Float64Array): Float64Array {
  if (aim !== 'numbers')
    return ours.map((loss, i) => (loss - theirs[i]!) / (aim === 'binary' ? 1 : 2))
  return ours.map((loss, i) => {
    const both = loss + theirs[i]!
    return both > 0 ? (loss - theirs[i]!) / both : 0
  })
}

type Verdict = { yes: boolean; reason: string }

/**
 * Whether a new version goes on trial: on enough tokens, its loss is lower by more than --min-gain,
 * the interval of the difference excludes 0, and McNemar’s exact test does not say that it is wrong
 * more often. With rare classes both models say no to everything and McNemar says nothing, so it
 * can only object.
 */
export function deservesTrial(
  found: Judgement,
  { minTokens, minGain, acceptUnderpowered }: Bars & Pick<TrialRules, 'acceptUnderpowered'>,
): Verdict {
  const objects = found.mcnemarP < 0.05 && found.onlySecond > found.onlyFirst
  if (found.verdict === 'worse') return { yes: false, reason: 'worse than production' }
  if (found.rows < minTokens)
    return { yes: false, reason: `${found.rows} of ${minTokens} later tokens to compare on` }
  if (found.verdict === 'underpowered') {
    const seen = `is seen on ${found.rows} tokens in ${percent(found.power)} of cases`
    const reason =
      'underpowered: no difference that chance would not make; ' +
      `a gain of ${percent(minGain)} ${seen}`
    if (!acceptUnderpowered || found.gain < minGain) return { yes: false, reason }
    return { yes: true, reason: `${reason}; accepted by --accept-underpowered` }
  }
  if (found.gain <= minGain) return { yes: false, reason: 'better by too little' }
  if (objects) return { yes: false, reason: 'wrong more often at the threshold' }
  return { yes: true, reason: 'better than production' }
}

const percent = (share: number): string => `${Math.round(100 * share)} %`

/**
 * What ends a trial, in this order: the least event time between the first and the last matured
 * prediction, the least matured tokens, how long it may last before it is lost, the chance of a
 * false promotion, and whether a version that was not shown to be better is promoted.
 */
export type TrialRules = Pick<
  RetrainFlags,
  'trial' | 'trialRows' | 'trialMost' | 'alpha' | 'acceptUnderpowered'
>

interface TrialFacts {
  found: Judgement | undefined
  /** Event time that the matured predictions span. */
  spanMs: number
  /** Event time since the trial began. */
  ageMs: number
}

type TrialEnd = 'wait' | 'promote' | 'retire'

/**
 * How a trial on live predictions stands. It may be asked at every hour: a stake is bet on the
 * version being better, row by row, and has to grow to 1/α times itself. With a version that is no
 * better that has a chance of at most α in the whole trial (lib/maths/betting.ts).
 */
export function judgeTrial(
  { found, spanMs, ageMs }: TrialFacts,
  rules: TrialRules,
): { end: TrialEnd; reason: string } {
  const rows = found?.rows ?? 0
  const isShort = spanMs < rules.trial || rows < rules.trialRows
  const isShown = (gaps: Float64Array): boolean => logWealth(gaps) >= -Math.log(rules.alpha)
  if (found !== undefined && rows >= rules.trialRows && isShown(found.gaps.map(gap => -gap)))
    return { end: 'retire', reason: 'worse on trial' }
  if (found !== undefined && !isShort && isShown(found.gaps))
    return { end: 'promote', reason: 'shown to be better on trial' }
  if (found !== undefined && !isShort && rules.acceptUnderpowered && found.gain >= 0)
    return {
      end: 'promote',
      reason:
        'underpowered: not behind on trial, not shown to be better; accepted by ' +
        '--accept-underpowered',
    }
  if (ageMs >= rules.trialMost) return { end: 'retire', reason: 'underpowered: not shown in time' }
  const hours = (spanMs / 3_600_000).toFixed(1)
  return {
    end: 'wait',
    reason: isShort ? `${rows} matured tokens in ${hours} h` : 'not shown yet',
  }
}

/**
 * Numbers of the evidence of a trial for its row: e-value, at least 1/α when it is shown, and where
 * the mean gap lies at every look at once.
 */
export const evidenceOf = (
  gaps: Float64Array,
  alpha: number,
): Record<'eValue' | 'sequenceLow' | 'sequenceHigh', number> => ({
  eValue: Math.exp(Math.min(700, logWealth(gaps))),
  sequenceLow: sequenceLow(gaps, alpha),
  sequenceHigh: -sequenceLow(
    gaps.map(gap => -gap),
    alpha,
  ),
})
