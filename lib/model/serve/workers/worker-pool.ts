import { wallClock } from '../../../base/clock.ts'
import { show, TemporaryError, UsageError } from '../../../base/errors.ts'
import type { GraphInput, Session } from '../../../onnx/session.ts'
import { joinFloats } from './frame.ts'
import { type Job, makeJob, type Outputs, Unanswered } from './job.ts'
import { type Lane, type LaneEvents, type ModelFile, makeLane, RESTARTS } from './lane.ts'
import { startWorker } from './worker-process.ts'

export interface WorkerPoolOptions {
  workers: number
  /** Longest wait for an answer; undefined waits for ever. */
  timeoutMs: number | undefined
  /**
   * Whether the command must end (exit 4) when no worker can be kept alive; else rows get the error
   * `no-worker`.
   */
  isRequired: boolean
  /** Told of each worker that ended, and of the end of the last lane. */
  ended(how: string): void
  gaveUp(text: string): void
  /** How a worker is started; only tests say. */
  start?: LaneEvents['start']
}

/**
 * Child processes that hold models and run them: one may die or hang without the stream noticing
 * more than a pause.
 */
export interface WorkerPool {
  /**
   * Opens a model in every worker; resolves when the first has it. Throws UsageError when it cannot
   * be opened.
   */
  open(bytes: Uint8Array, minBatch?: number): Promise<Session>
  /** Rows handed over and not yet answered. */
  queued(): number
  restarts(): number
  pids(): number[]
  close(): void
}

/**
 * The beat of the watch, and the beats that a run or a question may stay unanswered: a hung worker
 * is found in 1.2 s.
 */
const BEAT_MS = 150
const PATIENCE = 6
/** Without a time limit a slow machine is no reason to end a worker: half a minute. */
const LONG_PATIENCE = 200
/** After all lanes gave up, one try this often. */
const RETRY_MS = 30_000

interface Opening {
  resolve(names: { inputs: readonly string[]; outputs: readonly string[] }): void
  reject(error: Error): void
  crashes: number
}

interface State {
  models: Map<number, ModelFile>
  openings: Map<number, Opening>
  queue: Job[]
  lanes: Lane[]
  rows: number
  next: number
  restarts: number
  fatal: TemporaryError | undefined
  retryAt: number
}

/** Starts the workers, and the watch that ends one which gives no sign of life. */
export function openWorkerPool(options: WorkerPoolOptions): WorkerPool {
  const state: State = {
    models: new Map(),
    openings: new Map(),
    queue: [],
    lanes: [],
    rows: 0,
    next: 1,
    restarts: 0,
    fatal: undefined,
    retryAt: 0,
  }
  const events = eventsOf(state, options)
  state.lanes = Array.from({ length: options.workers }, () => makeLane(events))
  const patience = options.timeoutMs === undefined ? LONG_PATIENCE : PATIENCE
  const watch = setInterval(() => {
    for (const lane of state.lanes) lane.beat(patience)
  }, BEAT_MS).unref()
  return {
    open: (bytes, minBatch = 1) => openModel(state, options, { bytes, minBatch }),
    queued: () => state.rows,
    restarts: () => state.restarts,
    pids: () => state.lanes.flatMap(lane => lane.pid() ?? []),
    close() {
      clearInterval(watch)
      for (const lane of state.lanes) lane.close()
    },
  }
}

function eventsOf(state: State, options: WorkerPoolOptions): LaneEvents {
  return {
    start: options.start ?? startWorker,
    models: state.models,
    free: () => dispatch(state),
    opened(model, inputs, outputs) {
      state.openings.get(model)?.resolve({ inputs, outputs })
      state.openings.delete(model)
    },
    refused: (model, reason) => refuse(state, model, new UsageError(reason)),
    ended(how, job, opening) {
      state.restarts++
      options.ended(how)
      for (const model of opening) crashed(state, model, how)
      if (job !== undefined) state.queue.unshift(job)
      dispatch(state)
    },
    gaveUp(how) {
      if (!state.lanes.some(lane => lane.isUp())) giveUp(state, options, how)
    },
  }
}

