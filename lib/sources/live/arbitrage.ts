import { WSOL } from '../decode/programs.ts'
import { jupiter } from '../providers/jupiter.ts'
import { opportunityOf, quoteCall } from '../providers/jupiter-quote.ts'
import type { Stream } from './live-source.ts'
import type { Loop } from './loops.ts'

const EVERY_MS = 60_000
const IDLE_MS = 500

/**
 * Asks for followed tokens in turn what an amount of SOL comes back as on the way there and back.
 * What returns more than it cost is an opportunity; the rest is counted.
 */
export const arbitrageStream =
  (lamports: bigint, count: (what: string) => void): Stream =>
  async loop => {
    while (!loop.signal.aborted) {
      const now = loop.time.now()
      const [token] = loop.watch.due(now, 1, ({ enrichAt }) => enrichAt.get('quotes') ?? 0)
      if (token === undefined) await loop.time.sleep(IDLE_MS, loop.signal)
      else {
        token.enrichAt.set('quotes', now + EVERY_MS)
        await askAround(token.mint, lamports, loop, count)
      }
    }
  }

async function askAround(
  mint: string,
  lamports: bigint,
  loop: Loop,
  count: (what: string) => void,
): Promise<void> {
  const there = await loop.asker.ask(jupiter, quoteCall(WSOL, mint, lamports), loop.signal)
  if (there === undefined || there.outAmount === 0n) return count('paths without a route')
  const back = await loop.asker.ask(jupiter, quoteCall(mint, WSOL, there.outAmount), loop.signal)
  const found = back === undefined ? undefined : opportunityOf(there, back, loop.time.now())
  if (back === undefined || found === undefined) return count('paths without a route')
  if (back.outAmount <= there.inAmount) return count('paths that cost more than they return')
  await loop.put(loop.desk.take([found], jupiter.name, EVERY_MS, false))
}
