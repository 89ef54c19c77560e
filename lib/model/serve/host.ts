import { openSession, type Session } from '../../onnx/session.ts'
import type { Bundle } from '../bundle.ts'
import { openWorkerPool, type WorkerPool, type WorkerPoolOptions } from './workers/worker-pool.ts'

/** Where models run: in this process, in workers, or each kind in its place. */
export interface Host {
  open(bundle: Bundle, model: Uint8Array): Promise<Session>
  queued(): number
  restarts(): number
  close(): void
}

interface HostOptions extends Omit<WorkerPoolOptions, 'workers'> {
  /** 0 = all in this process; undefined = trees in this process, networks in one worker. */
  workers: number | undefined
}

/**
 * Opens sessions where they belong. A tree answers in microseconds and cannot hang; a network is
 * worth a process of its own, which is started with the first of them. Runs in this process know no
 * time limit: nothing could interrupt them.
 */
export function makeHost({ workers, ...options }: HostOptions): Host {
  let pool: WorkerPool | undefined
  const isOutside = (bundle: Bundle): boolean =>
    workers === undefined ? isNetwork(bundle) : workers > 0
  return {
    open(bundle, model) {
      const { minBatch } = bundle.model
      if (!isOutside(bundle)) return openSession(model, minBatch)
      pool ??= openWorkerPool({ ...options, workers: workers ?? 1 })
      return pool.open(model, minBatch)
    },
    queued: () => pool?.queued() ?? 0,
    restarts: () => pool?.restarts() ?? 0,
    close: () => pool?.close(),
  }
}

/** Only kernels of networks differ between one row and several. */
const isNetwork = ({ model }: Bundle): boolean => (model.minBatch ?? 1) > 1
