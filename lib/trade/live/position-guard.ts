import { DataError, TemporaryError } from '../../base/errors.ts'
import { WSOL } from '../../sources/decode/programs.ts'
import type { Time } from '../../sources/net/budget.ts'
import type { Holding } from '../account/book.ts'
import type { Priced } from '../view.ts'
import type { Swapper } from './send/swapper.ts'

const EVERY_MS = 2000
const ANY_BPS = 1000

/** What the guard looks after. */
export interface Guarded {
  swapper: Pick<Swapper, 'quote'>
  time: Time
  /** Held tokens that no line has told a price of lately. */
  lonely(): Holding[]
  told(mint: string, priced: Priced): void
  count(what: string): void
}

/**
 * Asks the exchange every 2 s what the positions would bring that nobody else tells prices of,
 * until stopped.
 */
export async function guard(guarded: Guarded, stop: AbortSignal): Promise<void> {
  const { time, lonely } = guarded
  while (!stop.aborted) {
    await Promise.all(lonely().map(holding => look(guarded, holding, stop)))
    await time.sleep(EVERY_MS, stop)
  }
}

async function look(
  { swapper, time, told, count }: Guarded,
  h: Holding,
  stop: AbortSignal,
): Promise<void> {
  const { mint, amount } = h
  if (amount <= 0n) return
  try {
    const quote = await swapper.quote(
      { inMint: mint, outMint: WSOL, amount, slippageBps: ANY_BPS },
      stop,
    )
    if (quote === undefined) count('guard-without-route')
    else told(mint, { ts: time.now(), amount, out: quote.outAmount })
  } catch (error) {
    if (!(error instanceof DataError || error instanceof TemporaryError || stop.aborted))
      throw error
    count('guard-trouble')
  }
}
