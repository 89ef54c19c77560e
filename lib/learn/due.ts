import type { Schedule } from './recipe/recipe-fields.ts'
import type { RetrainFlags } from './recipe/retrain-flags.ts'

export type Trigger = 'manual' | 'first' | 'degradation' | 'rows' | Schedule

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
  /** There is no version in production yet. */
  isFirst?: boolean
}

/** A reason to train, or the reason not to. */
type Due = { trigger: Trigger } | { trigger: undefined; reason: string }

interface DueRules extends Pick<RetrainFlags, 'rows' | 'cooldown'> {
  schedule?: Schedule
}

/**
 * Whether to train now: by hand, or by degradation, enough new rows or the schedule of the recipe,
 * in this order; all but a hand wait for the cooldown and for a version on trial. The first version
 * has no schedule to wait for.
 */
export function isDue(facts: DueFacts, rules: DueRules): Due {
  const { at, trainedAt, newRows } = facts
  const { schedule = 'weekly' } = rules
  if (facts.isManual) return { trigger: 'manual' }
  if (facts.onTrial) return { trigger: undefined, reason: 'a version is on trial' }
  if (trainedAt !== undefined && at - trainedAt < rules.cooldown)
    return { trigger: undefined, reason: `cooldown until ${iso(trainedAt + rules.cooldown)}` }
  if (facts.isDegraded) return { trigger: 'degradation' }
  if (trainedAt === undefined && facts.isFirst) return { trigger: 'first' }
  if (newRows >= rules.rows) return { trigger: 'rows' }
  const last = schedule === 'daily' ? lastNightly(at) : lastWeekly(at)
  const next = last + (schedule === 'daily' ? DAY : WEEK)
  if (trainedAt === undefined || trainedAt < last) return { trigger: schedule }
  return {
    trigger: undefined,
    reason: `${newRows} of ${rules.rows} new rows; ${schedule} again ${iso(next)}`,
  }
}

const iso = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16)}Z`

const DAY = 86_400_000
const WEEK = 7 * DAY
/** Sunday 1970-01-04 03:00 UTC. */
const FIRST = 3 * 86_400_000 + 3 * 3_600_000

/** The latest Sunday 03:00 UTC that is not after `at`. */
export const lastWeekly = (at: number): number => Math.floor((at - FIRST) / WEEK) * WEEK + FIRST

/** The latest 03:00 UTC that is not after `at`. */
const lastNightly = (at: number): number =>
  Math.floor((at - 3 * 3_600_000) / DAY) * DAY + 3 * 3_600_000
