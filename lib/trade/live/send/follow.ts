import { DataError, TemporaryError } from '../../../base/errors.ts'
import { pricePaid } from '../../../market/ratio.ts'
import { isClaim } from '../../account/claims.ts'
import { lifetimeMs } from '../../chain-profile.ts'
import type { Failed, Landed, Outcome, Placed, SignedSwap } from '../../venue.ts'
import type { Witness } from '../chain/witness.ts'
import type { Broadcast } from './broadcast.ts'
import type { FlightTools } from './flight.ts'
import { type Realised, realised } from './reconcile.ts'
import {
  actionOf,
  type Flight,
  isDeniedByOne,
  type NodeName,
  next,
  type Observation,
  takeOff,
} from './transaction-fate.ts'

const LOOK_MS = 800
/** What nobody can tell is asked for less often. */
const UNKNOWN_LOOK_MS = 10_000
/** A leader has four slots in a row (solana.com, leader rotation): each one shall see the bytes. */
const SEND_SLOTS = 4
/** Share of a transaction’s life without a proof either way after which a human should know. */
const STUCK_LIVES = 0.75
/** One node’s word on a sale takes so long: a finalized height, and two answers a minute apart. */
const ONE_WITNESS_MS = 90_000
/** What an earlier run could not tell either is known to be unknown after a few answers. */
const STILL_UNKNOWN_MS = 5000

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
  let flight = takeOff(signed.lastValid, order.side)
  let [sendAt, sureAt, isUnknown] = [0, time.now(), false]
  for (;;) {
    closed.throwIfAborted()
    if (actionOf(flight) === 'send' && time.now() >= sendAt) {
      broadcast.send()
      sendAt = time.now() + SEND_SLOTS * profile().slotMs
    }
    const looked = await look(tools, order, signed, flight)
    if (looked.effects !== undefined) return settledBy(tools, order, looked.effects, broadcast)
    flight = looked.flight
    if (flight.phase === 'expired') {
      await broadcast.settled()
      return failed(order, 'expired', REASONS[flight.proof ?? 'two-nodes'], 0n)
    }
    if (looked.isHeard && flight.phase === 'open') sureAt = time.now()
    if (!isUnknown && time.now() - sureAt > patienceFor(tools, order)) {
      isUnknown = true
      await broadcast.settled()
      const reason = isDeniedByOne(flight) ? 'one-witness' : 'no-proof'
      await tools.report(failed(order, 'unknown', reason, 0n))
    }
    await time.sleep(isUnknown ? UNKNOWN_LOOK_MS : LOOK_MS, closed)
  }
}

/** What is said of a transaction that is dead, by what proves it. */
const REASONS = {
  finality: 'not-landed',
  'two-nodes': 'not-landed',
  'one-witness': 'one-witness',
} as const

/** How long without a proof until it is said that nobody can tell, in ms. */
function patienceFor({ profile, finalizesAtOnce }: FlightTools, order: Placed): number {
  if (order.wasUnknown === true) return STILL_UNKNOWN_MS
  return STUCK_LIVES * lifetimeMs(profile()) + (finalizesAtOnce() ? 0 : ONE_WITNESS_MS)
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
  const { closed, signer, tips } = tools
  let [flight, isHeard] = [before, false]
  for (const { name, node } of nodesFor(tools, before))
    try {
      const words =
        actionOf(flight) === 'read' ? [] : await wordsOf(tools, node, name, signature, flight)
      for (const seen of words) flight = next(flight, seen)
      if (actionOf(flight) === 'read' || words.some(isConfirmed)) {
        const json = await node.transaction(signature, closed)
        if (json === undefined) continue
        const effects = realised(json, { wallet: signer.wallet, mint: order.mint, signature, tips })
        flight = next(flight, { saw: 'effects', isReverted: effects.isReverted })
        return { flight, isHeard: true, effects }
      }
      isHeard ||= name === 'node'
    } catch (error) {
      if (!(error instanceof DataError || error instanceof TemporaryError)) throw error
      tools.count(name === 'node' ? 'look-trouble' : 'witness-trouble')
    }
  return { flight, isHeard }
}

const isConfirmed = (seen: Observation): boolean => seen.saw === 'status' && seen.isConfirmed

/** The witness is asked about what may be dead, first: it may have seen what the node has not. */
function nodesFor(
  { chain, witness }: FlightTools,
  { phase }: Flight,
): { name: NodeName; node: Witness }[] {
  const node = { name: 'node' as const, node: chain }
  if (witness === undefined || phase === 'open') return [node]
  const other = { name: 'witness' as const, node: witness }
  // What landed is read from the node that the wallet is read from, if it has it.
  return phase === 'seen' ? [node, other] : [other, node]
}

/** What a node says of a transaction that it may not have seen, and of how far it has come. */
async function wordsOf(
  { closed, time, profile, finalizesAtOnce }: FlightTools,
  node: Witness,
  name: NodeName,
  signature: string,
  { phase }: Flight,
): Promise<Observation[]> {
  const { slot, status } = await node.status(signature, closed)
  if (status !== undefined) return [{ saw: 'status', node: name, isConfirmed: status.isConfirmed }]
  const isFinal = profile().commitment === 'finalized'
  const finality = !isFinal ? 'none' : finalizesAtOnce() ? 'at-once' : 'final'
  const nothing = {
    saw: 'nothing',
    node: name,
    slot,
    at: time.monotonic?.() ?? time.now(),
  } as const
  const height = { saw: 'height', node: name, ...(await node.height(closed)), finality } as const
  if (phase === 'open' || isFinal) return [nothing, height]
  // One node’s word on a sale is that of its finalized history, which is not the list of statuses.
  if ((await node.transaction(signature, closed)) !== undefined)
    return [{ saw: 'status', node: name, isConfirmed: true }]
  const final = await node.height(closed, true)
  return [nothing, height, { saw: 'height', node: name, ...final, finality: 'final' }]
}

async function settledBy(
  tools: FlightTools,
  order: Placed,
  effects: Realised,
  broadcast: Broadcast,
): Promise<Outcome> {
  await broadcast.settled()
  tools.chain.notBefore(effects.slot)
  const { fee, priorityFee, tip } = effects
  if (effects.isReverted)
    return failed(order, 'reverted', 'failed-on-chain', fee + priorityFee + tip)
  // A claim moves no tokens, and its mint may be gone.
  const decimals = isClaim(order) ? undefined : (await infoOf(tools, order.mint)).decimals
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
  { slot, fee, priorityFee, tip, tokens, cash, rent }: Realised,
  decimals: number | undefined,
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
    price:
      decimals === undefined
        ? undefined
        : pricePaid(isBuy ? paid : got, isBuy ? got : paid, 9, decimals),
    poolFee: undefined,
    impact: undefined,
    slots: undefined,
    slot,
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
