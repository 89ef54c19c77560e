import { DataError } from '../../base/errors.ts'
import type { Time } from '../../sources/net/budget.ts'
import type { Line } from '../../stream/line.ts'
import type { Holding } from '../book.ts'
import { type Opened, takeAll } from '../execute/execute.ts'
import type { Intent } from '../intents.ts'
import { placedOf } from '../place-order.ts'
import { leave } from '../selling.ts'
import { finish } from '../settling.ts'
import { makeTrader } from '../trader.ts'
import type { Priced } from '../view.ts'
import type { LiveVenue } from './send/live-venue.ts'
import { type Bell, makeBell } from './wake-up.ts'

/** Whether a position is to be sold whatever it is worth. */
export type Flatten = ((mint: string) => boolean) | undefined

interface LiveParts {
  opened: Opened
  venue: LiveVenue
  time: Time
  flatten: Flatten
  /** Makes the book agree with the chain; called with nothing in flight. */
  match(): Promise<void>
}

/**
 * The trading of a live run: lines, outcomes and prices come in whenever they come; what it writes
 * waits in `outbox`.
 */
export interface LiveRun {
  /** Rings when there is something to do. */
  bell: Bell
  /** Lines that are in the ledger and wait to leave. */
  outbox: Line[]
  /**
   * Ends what an earlier run left, then looks at the wallet; before that nothing new is decided.
   */
  start(): Promise<void>
  isReady(): boolean
  take(lines: readonly Line[]): Promise<void>
  told(mint: string, priced: Priced): Promise<void>
  holdings(): Holding[]
  /** The sale of a position that was to be flattened has been tried. */
  isTried(mint: string): boolean
  failure(): unknown
  /** A line that cannot be traded on: no more lines then, but what is held is looked after. */
  trouble(): unknown
  fail(error: unknown): void
}

/** States in which bytes may be on their way. */
const SIGNED: readonly string[] = ['signed', 'sent', 'unknown']

/** Ties the trader to the venue: what happens is in the ledger before the venue goes on. */
export function makeLiveRun({ opened, venue, time, flatten, match }: LiveParts): LiveRun {
  const { desk, commit, signedOf } = opened
  const trader = makeTrader(desk)
  const [bell, own] = [makeBell(), makeBell()]
  const ring = (): void => {
    bell.ring()
    own.ring()
  }
  const outbox: Line[] = []
  const tried = new Set<string>()
  let failure: unknown
  let trouble: unknown
  let isReady = false
  let isLooking = false

  const fail = (error: unknown): void => {
    failure ??= error
    ring()
  }
  /** Everything that has happened goes into the ledger; then the venue may go on. */
  const act = async (what: () => void): Promise<void> => {
    try {
      what()
      outbox.push(...commit())
      await venue.flush()
    } catch (error) {
      fail(error)
    }
    ring()
  }
  const look = (): void => {
    isLooking = false
    void act(() =>
      trader.look({
        v: 1,
        id: `tick:${time.now()}`,
        ts: time.now(),
        kind: 'tick',
        source: 'execute',
      }),
    )
  }
  venue.onNews(error => {
    if (error !== undefined) fail(error)
    // What happens in one turn is written with one sync.
    if (!isLooking) queueMicrotask(look)
    isLooking = true
  })
  const resume = (intent: Intent): void => {
    const signed = SIGNED.includes(intent.order.state) ? signedOf(intent.key) : undefined
    if (desk.account.isFilled(intent.key)) finish(desk, intent, undefined)
    else venue.place({ ...placedOf(intent), signed })
  }
  return {
    bell,
    outbox,
    async start() {
      trader.begin(time.now())
      await act(() => [...desk.account.intents.open()].forEach(resume))
      while (venue.pending() > 0 && failure === undefined) await own.wait()
      try {
        if (failure === undefined) await match()
      } catch (error) {
        fail(error)
      }
      isReady = true
      await act(() => undefined)
    },
    isReady: () => isReady,
    take: lines =>
      act(() => {
        const error = takeAll(trader, lines)
        if (error instanceof DataError) trouble ??= error
        else if (error !== undefined) fail(error)
      }),
    told: (mint, priced) =>
      act(() => {
        trader.told(mint, priced)
        const h = desk.account.book.heldOf(mint)
        if (h === undefined || !isReady || flatten?.(mint) !== true || tried.has(mint)) return
        tried.add(mint)
        leave(desk, h, 'manual', `quote:${mint}:${priced.ts}`)
      }),
    holdings: () => [...desk.account.book.holdings()],
    isTried: mint => tried.has(mint),
    failure: () => failure,
    trouble: () => trouble,
    fail,
  }
}
