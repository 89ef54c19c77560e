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
import { makeWakeUp, type WakeUp } from './wake-up.ts'

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
  /** Wakes who waits when there is something to do. */
  wakeUp: WakeUp
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

/** What the parts of a live run share. */
interface State extends LiveParts {
  trader: ReturnType<typeof makeTrader>
  /** For those outside, and for the start of the run itself. */
  wakeUp: WakeUp
  own: WakeUp
  outbox: Line[]
  /** Tokens whose flattening was tried. */
  tried: Set<string>
  failure: unknown
  trouble: unknown
  isReady: boolean
  isLooking: boolean
}

/** Ties the trader to the venue: what happens is in the ledger before the venue goes on. */
export function makeLiveRun(parts: LiveParts): LiveRun {
  const { trading } = parts.opened
  const state: State = {
    ...parts,
    trader: makeTrader(trading),
    wakeUp: makeWakeUp(),
    own: makeWakeUp(),
    outbox: [],
    tried: new Set(),
    failure: undefined,
    trouble: undefined,
    isReady: false,
    isLooking: false,
  }
  parts.venue.onNews(error => {
    if (error !== undefined) fail(state, error)
    // What happens in one turn is written with one sync.
    if (!state.isLooking) queueMicrotask(() => look(state))
    state.isLooking = true
  })
  return {
    wakeUp: state.wakeUp,
    outbox: state.outbox,
    start: () => start(state),
    isReady: () => state.isReady,
    take: lines =>
      act(state, () => {
        const error = takeAll(state.trader, lines)
        if (error instanceof DataError) state.trouble ??= error
        else if (error !== undefined) fail(state, error)
      }),
    told: (mint, priced) => act(state, () => told(state, mint, priced)),
    holdings: () => [...trading.account.book.holdings()],
    isTried: mint => state.tried.has(mint),
    failure: () => state.failure,
    trouble: () => state.trouble,
    fail: error => fail(state, error),
  }
}

function wake({ wakeUp, own }: State): void {
  wakeUp.wake()
  own.wake()
}

function fail(state: State, error: unknown): void {
  state.failure ??= error
  wake(state)
}

/** Everything that has happened goes into the ledger; then the venue may go on. */
async function act(state: State, what: () => void): Promise<void> {
  try {
    what()
    state.outbox.push(...state.opened.commit())
    await state.venue.flush()
  } catch (error) {
    fail(state, error)
  }
  wake(state)
}

/** Takes in what the venue has to say, with no line at hand. */
function look(state: State): void {
  state.isLooking = false
  void act(state, () => {
    const ts = state.time.now()
    state.trader.look({ v: 1, id: `tick:${ts}`, ts, kind: 'tick', source: 'execute' })
  })
}

async function start(state: State): Promise<void> {
  const { opened, venue, time, match, own } = state
  state.trader.begin(time.now())
  await act(state, () => {
    for (const intent of [...opened.trading.account.intents.open()]) resume(state, intent)
  })
  while (venue.pending() > 0 && state.failure === undefined) await own.wait()
  try {
    if (state.failure === undefined) await match()
  } catch (error) {
    fail(state, error)
  }
  state.isReady = true
  await act(state, () => undefined)
}

/** Goes on with an order that an earlier run left in flight. */
function resume({ opened, venue }: State, intent: Intent): void {
  const { trading, signedOf } = opened
  const signed = SIGNED.includes(intent.order.state) ? signedOf(intent.key) : undefined
  if (trading.account.isFilled(intent.key)) finish(trading, intent, undefined)
  else venue.place({ ...placedOf(intent), signed })
}

function told(state: State, mint: string, priced: Priced): void {
  const { opened, flatten, tried } = state
  const { trading } = opened
  state.trader.told(mint, priced)
  const held = trading.account.book.heldOf(mint)
  if (held === undefined || !state.isReady || flatten?.(mint) !== true || tried.has(mint)) return
  tried.add(mint)
  leave(trading, held, 'manual', `quote:${mint}:${priced.ts}`)
}
