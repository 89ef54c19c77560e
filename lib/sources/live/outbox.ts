import type { Line } from '../../stream/line.ts'
import { tickLine } from '../ticks.ts'

/** Where producers put lines and the source takes batches from. */
export interface Outbox {
  /** Puts lines in; waits while the reader is far behind. */
  put(lines: Line[]): Promise<void>
  /** Batches until the outbox is closed. */
  batches(): AsyncGenerator<Line[]>
  close(error?: unknown): void
}

/** Lines that may wait before producers are held back. */
const MAX_WAITING = 20_000

/**
 * Many producers, one reader. Lines that wait leave as one batch. `every` > 0 puts in a tick line whenever `now` passes a
 * multiple of it, also when nothing else happens.
 */
export function makeOutbox(every: number, now: () => number): Outbox {
  let waiting: Line[] = []
  let isClosed = false
  let failure: unknown
  let wake: (() => void) | undefined
  let room: (() => void)[] = []
  let ticked = every > 0 ? Math.floor(now() / every) * every : 0

  const awaken = (): void => {
    wake?.()
    wake = undefined
  }
  const tick = (): void => {
    if (every === 0) return
    const due = Math.floor(now() / every) * every
    if (due <= ticked) return
    ticked = due
    waiting.push(tickLine(due))
  }
  const untilNext = (): Promise<void> =>
    new Promise(resolve => {
      const timer = every > 0 ? setTimeout(awaken, ticked + every - now() + 1) : undefined
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  const letIn = (): void => {
    const held = room
    room = []
    for (const go of held) go()
  }
  return {
    async put(lines) {
      if (isClosed || lines.length === 0) return
      tick()
      for (const line of lines) waiting.push(line)
      awaken()
      while (waiting.length >= MAX_WAITING && !isClosed) await new Promise<void>(resolve => room.push(resolve))
    },
    async *batches() {
      while (true) {
        tick()
        if (waiting.length > 0) {
          const batch = waiting
          waiting = []
          letIn()
          yield batch
        } else if (isClosed) break
        else await untilNext()
      }
      if (failure !== undefined) throw failure
    },
    close(error) {
      isClosed = true
      failure ??= error
      letIn()
      awaken()
    },
  }
}
