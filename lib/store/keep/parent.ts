import { isAlive, startOf } from '../lock.ts'

const LOOK_EVERY_MS = 500

/**
 * Calls `onGone` once, within half a second of the end of the process `pid`, however it ended; at
 * once when it is gone already. A later process with the same id is not taken for it. What is
 * returned ends the watch.
 */
export function watchParent(pid: number, onGone: () => void): () => void {
  const start = startOf(pid)
  if (start === undefined) {
    onGone()
    return () => {}
  }
  const timer = setInterval(() => {
    if (isAlive(pid, start)) return
    clearInterval(timer)
    onGone()
  }, LOOK_EVERY_MS)
  timer.unref()
  return () => clearInterval(timer)
}
