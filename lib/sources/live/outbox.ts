import type { Line } from '../../stream/line.ts'
import { tickLine } from '../../stream/ticks.ts'
import type { Time } from '../net/budget.ts'

/** Where producers put lines and the source takes batches from. */
interface Outbox {
  /** Puts lines in; waits while the reader is far behind. */
  put(lines: Line[]): Promise<void>
  /** Batches until the outbox is closed. */
  batches(): AsyncGenerator<Line[]>
  close(error?: unknown): void
}

type Saw = (lines: readonly Line[]) => void

const WOKEN = 'woken'
/** Longest wait of a timer. */
const FOREVER = 2 ** 31 - 1
/** Time never runs back as far as this by itself. */
const FAR_MS = 60_000
/** Lines that may wait before producers are held back. */
const MAX_WAITING = 20_000

/**
 * Many producers, one reader. Lines that wait leave as one batch. `every` > 0 puts in a tick line
 * whenever time passes a multiple of it, also when nothing else happens. `saw` is shown the lines
 * first: they may say that the time is another.
 */
export function makeOutbox(every: number, time: Time, saw?: Saw): Outbox {
  let waiting: Line[] = []
  let isClosed = false
  let failure: unknown
  let wake: (() => void) | undefined
  let room: (() => void)[] = []
  const ticks = makeTicks(every, time)

  const awaken = (): void => {
    wake?.()
    wake = undefined
  }
  const tick = (): void => {
    const due = ticks.due()
    if (due !== undefined) waiting.push(tickLine(due))
  }
  const untilNext = (): Promise<void> => {
    const early = new AbortController()
    // With a reason of ours no exception with its stack is made, for every single line.
    wake = () => early.abort(WOKEN)
    return time.sleep(ticks.wait(), early.signal)
  }
  const letIn = (): void => {
    const held = room
    room = []
    for (const go of held) go()
  }
  return {
    async put(lines) {
      if (isClosed || lines.length === 0) return
      saw?.(lines)
      tick()
      for (const line of lines) waiting.push(line)
      awaken()
      while (waiting.length >= MAX_WAITING && !isClosed)
        await new Promise<void>(resolve => room.push(resolve))
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

/** Multiples of `every` that time passes: each once, and anew where it was set far back. */
function makeTicks(every: number, time: Time) {
  const newest = (): number => Math.floor(time.now() / every) * every
  let ticked = every > 0 ? newest() : 0
  return {
    due(): number | undefined {
      if (every === 0) return undefined
      const due = newest()
      if (due <= ticked && due > ticked - FAR_MS) return undefined
      ticked = due
      return due
    },
    /** Until the next one, in ms. */
    wait: (): number => (every > 0 ? ticked + every - time.now() + 1 : FOREVER),
  }
}
