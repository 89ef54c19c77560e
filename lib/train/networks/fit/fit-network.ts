import { DataError } from '../../../base/errors.ts'
import { defaultsOf, type Values } from '../../../base/flags.ts'
import { makeRng } from '../../../base/rng.ts'
import { openSession, type Session } from '../../../onnx/ort.ts'
import { NETWORK_THREADS, type NetworkFlags, networkFlags, PATIENCE } from '../../train-flags.ts'
import type { Network } from '../net/network.ts'
import type { Tensors } from '../net/prepare-rows.ts'
import { startWeights } from '../net/weights.ts'
import type { Checkpoint, EpochRecord } from './epoch-checkpoint.ts'
import { rateAt, trainStep } from './fit-step.ts'
import { heldOutLoss } from './held-out.ts'
import { shuffled } from './schedule.ts'
import { type TrainGraph, trainGraph } from './train-graph.ts'

type Asked = 'batch' | 'epochs' | 'learningRate' | 'dropout' | 'focal'

export interface FitOptions
  extends Pick<Values<typeof networkFlags>, Asked>,
    Pick<NetworkFlags, 'patience' | 'threads'> {
  /** Share of all steps during which the rate rises. */
  warmup: number
  weightDecay: number
  /** Longest gradient. */
  clip: number
  seed: string | number
}
const { batch, epochs, learningRate, dropout, focal } = defaultsOf(networkFlags)
export const FIT: FitOptions = {
  batch,
  epochs,
  learningRate,
  warmup: 0.1,
  weightDecay: 1e-2,
  dropout,
  clip: 1,
  focal,
  patience: PATIENCE.epochs,
  seed: 1,
  threads: NETWORK_THREADS,
}

/**
 * Prepared tensors of all rows and which of them train, and which later ones decide when to stop.
 */
export interface Dataset {
  inputs: Tensors
  /** [n, heads], see encodeTargets. */
  y: Float32Array
  weight: Float32Array
  train: readonly number[]
  valid: readonly number[]
}

export interface FitHooks {
  /** Monotonic milliseconds. */
  now(): number
  /** True to stop after the step under way. */
  stopped(): boolean
  onStep(done: { step: number; steps: number; loss: number }): void
  onEpoch(line: EpochRecord & { rowsPerS: number }): void
  /** Keeps a checkpoint, after each epoch and when stopped. */
  save(checkpoint: Checkpoint): Promise<void>
}

interface Fitted {
  /** Parameters of the epoch with the lowest validation loss. */
  P: Float32Array
  best: Checkpoint['best']
  history: EpochRecord[]
  /** Interrupted before the end. */
  stopped: boolean
}

/**
 * Trains a network; `from` continues a run. Same data, options and seed give the same parameters,
 * interrupted or not. @throws DataError naming epoch and batch when the loss or the gradient is not
 * a finite number.
 */
export async function fitNetwork(
  network: Network,
  data: Dataset,
  options: FitOptions,
  { hooks, key, from }: { hooks: FitHooks; key: string; from?: Checkpoint | undefined },
): Promise<Fitted> {
  const built = trainGraph(network, {
    batch: options.batch,
    dropout: options.dropout > 0,
    loss: { focal: options.focal },
    adam: { clip: options.clip },
  })
  const state = from ?? fresh(built, key, options.seed)
  const session = await openSession(built.model, options.threads)
  try {
    const run = {
      network,
      data,
      options,
      hooks,
      built,
      session,
      perEpoch: Math.ceil(data.train.length / options.batch),
    }
    while (!finished(run, state)) {
      const started = { at: hooks.now(), step: state.step }
      if (!(await trainEpoch(run, state)))
        return { P: state.bestP, best: state.best, history: state.history, stopped: true }
      const rows = Math.min((state.step - started.step) * options.batch, data.train.length)
      await closeEpoch(run, state, (1000 * rows) / Math.max(hooks.now() - started.at, 1e-3))
    }
    return { P: state.bestP, best: state.best, history: state.history, stopped: false }
  } finally {
    await session.release()
  }
}

/** One run of a network over its data. */
export interface Run {
  network: Network
  data: Dataset
  options: FitOptions
  hooks: FitHooks
  built: TrainGraph
  session: Session
  perEpoch: number
}

function fresh({ layout }: TrainGraph, key: string, seed: string | number): Checkpoint {
  const P = startWeights(layout, makeRng(seed).fork('weights'))
  const [M, V] = [new Float32Array(layout.size), new Float32Array(layout.size)]
  return {
    key,
    step: 0,
    lossSum: 0,
    history: [],
    best: { epoch: 0, loss: Infinity },
    P,
    M,
    V,
    bestP: P,
  }
}

function finished({ options }: Run, { history, best }: Checkpoint): boolean {
  return history.length >= options.epochs || history.length - best.epoch >= options.patience
}

/**
 * Runs what is left of the epoch under way. False when it was told to stop; the checkpoint is saved
 * then.
 */
async function trainEpoch(run: Run, state: Checkpoint): Promise<boolean> {
  const { data, options, hooks, perEpoch } = run
  const epoch = state.history.length
  const order = shuffled(data.train, makeRng(options.seed).fork(`epoch ${epoch}`))
  for (let batch = state.step - epoch * perEpoch; batch < perEpoch; batch++) {
    if (hooks.stopped()) {
      await hooks.save(state)
      return false
    }
    const rows = order.slice(batch * options.batch, (batch + 1) * options.batch)
    const loss = await trainStep(run, state, rows)
    if (loss === undefined) {
      // Not saved: the parameters that led here are no longer good, those of the last finished
      // epoch are.
      const which = `epoch ${epoch + 1}, batch ${batch + 1} of ${perEpoch} (first row ${rows[0]})`
      throw new DataError(`not a finite number in ${which}`, { field: 'loss' })
    }
    state.lossSum += loss * options.batch
    hooks.onStep({ step: ++state.step, steps: perEpoch * options.epochs, loss })
    // A turn of the event loop, so that a request to stop can arrive.
    await new Promise(resolve => setImmediate(resolve))
  }
  return true
}

/** Measures the epoch on the validation rows, remembers it if it is the best, and saves. */
async function closeEpoch(run: Run, state: Checkpoint, rowsPerS: number): Promise<void> {
  const { network, data, options, hooks } = run
  const epoch = state.history.length + 1
  const loss = state.lossSum / data.train.length
  const validLoss =
    data.valid.length === 0 ? loss : await heldOutLoss(network, state.P, data, options)
  const lr = rateAt(run, state.step - 1)
  if (!Number.isFinite(validLoss))
    throw new DataError(`not a finite number after epoch ${epoch}`, { field: 'validLoss' })
  state.history = [...state.history, { epoch, loss, validLoss, lr }]
  state.lossSum = 0
  if (validLoss < state.best.loss) {
    state.best = { epoch, loss: validLoss }
    state.bestP = state.P
  }
  // Kept before it is told: whoever has read of an epoch can go on from it.
  await hooks.save(state)
  hooks.onEpoch({ epoch, loss, validLoss, lr, rowsPerS })
}
