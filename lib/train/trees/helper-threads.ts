import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import { Failure } from '../../base/errors.ts'
import type { ForestShare } from './forest.ts'
import type { GrowRules } from './grow.ts'
import type { GrowMemory } from './grow-memory.ts'
import type { Tree } from './tree.ts'

/** Work for another thread. */
export type TreeJob =
  | { type: 'boost'; memory: GrowMemory; rank: number; rules: GrowRules }
  | { type: 'forest'; share: ForestShare; rank: number; progress: Int32Array }
/** What a thread that grows a forest says: its trees, or why it has none. */
export type TreeReport = { trees: Tree[][] } | { error: string }

/** Other threads that help this one. Rank 0 is this thread, 1 … size are they. */
export interface Helpers {
  size: number
  send(rank: number, job: TreeJob): void
  /** Waits for a thread's report, blocking this one. @throws Failure when it failed. */
  receive(rank: number): { trees: Tree[][] }
}

const POLL_MS = 2

/** Helpers behind the ports of their threads, which may still be starting; none without ports. */
export function makeHelpers(ports: readonly MessagePort[]): Helpers | undefined {
  if (ports.length === 0) return undefined
  const nap = new Int32Array(new SharedArrayBuffer(4))
  const portOf = (rank: number): MessagePort => ports[rank - 1]!
  return {
    size: ports.length,
    send: (rank, job) => portOf(rank).postMessage(job),
    receive(rank) {
      for (;;) {
        const report = receiveMessageOnPort(portOf(rank))?.message as TreeReport | undefined
        if (report === undefined) Atomics.wait(nap, 0, 0, POLL_MS)
        else if ('error' in report) throw new Failure(report.error)
        else return report
      }
    },
  }
}
