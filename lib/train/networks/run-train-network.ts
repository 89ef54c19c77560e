import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { wallClock } from '../../base/clock.ts'
import type { Log, Output } from '../../base/console.ts'
import { UsageError } from '../../base/errors.ts'
import { cardText } from '../../model/card.ts'
import { bundleLine, writeBundle } from '../../model/files.ts'
import { encode } from '../../stream/encode.ts'
import { isExport } from '../data/read-export.ts'
import { readWindows } from '../data/read-windows.ts'
import { makeProgress } from '../progress.ts'
import type { NetworkFlags } from '../train-flags.ts'
import { networkBaselines } from './network-baselines.ts'
import { measureNetwork, type NetworkAbout, networkBundle, remarksOf } from './network-bundle.ts'
import {
  columnsOf,
  type Prepared,
  preparePrice,
  prepareSequence,
  slicesOf,
} from './network-rows.ts'
import { type EpochLine, type NetworkJob, runNetwork } from './run-network.ts'
import type { NetworkRunResult } from './serve-network.ts'
import type { TrainedModel } from './train-model.ts'

/** Trains a network on a folder of train-export; a line per epoch and metric, then the bundle. */
export async function runTrainNetwork(
  dir: string,
  flags: NetworkFlags,
  { out, log, signal }: { out: Output; log: Log; signal: AbortSignal },
): Promise<void> {
  if (!isExport(dir))
    throw new UsageError(`${dir}: a network learns from a folder of train-export --tensors`)
  const checkpoint =
    flags.checkpoint ?? (flags.out === undefined ? undefined : `${flags.out}.checkpoint`)
  if (flags.resume && (checkpoint === undefined || !existsSync(checkpoint)))
    throw new UsageError(
      `--resume: there is no checkpoint ${checkpoint ?? '; name it with --checkpoint'}`,
    )
  if (checkpoint !== undefined) mkdirSync(dirname(checkpoint), { recursive: true })
  const windows = await readWindows(dir, columnsOf(flags.net))
  const slice = slicesOf(windows, flags)
  const prepared =
    flags.net === 'price'
      ? preparePrice(windows, flags.bar, slice)
      : prepareSequence(windows, flags.net, slice)
  const model = await trainInChild(prepared, flags, { checkpoint, out, signal })
  if (model === undefined) {
    log.warn(
      checkpoint === undefined
        ? 'stopped; nothing was kept: name a --checkpoint to go on from'
        : `stopped; go on with --resume (${checkpoint})`,
    )
    return
  }
  await finish({ model, prepared, windows }, dir, flags, { out, log })
  if (checkpoint !== undefined && flags.out !== undefined) rmSync(checkpoint, { force: true })
}

interface Training {
  checkpoint: string | undefined
  out: Output
  signal: AbortSignal
}

async function trainInChild(
  { job }: Prepared,
  flags: NetworkFlags,
  { checkpoint, out, signal }: Training,
): Promise<TrainedModel | undefined> {
  const { batch, seed, threads } = flags
  const patience = flags.patience === 0 ? flags.epochs : flags.patience
  const options = { ...job.options, ...settingsOf(flags), patience, seed, threads }
  const progress = makeProgress(batch, wallClock.monotonic)
  // Lines are written one after the other, however fast epochs end.
  let written: Promise<void> = Promise.resolve()
  const onEpoch = (line: EpochLine): void => {
    progress.clear()
    written = written.then(() => out.write(`${encode({ ...line })}\n`))
  }
  try {
    return await runNetwork({ ...job, options } as NetworkJob, {
      ...(checkpoint === undefined ? {} : { checkpoint }),
      resume: flags.resume,
      signal,
      onEpoch,
      onStep: progress.show,
    })
  } finally {
    progress.clear()
    await written
  }
}

async function finish(
  result: NetworkRunResult,
  dir: string,
  flags: NetworkFlags,
  { out, log }: { out: Output; log: Log },
): Promise<void> {
  const metrics = await measureNetwork(result, flags.threshold)
  for (const remark of remarksOf(result.model, metrics)) log.warn(remark)
  for (const metric of metrics) await out.write(`${encode(metric)}\n`)
  if (flags.out === undefined) return
  const made = await networkBundle(result, aboutOf(dir, flags), metrics)
  const bundle = { ...made, drift: await networkBaselines(result) }
  writeBundle(flags.out, bundle, result.model.onnx, cardText(bundle))
  await out.write(bundleLine(bundle, flags.out))
}

/** What decides the bytes of the model beside data and seed; threads do not. */
function settingsOf(flags: NetworkFlags) {
  const { epochs, batch, learningRate, patience, balanced, focal, dropout } = flags
  return { epochs, batch, learningRate, patience, balanced, focal, dropout }
}

function aboutOf(source: string, flags: NetworkFlags): NetworkAbout {
  const dir = resolve(flags.out!)
  const { net, seed, threshold, note } = flags
  return {
    name: basename(dirname(dir)),
    version: basename(dir),
    kind: net === 'price' ? 'price' : 'sequence',
    net,
    settings: settingsOf(flags),
    seed,
    threshold,
    source: basename(source),
    notes: [note ?? 'Past performance on recorded data says nothing certain about the future.'],
  }
}
