import { quoteOf } from '../../quote.ts'
import type { Moved, Outcome, Placed, Quote, Venue } from '../../venue.ts'
import type { Seen } from '../../view.ts'
import { type FlightTools, fly } from './flight.ts'

export const SIGNATURE_FEE = 5000n

export interface LiveVenue extends Venue {
  flush(): Promise<void>
  /** Calls back when `settle` has something new, or an order has ended in a bug. */
  onNews(listen: (failure: unknown) => void): void
}

interface News {
  outcome: Outcome
  isEnd: boolean
  wasWritten(): void
}

/**
 * The venue of real orders. Each order is taken to its end by a flight of its own; whatever a
 * flight has to say comes out of `settle`, goes into the ledger, and the flight goes on when
 * `flush` tells that it is there.
 */
export function makeLiveVenue(
  tools: Omit<FlightTools, 'report'>,
  { maxPriorityFee }: { maxPriorityFee: bigint },
): LiveVenue {
  const placed: Placed[] = []
  const flying = new Set<string>()
  const news: News[] = []
  const told: News[] = []
  let listen: (failure: unknown) => void = () => undefined
  const say = (outcome: Outcome, isEnd: boolean): Promise<void> =>
    new Promise(resolve => {
      news.push({ outcome, isEnd, wasWritten: resolve })
      listen(undefined)
    })
  const flightDesk: FlightTools = {
    ...tools,
    report: (moved: Moved | Outcome) => say(moved, false),
  }
  const start = async (order: Placed): Promise<void> => {
    try {
      await say(await fly(flightDesk, order), true)
    } catch (error) {
      if (!tools.closed.aborted) listen(error)
    }
  }
  return {
    name: tools.swapper.name,
    quote: liveQuote,
    costs: (_seen, side) => ({
      fee: SIGNATURE_FEE,
      priorityFee: maxPriorityFee + tools.tip,
      rent: side === 'buy' ? tools.profile().tokenAccountRent : 0n,
    }),
    place: order => void placed.push({ ...order, priorityFee: order.priorityFee - tools.tip }),
    settle() {
      const now = news.splice(0)
      told.push(...now)
      for (const { outcome, isEnd } of now) if (isEnd) flying.delete(outcome.intent)
      return now.map(({ outcome }) => outcome)
    },
    async flush() {
      for (const { wasWritten } of told.splice(0)) wasWritten()
      for (const order of placed.splice(0)) {
        flying.add(order.intent)
        void start(order)
      }
    },
    pending: () => flying.size + placed.length,
    onNews: callback => {
      listen = callback
    },
  }
}

/**
 * By the exchange’s own last price of a held token where that is newer than any line; only SOL is
 * traded for.
 */
function liveQuote(
  seen: Seen,
  side: 'buy' | 'sell',
  amount: bigint,
  pool: string | undefined,
): Quote | undefined {
  if (seen.told !== undefined && side === 'sell') {
    const { out, amount: of } = seen.told
    return of === 0n
      ? undefined
      : { out: (out * amount) / of, currency: 'sol', baseDecimals: seen.decimals ?? 9 }
  }
  const quote = quoteOf(seen, side, amount, pool)
  return quote?.currency === 'sol' ? quote : undefined
}
