import { DataError, TemporaryError } from '../../../base/errors.ts'
import { pricePaid } from '../../../market/ratio.ts'
import { lifetimeMs } from '../../chain-profile.ts'
import type { Failed, Landed, Outcome, Placed, SignedSwap } from '../../venue.ts'
import type { Broadcast } from './broadcast.ts'
import type { FlightTools } from './flight.ts'
import { type Realised, realised } from './reconcile.ts'
import { actionOf, type Flight, next, type Observation, takeOff } from './transaction-fate.ts'

const LOOK_MS = 800
/** A leader has four slots in a row (solana.com, leader rotation): each one shall see the bytes. */
const SEND_SLOTS = 4
/** Share of a transaction’s life without a proof either way after which a human should know. */
const STUCK_LIVES = 0.75

/**
 * Follows signed bytes until the chain has said what became of them; sends them again while they
 * may land.
 */
export async function follow(
  tools: FlightTools,
  order: Placed,
  signed: SignedSwap,
  broadcast: Broadcast,
): Promise<Outcome> {
  const { time, closed, profile } = tools
  let flight = takeOff(signed.lastValid)
  let [sendAt, sureAt, isUnknown] = [0, time.now(), false]
  for (;;) {
    closed.throwIfAborted()
    if (actionOf(flight) === 'send' && time.now() >= sendAt) {
      broadcast.send()
      sendAt = time.now() + SEND_SLOTS * profile().slotMs
    }
    const looked = await look(tools, order, signed, flight)
    if (looked.effects !== undefined) return settledBy(tools, order, looked.effects, broadcast)
    if (looked.flight.phase === 'expired') {
      await broadcast.settled()
      return failed(order, 'expired', 'not-landed', 0n)
    }
    if (looked.isHeard && looked.flight.phase === 'open') sureAt = time.now()
    flight = looked.flight
    if (!isUnknown && time.now() - sureAt > STUCK_LIVES * lifetimeMs(profile())) {
      isUnknown = true
      await broadcast.settled()
      await tools.report(failed(order, 'unknown', 'no-proof', 0n))
    }
    await time.sleep(LOOK_MS, closed)
  }
}

interface Looked {
  flight: Flight
  isHeard: boolean
  effects?: Realised
}

/** One round of questions. A node that fails to answer has said nothing. */
async function look(
  tools: FlightTools,
  order: Placed,
  { signature }: SignedSwap,
  before: Flight,
): Promise<Looked> {
  const { chain, closed, signer, tips } = tools
  let flight = before
  const hear = (seen: Observation): void => {
    flight = next(flight, seen)
  }
  try {
    if (actionOf(flight) !== 'read') {
      const { slot, status } = await chain.status(signature, closed)
      if (status !== undefined) hear({ saw: 'status', isConfirmed: status.isConfirmed })
      else {
        hear({ saw: 'nothing', slot })
        hear({ saw: 'height', ...(await chain.height(closed)) })
      }
    }
    if (actionOf(flight) === 'read') {
      const json = await chain.transaction(signature, closed)
      if (json === undefined) return { flight, isHeard: true }
      const effects = realised(json, { wallet: signer.wallet, mint: order.mint, signature, tips })
      hear({ saw: 'effects', isReverted: effects.isReverted })
      return { flight, isHeard: true, effects }
    }
    return { flight, isHeard: true }
  } catch (error) {
    if (!(error instanceof DataError || error instanceof TemporaryError)) throw error
    tools.count('look-trouble')
    return { flight, isHeard: false }
  }
}

async function settledBy(
  tools: FlightTools,
  order: Placed,
  effects: Realised,
  broadcast: Broadcast,
): Promise<Outcome> {
  await broadcast.settled()
  const { fee, priorityFee, tip } = effects
  if (effects.isReverted)
    return failed(order, 'reverted', 'failed-on-chain', fee + priorityFee + tip)
  const { decimals } = await infoOf(tools, order.mint)
  return landed(order, effects, decimals, tools.profile().name)
}

/** A token that was bought has a mint: asked until a node tells. */
async function infoOf(tools: FlightTools, mint: string): Promise<{ decimals: number }> {
  for (;;) {
    try {
      return await tools.mints(mint, tools.closed)
    } catch (error) {
      if (!(error instanceof DataError || error instanceof TemporaryError)) throw error
      tools.count('look-trouble')
      await tools.time.sleep(LOOK_MS, tools.closed)
    }
  }
}

function landed(
  order: Placed,
  { fee, priorityFee, tip, tokens, cash, rent }: Realised,
  decimals: number,
  chain: string,
): Landed {
  const isBuy = order.side === 'buy'
  const [paid, got] = isBuy ? [-cash, tokens] : [-tokens, cash]
  return {
    intent: order.intent,
    state: 'landed',
    inAmount: atLeastZero(paid),
    outAmount: atLeastZero(got),
    currency: 'sol',
    baseDecimals: decimals,
    price: pricePaid(isBuy ? paid : got, isBuy ? got : paid, 9, decimals),
    poolFee: undefined,
    impact: undefined,
    slots: undefined,
    chain,
    fee,
    priorityFee,
    ...(tip > 0n && { tip }),
    rent: isBuy ? atLeastZero(rent) : 0n,
    ...(!isBuy && { rentBack: atLeastZero(-rent) }),
  }
}

const atLeastZero = (amount: bigint): bigint => (amount > 0n ? amount : 0n)

const failed = (order: Placed, state: Failed['state'], reason: string, fee: bigint): Failed => ({
  intent: order.intent,
  state,
  reason,
  fee,
})
