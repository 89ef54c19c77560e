import { createHash } from 'node:crypto'
import { DataError, UsageError } from '../../base/errors.ts'
import { type Calibrator, fitCalibrator } from '../tabular/calibration.ts'
import type { Checkpoint, EpochRecord } from './fit/epoch-checkpoint.ts'
import { type FitHooks, type FitOptions, fitNetwork } from './fit/fit-network.ts'
import { logitsOf } from './fit/held-out.ts'
import type { Split } from './fit/hold-out-split.ts'
import { fitReach } from './net/distance-graph.ts'
import type { Head, Network } from './net/network.ts'
import type { Preparation, Scalers } from './net/preparation.ts'
import { fitScalers, prepareRows, type Tensors } from './net/prepare-rows.ts'
import { type Link, serveGraph } from './net/serve-graph.ts'
import { encodeTargets, fitTargets, type Skipped, type Target } from './net/targets.ts'
import { layoutOf } from './net/weights.ts'

/** What is asked to be learned, from raw rows. */
interface ModelTask {
  preparation: Preparation
  raw: Tensors
  heads: readonly Head[]
  /** [n, heads], NaN where missing. */
  labels: Float32Array
  weights?: Float32Array
  split: Split
  network(heads: readonly Head[]): Network
}

export interface ModelOptions extends FitOptions {
  /** Weighs the classes of binary heads equally; the served probability is corrected back. */
  balanced: boolean
  /** Isotonic calibration from 1,000 rows; false = always Platt. */
  isotonic: boolean
}
export const MODEL: Pick<ModelOptions, 'balanced' | 'isotonic'> = {
  balanced: false,
  isotonic: true,
}

interface TrainedHead {
  name: string
  target: Target
  /** Of binary heads. */
  calibrator?: Calibrator
}

export interface TrainedModel {
  /** The graph of serveGraph. */
  onnx: Uint8Array
  heads: TrainedHead[]
  skipped: Skipped[]
  scalers: Scalers
  parameters: number
  history: EpochRecord[]
  best: { epoch: number; loss: number }
  rows: { train: number; valid: number; calibration: number }
}

/** Hooks of a run, with the checkpoint to go on from. */
export interface ModelRun {
  hooks: FitHooks
  resume?: Checkpoint
}

const MIN_ROWS = 20

/**
 * Scales, trains, calibrates and emits the serving file. Undefined when the run was stopped; its
 * checkpoint was saved. @throws DataError on too few rows or labels that teach nothing, UsageError
 * when the checkpoint is of another run.
 */
export async function trainModel(
  task: ModelTask,
  options: ModelOptions,
  { hooks, resume }: ModelRun,
): Promise<TrainedModel | undefined> {
  const { preparation, raw, labels } = task
  const key = keyOf(task, options)
  if (resume !== undefined && resume.key !== key)
    throw new UsageError('the checkpoint is of other data or other options')
  const odd = task.weights?.findIndex(w => !(w >= 0 && w < Infinity)) ?? -1
  if (odd >= 0)
    throw new DataError(`row ${odd} has weight ${task.weights?.[odd]}`, { field: 'weights' })
  const train = task.split.train.filter(row => hasLabel(task, row))
  if (train.length < MIN_ROWS)
    throw new DataError(`needs ${MIN_ROWS} labelled rows to train on, has ${train.length}`, {
      field: 'rows',
    })
  const { targets, columns, skipped } = fitTargets(task.heads, labels, train, options.balanced)
  const { y, weight } = encodeTargets(
    targets,
    columns,
    { labels, width: task.heads.length, weights: task.weights },
    train,
  )
  const scalers = await fitScalers(preparation, raw, train)
  const inputs = await prepareRows(preparation, scalers, raw)
  const network = task.network(targets.map(target => target.head))
  const valid = task.split.valid.filter(row => hasLabel(task, row))
  const fit = { ...options, batch: Math.min(options.batch, train.length) }
  const fitted = await fitNetwork(network, { inputs, y, weight, train, valid }, fit, {
    hooks,
    key,
    from: resume,
  })
  if (fitted.stopped) return undefined

  const calibration = task.split.calibration.filter(row => hasLabel(task, row))
  const z = await logitsOf(network, fitted.P, inputs, calibration)
  const heads = targets.map((target, k) =>
    finishHead(target, options, calibrationRows(k, { targets, z, y, weight, calibration })),
  )
  const reach = await fitReach(preparation, scalers, raw, train)
  const links = heads.map(
    ({ target, calibrator }): Link =>
      calibrator ? { kind: 'probability', calibrator } : { kind: 'fraction', target },
  )
  return {
    onnx: serveGraph(network, fitted.P, { preparation, scalers, reach, links }),
    heads,
    skipped,
    scalers,
    parameters: layoutOf(network.parameters).size,
    history: fitted.history,
    best: fitted.best,
    rows: { train: train.length, valid: valid.length, calibration: calibration.length },
  }
}

function hasLabel({ labels, heads }: ModelTask, row: number): boolean {
  return heads.some((_, k) => !Number.isNaN(labels[row * heads.length + k]))
}

interface Later {
  targets: readonly Target[]
  z: Float32Array
  y: Float32Array
  weight: Float32Array
  calibration: readonly number[]
}

/** Logits and labels of one head on the calibration rows that have its label. */
function calibrationRows(
  k: number,
  { targets, z, y, weight, calibration }: Later,
): { z: Float64Array; y: Uint8Array } {
  const width = targets.length
  const known = [...calibration.keys()].filter(i => weight[calibration[i]! * width + k]! > 0)
  return {
    z: Float64Array.from(known, i => z[i * width + k]!),
    y: Uint8Array.from(known, i => y[calibration[i]! * width + k]!),
  }
}

function finishHead(
  target: Target,
  { isotonic }: ModelOptions,
  later: { z: Float64Array; y: Uint8Array },
): TrainedHead {
  const { name, kind } = target.head
  if (kind === 'regression') return { name, target }
  // Training with weight w on the positives adds ln w to the logit.
  return {
    name,
    target,
    calibrator: fitCalibrator(later.z, later.y, -Math.log(target.positiveWeight), isotonic),
  }
}

/** Names a run: the same data, network and options, whatever the threads. */
function keyOf(
  { raw, labels, weights, split, heads }: ModelTask,
  { threads: _, ...options }: ModelOptions,
): string {
  const hash = createHash('sha256').update(JSON.stringify([options, heads, split]))
  for (const data of [...Object.values(raw), labels, weights ?? new Float32Array()])
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  return hash.digest('hex')
}
