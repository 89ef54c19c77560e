import type { Rec } from '../records/record.ts'

/** The mark on a line whose time nobody could believe when it came. */
export const TIME_JUMP = 'time-jump'
/** Whether a line moves no clock. */
export const isJump = ({ marks }: Pick<Rec, 'marks'>): boolean =>
  marks?.includes(TIME_JUMP) === true

/**
 * What the time of a line is worth. `on`: time goes on. `jump`: the line moves nothing until the
 * next one agrees with it. `back`: this line agreed with one before it that time lies further
 * behind than a stream is ever late: whatever is known of later times was wrong.
 */
type Verdict = 'on' | 'jump' | 'back'

/** What a judge knows, as plain numbers: for a state that is saved. */
export interface SavedTime {
  /** Newest time that is believed; absent before the first line. */
  now?: number
  /** Times of the last jumps in a row, at most two. */
  waiting: number[]
  /** Last steps forwards, in ms. */
  steps: number[]
  /** Length of the newest bar, in ms; 0 = none. */
  bar: number
  /**
   * Where time stood, and its steps, before jumps were believed only since they ran on; kept for as
   * many more steps as are `left`.
   */
  before?: { now: number; steps: number[]; left: number }
}

/** Judges the event times of one stream, from its lines alone and in their order. */
export interface EventTime {
  judge(rec: Rec): Verdict
  /** Takes up a time at which an earlier run stood; lines far from it have to agree first. */
  begin(ts: number): void
  /** Newest time that is believed; undefined before the first line. */
  now(): number | undefined
  /** Furthest that time may move by one line, in ms. */
  bound(): number
  save(): SavedTime
  load(saved: SavedTime): void
}

/** Steps of time that are remembered; the second longest of them is the stream’s own interval. */
const REMEMBERED = 32
/** As many times the stream’s own interval is no jump. */
const TIMES = 10

/**
 * A judge of event time. A line is a jump when its time is further from the newest believed one
 * than `maxJump` ms and than ten times the stream’s own interval: the second longest of the last 32
 * steps that time has made, or the length of the bars while fewer are known. A jump is believed
 * when the line after it is within that bound of it (one other jump may stand between), or when
 * three in a row run on forwards (a stream of which each line comes later than the bound). Those
 * three may all be wrong and have widened the bound, so two lines in a row where time stood before
 * them take it back. What carries the mark already is a jump for everybody who reads it. A label is
 * known at `availableAt`: that is its time.
 */
export function makeEventTime(maxJump: number): EventTime {
  const state: State = { waiting: [], steps: [], bar: 0, reach: maxJump, maxJump }
  return {
    judge: rec => judge(state, rec),
    begin: ts => void move(state, ts),
    now: () => state.now,
    bound: () => state.reach,
    save() {
      const { now, waiting, steps, bar, before } = state
      const known = { ...(now !== undefined && { now }), ...(before && { before: { ...before } }) }
      return { ...known, waiting, steps: [...steps], bar }
    },
    load({ now, waiting, steps, bar, before }) {
      Object.assign(state, { now, waiting, steps: [...steps], bar, before })
      measure(state)
    },
  }
}

interface State extends SavedTime {
  /** Furthest that one line may move time, and the least that this is, in ms. */
  reach: number
  maxJump: number
}

function judge(state: State, rec: Rec): Verdict {
  const ts = timeOf(rec)
  const { now, reach } = state
  if (isJump(rec) || ts < rec.ts) return wait(state, rec.ts)
  if (now === undefined) move(state, ts)
  else if (isBefore(state, ts)) {
    if (!state.waiting.some(each => isBefore(state, each))) return wait(state, ts)
    return goBack(state, ts)
  } else if (Math.abs(ts - now) > reach) {
    const verdict = agree(state, ts)
    if (verdict !== 'on') return verdict
  } else {
    if (state.waiting.length > 0) state.waiting = []
    if (ts > now) {
      learn(state, ts - now)
      state.now = ts
    }
  }
  const interval = intervalOf(rec)
  if (interval !== undefined && interval !== state.bar) {
    state.bar = interval
    measure(state)
  }
  return 'on'
}

/** A line beyond the bound: whether those before it say the same. */
function agree(state: State, ts: number): Verdict {
  const { waiting, reach } = state
  const [first, second] = waiting
  if (waiting.some(before => Math.abs(ts - before) <= reach)) return move(state, ts)
  if (first === undefined || second === undefined || !(first < second && second < ts))
    return wait(state, ts)
  const { now, steps, before } = state
  state.before = before ?? { now: now!, steps: [...steps], left: REMEMBERED }
  const verdict = move(state, ts)
  learn(state, second - first)
  learn(state, ts - second)
  return verdict
}

/** Whether a time is of where time stood before jumps that ran on, and not of now. */
function isBefore({ now, before, maxJump, bar }: State, ts: number): boolean {
  if (before === undefined || now === undefined) return false
  const reach = reachOf(before.steps, bar, maxJump)
  return Math.abs(ts - before.now) <= reach && Math.abs(ts - now) > reach
}

/** The jumps that ran on were all wrong: time and its steps are what they were. */
function goBack(state: State, ts: number): Verdict {
  state.steps = state.before?.steps ?? []
  delete state.before
  measure(state)
  return move(state, ts)
}

function wait(state: State, ts: number): Verdict {
  state.waiting = [...state.waiting.slice(-1), ts]
  return 'jump'
}

function move(state: State, to: number): Verdict {
  const isBack = state.now !== undefined && to < state.now - state.reach
  state.now = to
  state.waiting = []
  return isBack ? 'back' : 'on'
}

function learn(state: State, step: number): void {
  const { steps, before } = state
  if (before !== undefined && before.left-- === 0) delete state.before
  steps.push(step)
  if (steps.length > REMEMBERED) steps.shift()
  measure(state)
}

function measure(state: State): void {
  state.reach = reachOf(state.steps, state.bar, state.maxJump)
}

function reachOf(steps: readonly number[], bar: number, maxJump: number): number {
  let [longest, second] = [0, 0]
  for (const step of steps) {
    if (step > longest) [longest, second] = [step, longest]
    else if (step > second) second = step
  }
  const own = steps.length < REMEMBERED ? Math.max(second, bar) : second
  return Math.max(maxJump, TIMES * own)
}

/** The parts of a line may not have been checked by whoever asks for its time. */
const intervalOf = ({ candle }: Rec): number | undefined =>
  Number.isSafeInteger(candle?.intervalMs) ? candle?.intervalMs : undefined

const timeOf = ({ ts, label }: Rec): number =>
  Number.isSafeInteger(label?.availableAt) ? (label?.availableAt ?? ts) : ts
