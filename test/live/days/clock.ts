import type { Time } from '../../../lib/sources/net/budget.ts'

interface Sleeper {
  at: number
  order: number
  wake(): void
}

/** Time that passes as soon as everybody waits; there is no other. Milliseconds from 0. */
export interface Clock {
  now(): number
  sleep: Time['sleep']
  /** Lets time pass until the work is done. Fails when nothing is left that could end it. */
  until<T>(work: Promise<T>): Promise<T>
  /** What its owner sees: it may run too fast, and be set while it runs. */
  wall: { now(): number; monotonic(): number; setBy(ms: number): void; drift: number }
}

/** More wake-ups than any day has: a day without an end is a failure, not a wait. */
const ENOUGH = 200_000

/** A clock that shows `startedAt` (ms UTC) at first. */
export function makeClock(startedAt: number): Clock {
  let [now, order] = [0, 0]
  const heap: Sleeper[] = []
  const isBefore = (a: Sleeper, b: Sleeper): boolean =>
    a.at < b.at || (a.at === b.at && a.order < b.order)
  const push = (sleeper: Sleeper): void => {
    let at = heap.push(sleeper) - 1
    for (let up = (at - 1) >> 1; at > 0 && isBefore(sleeper, heap[up]!); up = (at - 1) >> 1) {
      heap[at] = heap[up]!
      at = up
    }
    heap[at] = sleeper
  }
  const pop = (): Sleeper => {
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined) throw new Error('everybody waits for nothing')
    if (first === last) return first
    let at = 0
    for (let low = 1; low < heap.length; low = 2 * at + 1) {
      if (low + 1 < heap.length && isBefore(heap[low + 1]!, heap[low]!)) low++
      if (!isBefore(heap[low]!, last)) break
      heap[at] = heap[low]!
      at = low
    }
    heap[at] = last
    return first
  }
  let offset = startedAt
  const wall: Clock['wall'] = {
    now: () => Math.floor(offset + now * (1 + wall.drift)),
    monotonic: () => now * (1 + wall.drift),
    setBy: ms => void (offset += ms),
    drift: 0,
  }
  return {
    now: () => now,
    wall,
    sleep: (ms, signal) =>
      new Promise(resolve => {
        if (signal.aborted || ms <= 0) return resolve()
        const finish = (): void => {
          signal.removeEventListener('abort', finish)
          resolve()
        }
        push({ at: now + ms, order: order++, wake: finish })
        signal.addEventListener('abort', finish)
      }),
    async until(work) {
      let isDone = false
      const settle = (): void => void (isDone = true)
      work.then(settle, settle)
      for (let turns = 0; ; turns++) {
        // Nothing here waits for anything but time: one turn of the loop lets all of it run.
        await new Promise(resolve => setImmediate(resolve))
        if (isDone) return work
        if (turns > ENOUGH) throw new Error('the day does not end')
        const next = pop()
        now = Math.max(now, next.at)
        next.wake()
      }
    },
  }
}
