import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { errorOf, Failure, TemporaryError } from '../../base/errors.ts'
import type { EpochRecord } from './fit/epoch-checkpoint.ts'
import type { TrainedModel } from './train-model.ts'
import type { PriceOptions, PriceRows } from './train-price.ts'
import type { SequenceOptions, SequenceRows } from './train-sequence.ts'

/** A network to train, with its rows. */
export type NetworkJob =
  | { kind: 'sequence'; rows: SequenceRows; options: Partial<SequenceOptions> }
  | { kind: 'price'; rows: PriceRows; options: Partial<PriceOptions> }

interface NetworkRun {
  /** File that is replaced after every epoch and when stopped. */
  checkpoint?: string
  /** Goes on from that file when it is there. */
  resume?: boolean
  /** Stops after the step under way. */
  signal?: AbortSignal
  onEpoch?(line: EpochLine): void
  /** A few times a second, for a progress bar. */
  onStep?(done: StepLine): void
}

export type EpochLine = EpochRecord & { rowsPerS: number }
interface StepLine {
  step: number
  /** Of all epochs; early stopping may end sooner. */
  steps: number
  loss: number
}

/** From here to the training process. */
export type Order =
  | { type: 'start'; job: NetworkJob; checkpoint?: string; resume: boolean }
  | { type: 'stop' }
/** And back. */
export type Report =
  | { type: 'step'; done: StepLine }
  | { type: 'epoch'; line: EpochLine }
  | { type: 'done'; model: TrainedModel | undefined }
  | { type: 'failed'; code: number; message: string; field?: string }

/**
 * Trains in a process of its own: onnxruntime computes without yielding, and here timers, signals
 * and output go on. Undefined when stopped by the signal. Errors arrive as they were thrown;
 * @throws TemporaryError when the process is killed, Failure when it dies.
 */
export async function runNetwork(
  job: NetworkJob,
  run: NetworkRun = {},
): Promise<TrainedModel | undefined> {
  // Bundled, the entry lies beside this chunk as JavaScript.
  const entry = new URL(
    import.meta.url.endsWith('.ts') ? './network-child.ts' : './network-child.js',
    import.meta.url,
  )
  const child = fork(fileURLToPath(entry), {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const tell = (order: Order): void => void (child.connected && child.send(order))
  const stop = (): void => tell({ type: 'stop' })
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code, signal) => reject(endedEarly(code, signal)))
      child.on('message', (report: Report) => {
        if (report.type === 'step') run.onStep?.(report.done)
        else if (report.type === 'epoch') run.onEpoch?.(report.line)
        else if (report.type === 'done') resolve(report.model)
        else reject(errorOf(report))
      })
      run.signal?.addEventListener('abort', stop)
      const { checkpoint, resume = false } = run
      tell({ type: 'start', job, resume, ...(checkpoint === undefined ? {} : { checkpoint }) })
      if (run.signal?.aborted) stop()
    })
  } finally {
    run.signal?.removeEventListener('abort', stop)
    // All has been told or never will be; ending by itself it could wait for onnxruntime’s threads.
    child.kill('SIGKILL')
  }
}

/** Killed from outside, often for want of memory, is not a bug. */
function endedEarly(code: number | null, signal: NodeJS.Signals | null): Failure {
  if (signal === null) return new Failure(`the training process ended early (exit ${code})`)
  return new TemporaryError(
    `the training process was ended by ${signal}; go on with --resume after its last epoch, ` +
      'or anew with a smaller --batch',
  )
}
