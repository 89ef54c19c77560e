import { learnRow, probabilityOf, startWeights, type Weights } from './online-weights.ts'

/** A row whose outcome is known, with what the foundation said when it was new. */
export interface MaturedRow {
  id: string
  /** When the outcome was known, ms UTC: rows are learned in this order. */
  availableAt: number
  /** Inputs (lib/model/online/online-inputs.ts), the log odds of the foundation among them. */
  x: number[]
  foundation: number
  label: 0 | 1
}

/** Squared errors of one row, judged before it was learned from. */
interface Judged {
  foundation: number
  online: number
}

/** Everything an online model knows; plain data, to be kept on disk. */
export interface OnlineState {
  weights: Weights
  /** Rows learned from. */
  learned: number
  /** Matured rows that wait for the batch to be full. */
  pending: MaturedRow[]
  /** Place in the order of label times behind which everything has been learned. */
  mark: { availableAt: number; id: string } | undefined
  /** Newest ids learned, against one that comes again with another label time. */
  ids: string[]
  /** Newest judgements and the rows they were about. */
  judged: Judged[]
  recent: MaturedRow[]
  /** Weights before the newest updates, oldest first. */
  snapshots: Weights[]
  rollbacks: number
}

interface OnlineRules {
  /** Matured rows per update. */
  batch: number
  /** Share of the online model in the blend. */
  share: number
  /** Rows learned before it takes part. */
  least: number
  /** Rows that its rolling Brier score is over, and fewest to judge by. */
  window: number
  judgeFrom: number
  snapshots: number
  /** Ids remembered. */
  ids: number
}
export const ONLINE: OnlineRules = {
  batch: 100,
  share: 0.3,
  least: 500,
  window: 500,
  judgeFrom: 200,
  snapshots: 5,
  ids: 10_000,
}

/** A model of so many inputs that has learned nothing: its weights are where training starts. */
export const startState = (inputs: number): OnlineState => ({
  weights: startWeights(inputs),
  learned: 0,
  pending: [],
  mark: undefined,
  ids: [],
  judged: [],
  recent: [],
  snapshots: [],
  rollbacks: 0,
})

/** What became of rows that were handed in. */
export interface Taken {
  learned: number
  /** Rows of an id that was there before. */
  repeated: number
  /** Rows from before the newest update: in order they can no longer be learned. */
  late: number
  pending: number
  rollbacks: number
}

/**
 * The state after more matured rows. Full batches are learned in order of label time (then id),
 * each id once; rows handed in twice or in another order within a call change nothing.
 */
export function takeRows(
  before: OnlineState,
  rows: readonly MaturedRow[],
  rules: OnlineRules = ONLINE,
): { state: OnlineState; taken: Taken } {
  const known = new Set([...before.ids, ...before.pending.map(({ id }) => id)])
  const fresh: MaturedRow[] = []
  let [repeated, late] = [0, 0]
  for (const row of [...rows].sort(byLabelTime)) {
    if (known.has(row.id)) repeated++
    else if (before.mark !== undefined && byLabelTime(row, before.mark) <= 0) late++
    else {
      known.add(row.id)
      fresh.push(row)
    }
  }
  let state = { ...before, pending: [...before.pending, ...fresh].sort(byLabelTime) }
  while (state.pending.length >= rules.batch) state = learnBatch(state, rules)
  const learned = before.pending.length + fresh.length - state.pending.length
  const rollbacks = state.rollbacks - before.rollbacks
  return { state, taken: { learned, repeated, late, pending: state.pending.length, rollbacks } }
}

/** The order in which labels are learned: as they became known, then by id. */
export const byLabelTime = (
  a: Pick<MaturedRow, 'availableAt' | 'id'>,
  b: Pick<MaturedRow, 'availableAt' | 'id'>,
): number => a.availableAt - b.availableAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

/**
 * Judges the oldest batch, then learns from it, or goes back to weights that did better when it has
 * been doing worse.
 */
function learnBatch(state: OnlineState, rules: OnlineRules): OnlineState {
  const batch = state.pending.slice(0, rules.batch)
  const judged = [...state.judged, ...batch.map(row => judge(state.weights, row))].slice(
    -rules.window,
  )
  const recent = [...state.recent, ...batch].slice(-rules.window)
  const after: OnlineState = {
    ...state,
    pending: state.pending.slice(rules.batch),
    mark: { availableAt: batch.at(-1)!.availableAt, id: batch.at(-1)!.id },
    ids: [...state.ids, ...batch.map(({ id }) => id)].slice(-rules.ids),
    learned: state.learned + batch.length,
    judged,
    recent,
  }
  if (isWorse(judged, rules)) {
    const weights = bestOf([startWeights(state.weights.w.length), ...state.snapshots], recent)
    // Judged anew from here on: the errors of the weights that were given up are not its own.
    return {
      ...after,
      weights,
      snapshots: [],
      judged: [],
      recent: [],
      rollbacks: state.rollbacks + 1,
    }
  }
  return {
    ...after,
    weights: batch.reduce((weights, row) => learnRow(weights, row.x, row.label), state.weights),
    snapshots: [...state.snapshots, state.weights].slice(-rules.snapshots),
  }
}

const judge = (weights: Weights, { x, foundation, label }: MaturedRow): Judged => ({
  foundation: (foundation - label) ** 2,
  online: (probabilityOf(weights, x) - label) ** 2,
})

function isWorse(judged: readonly Judged[], { judgeFrom }: OnlineRules): boolean {
  const { foundation, online } = rollingBrier(judged)
  return judged.length >= judgeFrom && online > foundation
}

/** Mean squared errors of the judged rows; NaN without any. */
export function rollingBrier(judged: readonly Judged[]): Judged {
  const mean = (of: keyof Judged): number =>
    judged.reduce((sum, row) => sum + row[of], 0) / judged.length
  return { foundation: mean('foundation'), online: mean('online') }
}

function bestOf(all: readonly Weights[], rows: readonly MaturedRow[]): Weights {
  const errors = all.map(weights => rows.reduce((sum, row) => sum + judge(weights, row).online, 0))
  return all[errors.indexOf(Math.min(...errors))]!
}

/** Whether it has learned enough to take part, and has been doing no worse than the foundation. */
export const isReady = ({ learned, judged }: OnlineState, rules: OnlineRules = ONLINE): boolean =>
  learned >= rules.least && judged.length >= rules.judgeFrom && !isWorse(judged, rules)

/** p = 0.7 foundation + 0.3 online. */
export function blendOf(
  { weights }: OnlineState,
  foundation: number,
  x: readonly number[],
  { share }: OnlineRules = ONLINE,
): { p: number; foundation: number; online: number } {
  const online = probabilityOf(weights, x)
  return { p: (1 - share) * foundation + share * online, foundation, online }
}
