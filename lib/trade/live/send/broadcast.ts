import { DataError, TemporaryError } from '../../../base/errors.ts'
import type { SignedSwap } from '../../venue.ts'
import type { FlightTools } from './flight.ts'

export interface Broadcast {
  /** Sends the bytes on every way that is not still busy with them. Does not wait. */
  send(): void
  /** Returns when the first sending has been written down, if there was one. */
  settled(): Promise<void>
}

/**
 * Sends the same signed bytes again and again; whether they arrive is for the chain to say, so an
 * answer or an error of a sending decides nothing. A way that hangs is not waited for and does not
 * hold up the others.
 */
export function makeBroadcast(
  tools: Pick<FlightTools, 'chain' | 'swapper' | 'relay' | 'closed' | 'count'>,
  { tx, requestId }: SignedSwap,
  { maySend, onFirst }: { maySend(): boolean; onFirst(): Promise<void> },
): Broadcast {
  const { chain, swapper, relay, closed } = tools
  const ways: (() => Promise<void>)[] = [() => chain.send(tx, closed)]
  if (relay !== undefined) ways.push(() => relay(tx, closed))
  if (swapper.land !== undefined && requestId !== undefined)
    ways.push(async () => swapper.land?.(tx, requestId, closed))
  const busy = new Set<number>()
  let first: Promise<void> | undefined
  let bug: unknown
  const go = async (way: number): Promise<void> => {
    busy.add(way)
    try {
      await ways[way]?.()
    } catch (error) {
      if (!(error instanceof DataError || error instanceof TemporaryError || closed.aborted))
        bug = error
      tools.count('send-trouble')
    } finally {
      busy.delete(way)
    }
  }
  return {
    send() {
      if (bug !== undefined) throw bug
      if (!maySend()) return
      for (let way = 0; way < ways.length; way++) if (!busy.has(way)) void go(way)
      first ??= onFirst()
    },
    settled: async () => first,
  }
}
