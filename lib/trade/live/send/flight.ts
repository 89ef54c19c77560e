import { DataError, HaltError, messageOf, TemporaryError } from '../../../base/errors.ts'
import type { Time } from '../../../sources/net/budget.ts'
import { isClaim } from '../../account/claims.ts'
import type { ChainProfile } from '../../chain-profile.ts'
import type { Failed, Moved, Outcome, Placed, SignedSwap } from '../../venue.ts'
import type { Witness } from '../chain/witness.ts'
import { REFUSALS, Refused } from '../sign/refused.ts'
import { makeBroadcast } from './broadcast.ts'
import { buildFor, signFor } from './build-swap.ts'
import { follow } from './follow.ts'
import { type NoSwap, quoteFor, type SwapTools } from './prepare-swap.ts'
import { signClaim } from './reclaim.ts'

/** What an order needs on its way. */
export interface FlightTools extends SwapTools {
  time: Time
  /** Fires when everything that is not signed is to be given up. */
  stopping: AbortSignal
  /** Fires when all work ends. */
  closed: AbortSignal
  isKilled(): boolean
  /** What the chain is like now. */
  profile(): ChainProfile
  /** The node has said that one finalized height decides. */
  finalizesAtOnce(): boolean
  /** Another node, for its word on what did not land. */
  witness?: Witness | undefined
  /** Oldest decision that may still be signed for. */
  maxAgeMs: number
  /** Looks at a token before it is bought: reasons against it. */
  vet?: ((order: Placed, signal: AbortSignal) => Promise<string[]>) | undefined
  /** Another way to a leader, beside node and exchange. */
  relay?: ((tx: string, signal: AbortSignal) => Promise<void>) | undefined
  /** Says how far it has come; returns when the ledger has it. */
  report(moved: Moved | Failed): Promise<void>
  warn(text: string): void
}

const RETRY_MS = 500
/** A sale that finds no quote for so long ends its try; the next one accepts a worse price. */
const SELL_PATIENCE_MS = 60_000
const LONGEST_PAUSE_MS = 30_000

/**
 * Takes an order to its end: prepares and signs a swap, or takes up what an earlier run signed, and
 * follows it.
 */
export async function fly(tools: FlightTools, order: Placed): Promise<Outcome> {
  const signed = order.signed ?? (await prepare(tools, order))
  if ('isFinal' in signed) {
    tools.warn(
      `${order.intent}: not sent: ` +
        `${signed.reason}${signed.text === undefined ? '' : ` (${signed.text})`}`,
    )
    return { intent: order.intent, state: 'expired', reason: signed.reason, fee: 0n }
  }
  const maySend = (): boolean => order.side === 'sell' || !tools.isKilled()
  const onFirst = async (): Promise<void> => {
    if (order.signed === undefined)
      await tools.report({ intent: order.intent, state: 'sent', change: {} })
  }
  return follow(tools, order, signed, makeBroadcast(tools, signed, { maySend, onFirst }))
}

/** Signed bytes that the ledger holds, or why there are none. */
async function prepare(tools: FlightTools, order: Placed): Promise<SignedSwap | NoSwap> {
  const { time, stopping } = tools
  const until =
    order.side === 'buy' ? order.decidedAt + tools.maxAgeMs : time.now() + SELL_PATIENCE_MS
  if (order.attempt > 1)
    await time.sleep(Math.min(LONGEST_PAUSE_MS, RETRY_MS * 2 ** (order.attempt - 2)), stopping)
  for (;;) {
    if (stopping.aborted) return { reason: 'stopped', isFinal: true }
    if (order.side === 'buy' && time.now() > until) return { reason: 'stale', isFinal: true }
    const tried = await attempt(tools, order)
    if ('signature' in tried || tried.isFinal || time.now() >= until) return tried
    await time.sleep(RETRY_MS, stopping)
  }
}

async function attempt(tools: FlightTools, order: Placed): Promise<SignedSwap | NoSwap> {
  const { closed, report } = tools
  const { intent } = order
  try {
    if (isClaim(order)) return await reported(tools, order, await signClaim(tools, order, closed))
    const against = order.side === 'buy' ? ((await tools.vet?.(order, closed)) ?? []) : []
    if (against.length > 0)
      return { reason: 'token-checks', text: against.join('; '), isFinal: true }
    const quote = await quoteFor(tools, order, closed)
    if ('isFinal' in quote) return quote
    const amounts = { quotedAmount: String(quote.outAmount), minOutAmount: String(quote.minOut) }
    await report({ intent, state: 'quoted', change: { ...amounts, venue: tools.swapper.name } })
    const made = await buildFor(tools, order, quote, closed)
    if ('isFinal' in made) return made
    if (order.side === 'buy' && tools.isKilled()) return { reason: 'kill-switch', isFinal: true }
    return await reported(tools, order, await signFor(tools, order, made, closed))
  } catch (error) {
    if (error instanceof HaltError) return { reason: 'caps', text: error.message, isFinal: true }
    if (error instanceof Refused) return refusedBy(tools, order, error)
    if (!(error instanceof DataError || error instanceof TemporaryError)) throw error
    tools.count('venue-trouble')
    return { reason: 'venue', text: messageOf(error).slice(0, 200), isFinal: false }
  }
}

/** Signed bytes, once the ledger has them. */
async function reported(
  { report }: FlightTools,
  { intent }: Placed,
  signed: SignedSwap | NoSwap,
): Promise<SignedSwap | NoSwap> {
  if ('signature' in signed)
    await report({ intent, state: 'signed', change: { signature: signed.signature }, signed })
  return signed
}

/**
 * What was refused is not asked for again, unless the market may have moved meanwhile; a sale is:
 * the next answer may be an honest one, and an exit is never given up.
 */
function refusedBy({ count }: FlightTools, { side }: Placed, { reason, message }: Refused): NoSwap {
  count(`refused-${reason}`)
  return { reason, text: message, isFinal: side === 'buy' && !REFUSALS[reason].passing }
}
