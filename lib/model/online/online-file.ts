import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../../base/atomic-write.ts'
import { messageOf, UsageError } from '../../base/errors.ts'
import type { Bundle } from '../bundle.ts'
import {
  blendOf,
  isReady,
  type MaturedRow,
  type OnlineState,
  rollingBrier,
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
   * The probability to serve: 0.7 foundation + 0.3 online, or the foundation alone (then without
   * `online`).
   */
  blend(
    foundation: number,
    features: ArrayLike<number>,
  ): { p: number; foundation: number; online?: number }
  /**
   * Takes matured rows, saves, then answers. Rows seen before change nothing, rows without a
   * foundation are passed over. Throws when the disk does not take it.
   */
  learn(rows: readonly LabelledRow[]): Taken
  /**
   * For people: rows learned and waiting, rolling Brier scores (absent until judged), times it went
   * back.
   */
  status(): {
    learned: number
    pending: number
    rollbacks: number
    foundationBrier?: number
    onlineBrier?: number
  }
}

const FILE = 'online.json'
const FORMAT = 1

/**
 * Opens the online model of a foundation, or starts one that says what the foundation says. State
 * made for another foundation is left aside: its weights would mean something else. @throws
 * UsageError for a damaged file.
 */
export function openOnline(dir: string, bundle: Bundle): Online {
  const inputs = makeOnlineInputs(bundle)
  const path = join(dir, FILE)
  let state = read(path, bundle, inputs.size) ?? startState(inputs.size)
  let takesPart = isReady(state)
  return {
    blend: (foundation, features) =>
      takesPart
        ? blendOf(state, foundation, inputs.row(foundation, features))
        : { p: foundation, foundation },
    learn(rows) {
      const matured = rows
        .filter(isUsable)
        .map(({ id, availableAt, foundation, features, label }): MaturedRow => {
          const y = Number(label) === 1 ? 1 : 0
          return { id, availableAt, foundation, x: inputs.row(foundation, features), label: y }
        })
      const { state: after, taken } = takeRows(state, matured)
      if (after.pending.length !== state.pending.length || taken.learned > 0)
        save(dir, bundle, after)
      state = after
      takesPart = isReady(state)
      return taken
    },
    status() {
      const { learned, pending, rollbacks, judged } = state
      const { foundation, online } = rollingBrier(judged)
      const scores = judged.length === 0 ? {} : { foundationBrier: foundation, onlineBrier: online }
      return { learned, pending: pending.length, rollbacks, ...scores }
    },
  }
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
