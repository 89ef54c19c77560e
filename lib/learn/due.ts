import type { RetrainFlags } from './retrain-flags.ts'

export type Trigger = 'manual' | 'degradation' | 'rows' | 'weekly'

interface DueFacts {
  /** Time of the decision, ms UTC. */
  at: number
  isManual: boolean
  isDegraded: boolean
  /** Labelled rows that came since the last training. */
  newRows: number
  /** When the last training began, whatever came of it. */
  trainedAt: number | undefined
  /** A version is on trial: its verdict comes first. */
  onTrial: boolean
}

/** A reason to train, or the reason not to. */
type Due = { trigger: Trigger } | { trigger: undefined; reason: string }

/**
 * Whether to train now: by hand, or by degradation, enough new rows or the week, in this order; all
 * but a hand wait for the cooldown and for a version on trial.
 */
export function isDue(facts: DueFacts, rules: Pick<RetrainFlags, 'rows' | 'cooldown'>): Due {
  const { at, trainedAt, newRows } = facts
  if (facts.isManual) return { trigger: 'manual' }
  if (facts.onTrial) return { trigger: undefined, reason: 'a version is on trial' }
  if (trainedAt !== undefined && at - trainedAt < rules.cooldown)
    return { trigger: undefined, reason: `cooldown until ${iso(trainedAt + rules.cooldown)}` }
  if (facts.isDegraded) return { trigger: 'degradation' }
  if (newRows >= rules.rows) return { trigger: 'rows' }
  if (trainedAt === undefined || trainedAt < lastWeekly(at)) return { trigger: 'weekly' }
  return {
    trigger: undefined,
    reason: `${newRows} of ${rules.rows} new rows; the week ends ${iso(lastWeekly(at) + WEEK)}`,
  }
}

const iso = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16)}Z`

const WEEK = 7 * 86_400_000
/** Sunday 1970-01-04 03:00 UTC. */
const FIRST = 3 * 86_400_000 + 3 * 3_600_000

/** The latest Sunday 03:00 UTC that is not after `at`. */
export const lastWeekly = (at: number): number => Math.floor((at - FIRST) / WEEK) * WEEK + FIRST
