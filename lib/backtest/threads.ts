import { Worker } from 'node:worker_threads'
import { errorOf, Failure } from '../base/errors.ts'
import type { CombinationResult, Share } from './branches.ts'
import type { Answer } from './sweep-worker.ts'

/** Room for the lines in flight: with less, each would be copied before it is thrown away. */
const YOUNG_MB = 64

/**
 * Runs the combinations on worker threads, dealt out in turn. The results come back in the order of
 * the combinations, whatever the number of threads. Errors arrive as they were thrown; the first
 * one ends all.
 */
export async function runOnThreads(
  share: Share,
  threads: number,
  signal: AbortSignal,
): Promise<CombinationResult[]> {
  const count = Math.min(threads, share.combinations.length)
  const shares = Array.from({ length: count }, (_, i) => ({
    ...share,
    combinations: share.combinations.filter((_, at) => at % count === i),
  }))
  const workers = shares.map(startWorker)
  const stop = (): void => {
    for (const { worker } of workers) worker.postMessage('stop')
  }
  signal.addEventListener('abort', stop)
  try {
    const all = await Promise.all(workers.map(({ done }) => done))
    return all.flat().sort((a, b) => a.index - b.index)
  } finally {
    signal.removeEventListener('abort', stop)
    // Asked to stop, not terminated: a thread that dies inside a native library takes the process
    // with it.
    stop()
    await Promise.all(workers.map(({ ended }) => ended))
  }
}

interface Running {
  worker: Worker
  done: Promise<CombinationResult[]>
  ended: Promise<unknown>
}

function startWorker(share: Share): Running {
  // Bundled, the entry lies beside this chunk as JavaScript.
  const name = import.meta.url.endsWith('.ts') ? './sweep-worker.ts' : './sweep-worker.js'
  const worker = new Worker(new URL(name, import.meta.url), {
    workerData: share,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
  })
  const done = new Promise<CombinationResult[]>((resolve, reject) => {
    worker.once('message', (answer: Answer) =>
      'results' in answer ? resolve(answer.results) : reject(errorOf(answer)),
    )
    worker.once('error', reject)
    worker.once('exit', code =>
      reject(new Failure(`a thread of the sweep ended early (exit ${code})`)),
    )
  })
  return { worker, done, ended: new Promise(resolve => worker.once('exit', resolve)) }
}
