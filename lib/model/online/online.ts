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
  /** Of what was served; absent in states of earlier versions, as the next. */
  blend?: number
  /** Square of how far the two are apart. */
  gap?: number
}

/** Sums of squared errors over all rows that were judged since the state began. */
interface Tally {
  rows: number
  foundation: number
  online: number
  blend: number
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
  /** Absent in states of earlier versions. */
  tally?: Tally
}

interface OnlineRules {
  /** Matured rows per update, and between two looks at whether it does worse. */
  batch: number
  /** Learn what waits at once, in whatever number. */
  isLive: boolean
  /** Share of the online model in the blend before anything speaks for another. */
  share: number
  /** Rows whose weight that start has against the rows that were judged. */
  shareRows: number
  /** Ms by which a row may come behind one that was known later, and is learned all the same. */
  slackMs: number
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
  isLive: false,
  share: 0.3,
  shareRows: 100,
  slackMs: 0,
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
    else if (isLate(row, before.mark, rules)) late++
    else {
      known.add(row.id)
      fresh.push(row)
    }
  }
  let state = { ...before, pending: [...before.pending, ...fresh].sort(byLabelTime) }
  while (state.pending.length >= (rules.isLive ? 1 : rules.batch)) state = learnBatch(state, rules)
  const learned = before.pending.length + fresh.length - state.pending.length
  const rollbacks = state.rollbacks - before.rollbacks
  return { state, taken: { learned, repeated, late, pending: state.pending.length, rollbacks } }
}

/** Whether a row is from before what was learned, by more than the slack; within it, ids tell. */
const isLate = (row: MaturedRow, mark: OnlineState['mark'], { slackMs }: OnlineRules): boolean =>
  mark !== undefined &&
  byLabelTime(row, mark) <= 0 &&
  (slackMs === 0 || row.availableAt <= mark.availableAt - slackMs)

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
  const share = isReady(state, rules) ? shareOf(state.judged, rules) : 0
  const errors = batch.map(row => judge(state.weights, row, share))
  const judged = [...state.judged, ...errors].slice(-rules.window)
  const recent = [...state.recent, ...batch].slice(-rules.window)
  const after: OnlineState = {
    ...state,
    pending: state.pending.slice(rules.batch),
    mark: laterOf(state.mark, batch.at(-1)!),
    ids: [...state.ids, ...batch.map(({ id }) => id)].slice(-rules.ids),
    learned: state.learned + batch.length,
    judged,
    recent,
    tally: errors.reduce(addTo, state.tally ?? { rows: 0, foundation: 0, online: 0, blend: 0 }),
  }
  // Looked at as often however few rows come at a time: else chance would pass it more often.
  const turns = (learned: number): number => Math.floor(learned / rules.batch)
  const isTurn = turns(after.learned) > turns(state.learned)
  if (isTurn && isWorse(judged, rules)) {
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
    snapshots: isTurn
      ? [...state.snapshots, state.weights].slice(-rules.snapshots)
      : state.snapshots,
  }
}

function laterOf(mark: OnlineState['mark'], { availableAt, id }: MaturedRow): OnlineState['mark'] {
  const next = { availableAt, id }
  return mark !== undefined && byLabelTime(mark, next) > 0 ? mark : next
}

const addTo = (tally: Tally, row: Required<Judged>): Tally => ({
  rows: tally.rows + 1,
  foundation: tally.foundation + row.foundation,
  online: tally.online + row.online,
  blend: tally.blend + row.blend,
})

function judge(
  weights: Weights,
  { x, foundation, label }: MaturedRow,
  share = 0,
): Required<Judged> {
  const online = probabilityOf(weights, x)
  const p = (1 - share) * foundation + share * online
  return {
    foundation: (foundation - label) ** 2,
    online: (online - label) ** 2,
    blend: (p - label) ** 2,
    gap: (online - foundation) ** 2,
  }
}

/**
 * Share of the online model in the blend, by merit: that with the least squared error over the
 * judged rows (Bates & Granger 1969: with errors f and o of the two, Σ f(f − o) / Σ (f − o)²), to
 * which the share of the start counts as so many rows more. Between 0 and 1.
 */
export function shareOf(
  judged: readonly Judged[],
  { share, shareRows }: Pick<OnlineRules, 'share' | 'shareRows'> = ONLINE,
): number {
  let [gain, gap, rows] = [0, 0, 0]
  for (const row of judged) {
    if (row.gap === undefined) continue
    // f(f − o) = (f² + (f − o)² − o²) / 2.
    gain += (row.foundation + row.gap - row.online) / 2
    gap += row.gap
    rows++
  }
  if (gap === 0) return share
  const start = (gap / rows) * shareRows
  return Math.min(1, Math.max(0, (gain + share * start) / (gap + start)))
}

function isWorse(judged: readonly Judged[], { judgeFrom }: OnlineRules): boolean {
  const { foundation, online } = rollingBrier(judged)
  return judged.length >= judgeFrom && online > foundation
}

/** Mean squared errors of the judged rows; NaN without any. */
export function rollingBrier(judged: readonly Judged[]): Required<Pick<Judged, Side>> {
  const mean = (of: (row: Judged) => number): number =>
    judged.reduce((sum, row) => sum + of(row), 0) / judged.length
  return {
    foundation: mean(row => row.foundation),
    online: mean(row => row.online),
    blend: mean(row => row.blend ?? row.foundation),
  }
}
type Side = 'foundation' | 'online' | 'blend'

function bestOf(all: readonly Weights[], rows: readonly MaturedRow[]): Weights {
  const errors = all.map(weights => rows.reduce((sum, row) => sum + judge(weights, row).online, 0))
  return all[errors.indexOf(Math.min(...errors))]!
}

/** Whether it has learned enough to take part, and has been doing no worse than the foundation. */
export const isReady = ({ learned, judged }: OnlineState, rules: OnlineRules = ONLINE): boolean =>
  learned >= rules.least && judged.length >= rules.judgeFrom && !isWorse(judged, rules)

/** The linear pool of both, with a share of the online model. */
export function blendOf(
  { weights }: OnlineState,
  foundation: number,
  x: readonly number[],
  share: number,
): { p: number; foundation: number; online: number; onlineShare: number } {
  const online = probabilityOf(weights, x)
  return { p: (1 - share) * foundation + share * online, foundation, online, onlineShare: share }
}