async function openModel(
  state: State,
  options: WorkerPoolOptions,
  file: ModelFile,
): Promise<Session> {
  if (state.fatal !== undefined) throw state.fatal
  if (!state.lanes.some(lane => lane.isUp()))
    throw new TemporaryError('no inference worker can be kept running')
  const model = state.next++
  const opened = new Promise<{ inputs: readonly string[]; outputs: readonly string[] }>(
    (resolve, reject) => state.openings.set(model, { resolve, reject, crashes: 0 }),
  )
  state.models.set(model, file)
  for (const lane of state.lanes) lane.open(model, file)
  const { inputs, outputs } = await opened
  return {
    inputs,
    outputs,
    lanes: options.workers,
    run: (feeds, rows) => run(state, options, model, feeds, rows),
    async release() {
      state.models.delete(model)
      for (const lane of state.lanes) lane.release(model)
    },
  }
}

function refuse(state: State, model: number, error: UsageError | TemporaryError): void {
  state.openings.get(model)?.reject(error)
  state.openings.delete(model)
  state.models.delete(model)
}

/**
 * A model that was being opened when its worker ended. Once may be chance, twice is the model; but
 * SIGKILL comes from outside or for want of memory, which may pass: it is put off before the lane
 * itself gives up.
 */
function crashed(state: State, model: number, how: string): void {
  const opening = state.openings.get(model)
  if (opening === undefined) return
  const text = `the worker that opens it ends with ${show(how)}`
  opening.crashes++
  if (how === 'SIGKILL' && opening.crashes >= RESTARTS)
    refuse(state, model, new TemporaryError(text))
  if (how !== 'SIGKILL' && opening.crashes > 1) refuse(state, model, new UsageError(text))
}

async function run(
  state: State,
  { timeoutMs }: WorkerPoolOptions,
  model: number,
  feeds: readonly GraphInput[],
  rows: number,
): Promise<Outputs> {
  if (state.fatal !== undefined) throw state.fatal
  const shaped = feeds.map(({ name, shape, data }) => ({ name, shape, length: data.length }))
  const data = joinFloats(feeds.map(each => each.data))
  const head = { is: 'run', job: state.next++, model, rows, feeds: shaped } as const
  state.rows += rows
  let timer: NodeJS.Timeout | undefined
  try {
    return await new Promise<Outputs>((resolve, reject) => {
      const job = makeJob(head, data, resolve, reject)
      if (timeoutMs !== undefined)
        timer = setTimeout(
          () => job.fail(new Unanswered('timeout', `no answer in ${timeoutMs} ms`)),
          timeoutMs,
        )
      state.queue.push(job)
      if (state.lanes.every(lane => !lane.isUp())) retryOrFail(state)
      else dispatch(state)
    })
  } finally {
    clearTimeout(timer)
    state.rows -= rows
  }
}

/** Gives waiting jobs, oldest first, to lanes that are free. */
function dispatch(state: State): void {
  state.queue = state.queue.filter(job => {
    if (job.isSettled()) return false
    const lane = state.lanes.find(each => each.canRun(job.head.model))
    lane?.give(job)
    return lane === undefined
  })
}

function giveUp(state: State, options: WorkerPoolOptions, how: string): void {
  const text = `inference workers ended ${RESTARTS + 1} times in a row, the last with ${show(how)}`
  state.retryAt = wallClock.monotonic() + RETRY_MS
  if (options.isRequired) state.fatal = new TemporaryError(text)
  for (const opening of state.openings.values()) opening.reject(new TemporaryError(text))
  state.openings.clear()
  failAll(state, state.fatal ?? new Unanswered('no-worker', text))
  options.gaveUp(text)
}

function retryOrFail(state: State): void {
  if (wallClock.monotonic() < state.retryAt) {
    failAll(
      state,
      new Unanswered(
        'no-worker',
        'inference workers cannot be kept running; tried again every 30 s',
      ),
    )
    return
  }
  state.retryAt = wallClock.monotonic() + RETRY_MS
  for (const lane of state.lanes) lane.revive()
}

function failAll(state: State, error: Error): void {
  for (const job of state.queue.splice(0)) job.fail(error)
}
