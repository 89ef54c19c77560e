import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../../base/atomic-write.ts'
import { messageOf, UsageError } from '../../base/errors.ts'
import type { Bundle } from '../bundle.ts'
import {
  blendOf,
  isReady,
  type MaturedRow,
  ONLINE,
  type OnlineState,
  rollingBrier,
  shareOf,
  startState,
  type Taken,
  takeRows,
} from './online.ts'
import { makeOnlineInputs } from './online-inputs.ts'

/** A line whose label has matured, with what predict said on it. */
export interface LabelledRow {
  id: string
  /** availableAt of the label. */
  availableAt: number
  /** prediction.<model>.foundation, or p where there was no online model yet. */
  foundation: number
  /** The features as the bundle reads them, in its order; NaN = unknown. */
  features: ArrayLike<number>
  label: boolean | 0 | 1
}

export interface Online {
  /**
   * The probability to serve, and what it is made of: a share of the online model and the rest of
   * the foundation. While the online model takes no part its share is 0, and what it would have
   * said is there all the same.
   */
  blend(foundation: number, features: ArrayLike<number>): ReturnType<typeof blendOf>
  /**
   * Takes matured rows, saves, then answers. Rows seen before change nothing, rows without a
   * foundation are passed over. With `isLive` what waits is learned at once, in whatever number,
   * and a label may be ten minutes behind another. Throws when the disk does not take it.
   */
  learn(rows: readonly LabelledRow[], isLive?: boolean): Taken
  status(): OnlineStatus
}

/** What an online model knows and how it does beside its foundation. */
export interface OnlineStatus {
  learned: number
  pending: number
  rollbacks: number
  takesPart: boolean
  /** Labels until it may; absent once there are enough. */
  labelsUntil?: number
  /** Its share of the blend: by merit, or as it was set. */
  share: number
  /** Brier scores of the newest rows that were judged before they were learned (at most 500). */
  judged: number
  foundationBrier?: number
  onlineBrier?: number
  blendBrier?: number
  /** The same over all rows since the state began. */
  record?: { rows: number; foundation: number; online: number; blend: number }
}

/** Live, a label known up to ten minutes before another may come behind it. */
const LIVE = { ...ONLINE, isLive: true, slackMs: 600_000 }

const FILE = 'online.json'
const FORMAT = 1

/**
 * Opens the online model of a foundation, or starts one that says what the foundation says. State
 * made for another foundation is left aside: its weights would mean something else. @throws
 * UsageError for a damaged file.
 */
export function openOnline(dir: string, bundle: Bundle, fixed?: number): Online {
  const inputs = makeOnlineInputs(bundle)
  const path = join(dir, FILE)
  let state = read(path, bundle, inputs.size) ?? startState(inputs.size)
  const shareNow = (): number => fixed ?? shareOf(state.judged)
  let takesPart = isReady(state)
  let share = shareNow()
  return {
    blend: (foundation, features) =>
      blendOf(state, foundation, inputs.row(foundation, features), takesPart ? share : 0),
    learn(rows, isLive = false) {
      const matured = rows
        .filter(isUsable)
        .map(({ id, availableAt, foundation, features, label }): MaturedRow => {
          const y = Number(label) === 1 ? 1 : 0
          return { id, availableAt, foundation, x: inputs.row(foundation, features), label: y }
        })
      const { state: after, taken } = takeRows(state, matured, isLive ? LIVE : ONLINE)
      if (after.pending.length !== state.pending.length || taken.learned > 0)
        save(dir, bundle, after)
      state = after
      takesPart = isReady(state)
      share = shareNow()
      return taken
    },
    status: () => statusOf(state, { takesPart, share }),
  }
}

function statusOf(
  { learned, pending, rollbacks, judged, tally }: OnlineState,
  { takesPart, share }: Pick<OnlineStatus, 'takesPart' | 'share'>,
): OnlineStatus {
  const until = Math.max(0, ONLINE.least - learned, ONLINE.judgeFrom - judged.length)
  const known = { learned, pending: pending.length, rollbacks, takesPart, share }
  const status = { ...known, judged: judged.length, ...(until > 0 ? { labelsUntil: until } : {}) }
  if (judged.length === 0) return status
  const { foundation, online, blend } = rollingBrier(judged)
  const scores = { foundationBrier: foundation, onlineBrier: online, blendBrier: blend }
  if (tally === undefined) return { ...status, ...scores }
  const { rows, ...sums } = tally
  const record = {
    rows,
    foundation: sums.foundation / rows,
    online: sums.online / rows,
    blend: sums.blend / rows,
  }
  return { ...status, ...scores, record }
}

/** Where the foundation had no answer there is nothing to learn for. */
const isUsable = ({ foundation, availableAt }: LabelledRow): boolean =>
  foundation >= 0 && foundation <= 1 && Number.isFinite(availableAt)

function read(path: string, bundle: Bundle, inputs: number): OnlineState | undefined {
  if (!existsSync(path)) return undefined
  try {
    const { format, foundation, state } = JSON.parse(readFileSync(path, 'utf8')) as {
      format: number
      foundation: string
      state: OnlineState
    }
    if (foundation !== bundle.model.sha256) return undefined
    if (format === FORMAT && state.weights.w.length === inputs) return state
  } catch (cause) {
    throw new UsageError(`${path}: ${messageOf(cause)}; remove it to start anew`, { cause })
  }
  throw new UsageError(
    `${path}: not the state of an online model of this version; remove it to start anew`,
  )
}

/** The new state replaces the old one in one step: after a crash it is one of the two. */
function save(dir: string, bundle: Bundle, state: OnlineState): void {
  mkdirSync(dir, { recursive: true })
  const text = JSON.stringify({ format: FORMAT, foundation: bundle.model.sha256, state })
  replaceFile(join(dir, FILE), `${text}\n`)
}
