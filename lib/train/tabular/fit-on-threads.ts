/** A training on threads of its own, so that the terminal stays alive. */
import { MessageChannel } from 'node:worker_threads'
import { errorOf, Failure, type ToldError } from '../../base/errors.ts'
import type { Bundle } from '../../model/bundle.ts'
import type { TrainFlags } from '../train-flags.ts'
import type { Trained } from './tabular-bundle.ts'
import { openThread } from './thread.ts'
import type { TrainOptions } from './train-head.ts'

/** A head to train, with what is to be measured beside it. */
export interface FitJob {
  options: TrainOptions
  /** Walk-forward folds by number, or groups of combinatorial cross-validation. */
  folds: TrainFlags['folds']
  importance: boolean
}

interface FitResult {
  folds: Bundle['metrics']
  trained: Trained
  metrics: Bundle['metrics']
  importance: Record<string, unknown>[]
}

/** What the training thread says. */
export type FitReport =
  | { type: 'round'; done: number; loss: number | undefined }
  | { type: 'done'; result: FitResult }
  | ({ type: 'failed' } & ToldError)

interface FitRun {
  threads: number
  signal?: AbortSignal | undefined
  onRound?(done: number, loss: number | undefined): void
}

/** Below so many rows times features more threads cost more than they bring. */
const WORTH_A_THREAD = 50_000

/**
 * Trains and measures on threads of their own, so that the terminal stays alive; the result is the
 * same for any number of them. Undefined when stopped by the signal. Errors arrive as they were
 * thrown; @throws Failure when a thread dies.
 */
export async function runFit(
  job: FitJob,
  { threads, signal, onRound }: FitRun,
): Promise<FitResult | undefined> {
  const { table } = job.options.whole
  const helpers = table.rows * table.columns.length < WORTH_A_THREAD ? 0 : threads - 1
  const channels = Array.from({ length: helpers }, () => new MessageChannel())
  const ports = channels.map(({ port1 }) => port1)
  const main = openThread('fit-thread', { workerData: { job, ports }, transferList: ports })
  const all = [
    main,
    ...channels.map(({ port2 }) =>
      openThread('tree-thread', { workerData: { port: port2 }, transferList: [port2] }),
    ),
  ]
  let stop = (): void => {}
  try {
    return await new Promise((resolve, reject) => {
      stop = () => resolve(undefined)
      if (signal?.aborted) stop()
      signal?.addEventListener('abort', stop)
      for (const thread of all) {
        thread.once('error', reject)
        thread.once('exit', code =>
          reject(new Failure(`a training thread ended early (exit ${code})`)),
        )
      }
      main.on('message', (report: FitReport) => {
        if (report.type === 'round') onRound?.(report.done, report.loss)
        else if (report.type === 'done') resolve(report.result)
        else reject(errorOf(report))
      })
    })
  } finally {
    signal?.removeEventListener('abort', stop)
    await Promise.all(all.map(thread => thread.terminate()))
  }
}
