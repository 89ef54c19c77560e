import type { Time } from '../../../lib/sources/net/budget.ts'
import type { Cluster } from '../../svm/cluster.ts'

const BLOCK_MS = 400
/** More wake-ups than any honest run needs. */
const ENOUGH = 200_000

export interface VirtualTime extends Time {
  /**
   * Lets time pass, blocks with it, until the work is done. Fails when nothing is left that could
   * end it.
   */
  until<T>(work: Promise<T>): Promise<T>
}

/**
 * Time that passes as soon as everybody waits: the same order of events on every machine, however
 * busy.
 */
export function makeVirtualTime(cluster: Cluster): VirtualTime {
  const startedAt = cluster.now()
  let now = startedAt
  let blocks = 0
  let order = 0
  const sleepers: { at: number; order: number; wake(): void }[] = []
  const pass = (): void => {
    const next = sleepers.shift()
    if (next === undefined) throw new Error('everybody waits for nothing')
    now = Math.max(now, next.at)
    const due = Math.floor((now - startedAt) / BLOCK_MS)
    cluster.advance(due - blocks)
    blocks = due
    next.wake()
  }
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise(resolve => {
        if (signal.aborted || ms <= 0) return resolve()
        const sleeper = { at: now + ms, order: order++, wake: resolve }
        sleepers.push(sleeper)
        sleepers.sort((a, b) => a.at - b.at || a.order - b.order)
        const onAbort = (): void => {
          sleepers.splice(sleepers.indexOf(sleeper), 1)
          resolve()
        }
        sleeper.wake = () => {
          signal.removeEventListener('abort', onAbort)
          resolve()
        }
        signal.addEventListener('abort', onAbort)
      }),
    async until(work) {
      let isDone = false
      const settle = (): void => void (isDone = true)
      work.then(settle, settle)
      for (let i = 0; ; i++) {
        for (let turn = 0; turn < 4; turn++) await new Promise(resolve => setImmediate(resolve))
        if (isDone) return work
        if (i > ENOUGH) throw new Error('it does not end')
        pass()
      }
    },
  }
}
