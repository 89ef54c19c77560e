import { DataError, TemporaryError } from '../../base/errors.ts'
import type { Rec } from '../../records/record.ts'
import type { Time } from '../../sources/net/budget.ts'
import type { Line } from '../../stream/line.ts'
import type { Holding } from '../account/book.ts'
import type { Intent } from '../account/intents.ts'
import { type Opened, takeAll } from '../execute/execute.ts'
import { placedOf } from '../place-order.ts'
import { leave } from '../selling.ts'
import { finish } from '../settling.ts'
import { makeTrader } from '../trader.ts'
import type { Priced } from '../view.ts'
import { placeLine } from '../writing.ts'
import type { LiveVenue } from './send/live-venue.ts'
import { makeWakeUp, type WakeUp } from './wake-up.ts'

/** Whether a position is to be sold whatever it is worth. */
export type Flatten = ((mint: string) => boolean) | undefined

interface LiveParts {
  opened: Opened
  venue: LiveVenue
  time: Time
  flatten: Flatten
  /**
   * Reads the wallet; what it returns makes the book agree with it, if nothing has moved meanwhile.
   */
  match(): Promise<() => void>
  /** Transactions of the wallet so far that are not of this ledger. */
  foreign(): number
  /** Orders that take deposits back, as lines; absent = none are wanted. */
  reclaim?: (() => Promise<Rec[]>) | undefined
  /** Fires when all work ends. */
  closed: AbortSignal
  count(what: string): void
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
  /** Orders that an earlier run left, with the number of their newest line then. */
  resumed: Map<string, number>
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
    resumed: new Map(),
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
  const { opened, time } = state
  state.trader.begin(time.now())
  await act(state, () => {
    for (const intent of [...opened.trading.account.intents.open()]) resume(state, intent)
  })
  try {
    await matched(state)
    const claims = (await state.reclaim?.()) ?? []
    await act(state, () => {
      for (const line of claims) placeLine(opened.trading, line)
    })
  } catch (error) {
    fail(state, error)
  }
  state.isReady = true
  await act(state, () => undefined)
  void keepMatched(state)
}

/** Goes on with an order that an earlier run left in flight. */
function resume({ opened, venue, resumed }: State, intent: Intent): void {
  const { trading, signedOf } = opened
  const { state } = intent.order
  const signed = SIGNED.includes(state) ? signedOf(intent.key) : undefined
  if (trading.account.isFilled(intent.key)) finish(trading, intent, undefined)
  else {
    resumed.set(intent.key, intent.lines)
    venue.place({ ...placedOf(intent), signed, wasUnknown: state === 'unknown' })
  }
}

/** True for an order of which this run has said that nobody can tell what became of it. */
const isGivenUp = ({ resumed }: State, { key, lines, order }: Intent): boolean =>
  order.state === 'unknown' && lines > (resumed.get(key) ?? 0)

/**
 * Makes the book agree with the chain, at a moment when nothing is on its way; what nobody can tell
 * is not waited for.
 */
async function matched(state: State): Promise<void> {
  const { account } = state.opened.trading
  const isMoving = (): boolean => [...account.intents.open()].some(each => !isGivenUp(state, each))
  const isOver = (): boolean => state.failure !== undefined || state.closed.aborted
  for (;;) {
    while (isMoving() && !isOver()) await state.own.wait()
    if (isOver()) return
    const before = account.changes()
    const agree = await state.match()
    if (account.changes() !== before) continue
    await act(state, agree)
    return
  }
}

const MATCH_MS = 30_000

/**
 * While there are orders of unknown outcome, and once more after the last: what they bought is
 * found in the wallet whoever fails to tell of it. And when somebody else has used the key.
 */
async function keepMatched(state: State): Promise<void> {
  const { opened, time, closed, count, foreign } = state
  for (let [wasUnknown, known] = [false, 0]; !closed.aborted; ) {
    const isUnknown = [...opened.trading.account.intents.open()].some(
      ({ order }) => order.state === 'unknown',
    )
    try {
      const found = foreign()
      if (isUnknown || wasUnknown || found > known) await matched(state)
      known = found
    } catch (error) {
      if (!(error instanceof DataError || error instanceof TemporaryError)) {
        if (!closed.aborted) fail(state, error)
        return
      }
      count('match-trouble')
    }
    wasUnknown = isUnknown
    await time.sleep(MATCH_MS, closed)
  }
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
