import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { toldOf } from '../../base/errors.ts'
import { makeHelpers } from '../trees/helper-threads.ts'
import type { FitJob, FitReport } from './fit-on-threads.ts'
import { measureFolds, measurePaths } from './folds.ts'
import { importanceOf, trainHead } from './train-head.ts'

/**
 * Entry of the thread that trains and measures a head; the ports are those of the threads that help
 * it.
 */
const { job, ports } = workerData as { job: FitJob; ports: MessagePort[] }
const tell = (report: FitReport): void => parentPort?.postMessage(report)

try {
  const options = {
    ...job.options,
    helpers: makeHelpers(ports),
    onRound: (done: number, loss?: number) => tell({ type: 'round', done, loss }),
  }
  const folds =
    typeof job.folds === 'number'
      ? measureFolds(options, job.folds)
      : measurePaths(options, job.folds)
  const { trained, metrics } = trainHead(options)
  const importance = job.importance ? importanceOf(trained) : []
  tell({ type: 'done', result: { folds, trained, metrics, importance } })
} catch (error) {
  tell({ type: 'failed', ...toldOf(error) })
}
