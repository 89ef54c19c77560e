import { parentPort, workerData } from 'node:worker_threads'
import { type ToldError, toldOf } from '../base/errors.ts'
import { type CombinationResult, runShare, type Share } from './branches.ts'

/** What a worker says at its end. */
export type Answer = { results: CombinationResult[] } | ToldError

/** Entry of a worker thread: one share of the combinations of a sweep. */
const stop = new AbortController()
parentPort?.on('message', () => stop.abort())
try {
  const results = await runShare(workerData as Share, { env: process.env, signal: stop.signal })
  parentPort?.postMessage({ results } satisfies Answer)
} catch (error) {
  parentPort?.postMessage(toldOf(error) satisfies Answer)
}
parentPort?.close()
