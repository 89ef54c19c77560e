import { wallClock } from '../../../base/clock.ts'
import type { Frame } from './frame.ts'
import type { Job } from './job.ts'
import type { Worker, WorkerEvents } from './worker-process.ts'

export interface ModelFile {
  bytes: Uint8Array
  minBatch: number
}

export interface LaneEvents {
  start(events: WorkerEvents): Worker
  /** Models that every worker holds. */
  models: ReadonlyMap<number, ModelFile>
  /** It may have become free. */
  free(): void
  opened(model: number, inputs: readonly string[], outputs: readonly string[]): void
  refused(model: number, reason: string): void
  /** Its worker has ended: what it was running, and the models it was opening. */
  ended(how: string, job: Job | undefined, opening: readonly number[]): void
  /** It ended once more after `RESTARTS` restarts in a row and stays down. */
  gaveUp(how: string): void
}

/** A place for one worker, which is replaced when it ends. */
export interface Lane {
  pid(): number | undefined
  isUp(): boolean
  canRun(model: number): boolean
  isBusy(): boolean
  give(job: Job): void
  open(model: number, file: ModelFile): void
  release(model: number): void
  /**
   * Called at a steady beat: asks for a sign of life, and ends a worker that has given none for
   * `patience` beats.
   */
  beat(patience: number): void
  /** One more try after it gave up. */
  revive(): void
  close(): void
}

/**
 * Restarts in a row, without an answer or a while of health in between, before a lane stays down.
 */
export const RESTARTS = 5
const FIRST_WAIT_MS = 50
/** A worker that has lived this long was healthy. */
const HEALTHY_MS = 10_000
/** Starting and opening models take longer than a run. */
const OPENING_PATIENCE = 50

interface State {
  worker: Worker | undefined
  /** A lane that gave up, or was closed, has no worker and starts none. */
  isDown: boolean
  job: Job | undefined
  opening: Set<number>
  opened: Set<number>
  restarts: number
  startedAt: number
  /** Beats since the last sign of life while one is due. */
  silent: number
  isAsked: boolean
  timer: NodeJS.Timeout | undefined
}

/**
 * Starts a worker and puts another in its place whenever it ends, until it has ended too often in a
 * row.
 */
export function makeLane(events: LaneEvents): Lane {
  const state: State = {
    worker: undefined,
    isDown: false,
    job: undefined,
    opening: new Set(),
    opened: new Set(),
    restarts: 0,
    startedAt: 0,
    silent: 0,
    isAsked: false,
    timer: undefined,
  }
  begin(state, events)
  return {
    pid: () => state.worker?.pid,
    isUp: () => !state.isDown,
    canRun: model =>
      state.worker !== undefined && state.job === undefined && state.opened.has(model),
    isBusy: () => state.job !== undefined,
    give(job) {
      state.job = job
      state.silent = 0
      state.worker?.send(job.head, job.data)
    },
    open: (model, file) => open(state, model, file),
    release(model) {
      if (state.opened.delete(model)) state.worker?.send({ is: 'release', model })
    },
    beat: patience => beat(state, patience),
    revive() {
      if (!state.isDown) return
      state.isDown = false
      begin(state, events)
    },
    close() {
      state.isDown = true
      clearTimeout(state.timer)
      state.worker?.kill()
    },
  }
}

function begin(state: State, events: LaneEvents): void {
  state.startedAt = wallClock.monotonic()
  state.silent = 0
  state.isAsked = false
  state.worker = events.start({
    frame: frame => hear(state, events, frame),
    ended: how => fall(state, events, how),
  })
  for (const [model, file] of events.models) open(state, model, file)
}

function open(state: State, model: number, { bytes, minBatch }: ModelFile): void {
  if (state.worker === undefined) return // The next worker opens what there is.
  state.opening.add(model)
  state.worker.send({ is: 'open', model, minBatch }, bytes)
}

function hear(state: State, events: LaneEvents, frame: Frame): void {
  const { head } = frame
  state.silent = 0
  if (head.is === 'pong') state.isAsked = false
  else if (head.is === 'opened') {
    state.opening.delete(head.model)
    state.opened.add(head.model)
    events.opened(head.model, head.inputs, head.outputs)
    events.free()
  } else if (head.is === 'refused') {
    state.opening.delete(head.model)
    events.refused(head.model, head.reason)
  } else if ((head.is === 'done' || head.is === 'failed') && head.job === state.job?.head.job) {
    const { job } = state
    state.job = undefined
    state.restarts = 0
    job.settle(frame)
    events.free()
  }
}

/**
 * The worker has ended: another one starts after a wait that doubles, unless this has happened too
 * often in a row.
 */
function fall(state: State, events: LaneEvents, how: string): void {
  const { job, opening } = state
  state.worker = undefined
  state.job = undefined
  state.opening = new Set()
  state.opened = new Set()
  if (state.isDown) return
  if (wallClock.monotonic() - state.startedAt > HEALTHY_MS) state.restarts = 0
  state.restarts++
  events.ended(how, job, [...opening])
  if (state.restarts > RESTARTS) {
    state.isDown = true
    events.gaveUp(how)
  } else
    state.timer = setTimeout(() => begin(state, events), FIRST_WAIT_MS * 2 ** (state.restarts - 1))
}

function beat(state: State, patience: number): void {
  const { worker, job, opening, isAsked } = state
  if (worker === undefined) return
  if (job === undefined && opening.size === 0 && !isAsked) {
    state.isAsked = true
    state.silent = 0
    worker.send({ is: 'ping' })
    return
  }
  state.silent++
  if (state.silent > (opening.size > 0 ? OPENING_PATIENCE : patience)) worker.kill()
}
