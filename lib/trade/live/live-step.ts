import { HaltError, TemporaryError } from '../../base/errors.ts'
import type { Time } from '../../sources/net/budget.ts'
import type { Line } from '../../stream/line.ts'
import type { Step } from '../../stream/step.ts'
import type { Holding } from '../account/book.ts'
import type { Intent } from '../account/intents.ts'
import type { Opened } from '../execute/execute.ts'
import type { Flatten, LiveRun } from './live-run.ts'
import { type Guarded, guard } from './position-guard.ts'
import type { LiveVenue } from './send/live-venue.ts'

interface LiveStep {
  run: LiveRun
  opened: Opened
  venue: LiveVenue
  time: Time
  swapper: Guarded['swapper']
  flatten: Flatten
  /** The reader of our output has gone, or a signal has come; `interrupted`: a signal. */
  signal: AbortSignal
  interrupted: AbortSignal
  /** Fires when all work ends. */
  closed: AbortSignal
  /** Gives up what is not signed. */
  stop(): void
  close(): void
  /** A line has come in: how old is the market that we see? */
  saw(lines: readonly Line[]): void
  /** Why a human should look before it goes on. */
  haltedBy(): string | undefined
  count(what: string): void
}

/** A held token is lonely when no line has told its price for this long. */
const LONELY_MS = 4000
/** What has no price for this long is not going to be sold now. */
const HOPELESS_MS = 60_000

/**
 * The step of `execute --live`. It has a life of its own: outcomes come when the chain tells them,
 * positions are guarded when nobody tells their prices, and a reader that is slow or gone holds up
 * nothing.
 */
export function makeLiveStep(live: LiveStep): Step {
  const { run } = live
  return {
    isReducer: true,
    feed: input => feed(live, input),
    async batch(lines, emit) {
      live.saw(lines)
      if (lines.length > 0) await run.take(lines)
      for (const line of run.outbox.splice(0)) emit(line)
    },
    close() {
      live.close()
      live.opened.close()
    },
  }
}

/**
 * The input, as long as it lasts; then empty batches whenever there is something to tell, until
 * nothing is at stake.
 */
async function* feed(live: LiveStep, input: AsyncIterable<Line[]>): AsyncGenerator<Line[]> {
  const { run, interrupted, signal } = live
  const intake = makeIntake(input, run.wakeUp.wake)
  const startedAt = live.time.now()
  const isEnded = (): boolean =>
    intake.hasEnded() ||
    run.trouble() !== undefined ||
    live.flatten !== undefined ||
    signal.aborted ||
    run.failure() !== undefined
  let hasGuarded = false
  signal.addEventListener('abort', run.wakeUp.wake)
  interrupted.addEventListener('abort', () => {
    live.stop()
    run.wakeUp.wake()
  })
  void run.start()
  void watchOver(live, isEnded)
  for (;;) {
    const lines = intake.take()
    const isAtStake = isBusy(live, live.time.now() - startedAt)
    hasGuarded ||= isEnded() && isAtStake && live.flatten === undefined
    if (lines !== undefined && run.failure() === undefined) yield lines
    else if (run.outbox.length > 0) yield []
    else if (isEnded() && !isAtStake) break
    else {
      if (run.isReady() && !isEnded()) intake.ask()
      await run.wakeUp.wait()
    }
  }
  conclude(live, run.trouble() ?? intake.trouble(), hasGuarded)
}

/**
 * Orders on their way, or positions that somebody has to look after. A bug or a signal ends the
 * looking after.
 */
function isBusy(live: LiveStep, elapsed: number): boolean {
  const { run, venue, flatten, interrupted } = live
  if (run.failure() !== undefined) return false
  const isFlying = venue.pending() > 0
  if (isFlying && [...live.opened.trading.account.intents.open()].some(isHopeful)) return true
  // What nobody can tell may stay so for ever: it keeps a run from beginning, not from ending.
  if (isFlying && interrupted.aborted) return false
  if (!run.isReady()) return true
  if (interrupted.aborted) return false
  const isSellable = (h: Holding): boolean =>
    flatten?.(h.mint) === true && !run.isTried(h.mint) && elapsed < HOPELESS_MS
  return run.holdings().some(flatten === undefined ? isOpen : isSellable)
}

const isHopeful = ({ order }: Intent): boolean => order.state !== 'unknown'
const isOpen = (h: Holding): boolean => h.status === 'open'

async function watchOver(live: LiveStep, isEnded: () => boolean): Promise<void> {
  const { run, time, swapper, count, flatten, opened } = live
  const lonely = (): Holding[] =>
    run.holdings().filter(h => {
      if (flatten === undefined ? !isOpen(h) : !flatten(h.mint)) return false
      return isEnded() || time.now() - (opened.trading.view.get(h.mint)?.heardAt ?? 0) >= LONELY_MS
    })
  const told: Guarded['told'] = (mint, priced) => void run.told(mint, priced)
  // A price that cannot be had is news too: to wait for it may have become hopeless.
  const counted = (what: string): void => {
    count(what)
    run.wakeUp.wake()
  }
  try {
    await guard(
      { swapper, time, lonely, told, count: counted },
      AbortSignal.any([live.closed, live.interrupted]),
    )
  } catch (error) {
    if (!live.closed.aborted) run.fail(error)
  }
}

/**
 * Reads the input one batch ahead, and keeps what is wrong with it for the end: positions outlive
 * bad input.
 */
function makeIntake(input: AsyncIterable<Line[]>, wake: () => void) {
  const iterator = input[Symbol.asyncIterator]()
  let batch: Line[] | undefined
  let [isAsking, hasEnded] = [false, false]
  let trouble: unknown
  const ask = async (): Promise<void> => {
    isAsking = true
    try {
      const got = await iterator.next()
      if (got.done === true) hasEnded = true
      else batch = got.value
    } catch (error) {
      trouble = error
      hasEnded = true
    }
    isAsking = false
    wake()
  }
  return {
    ask: () => void (isAsking || hasEnded ? undefined : ask()),
    take(): Line[] | undefined {
      const taken = batch
      batch = undefined
      return taken
    },
    hasEnded: () => hasEnded,
    trouble: () => trouble,
  }
}

/** Throws what the operator has to know at the end. */
function conclude(
  { run, opened, signal, interrupted, flatten, haltedBy }: LiveStep,
  trouble: unknown,
  hasGuarded: boolean,
): void {
  const problem = run.failure() ?? trouble
  if (problem !== undefined) throw problem
  const unknown = [...opened.trading.account.intents.open()].find(
    ({ order }) => order.state === 'unknown',
  )
  if (unknown !== undefined)
    throw new HaltError(`${unknown.key}: nobody can tell what became of it; look it up`)
  const halted = haltedBy()
  if (halted !== undefined) throw new HaltError(halted)
  const left = run.holdings().filter(h => (flatten === undefined ? isOpen(h) : flatten(h.mint)))
  if (left.length > 0)
    throw new TemporaryError(
      `${left.length} positions are still open: ${left.map(h => h.mint).join(' ')}`,
    )
  if (hasGuarded)
    throw new TemporaryError('the input ended with open positions; they have been closed')
  if (signal.aborted && !interrupted.aborted)
    throw new TemporaryError('the reader of the output has gone')
}
