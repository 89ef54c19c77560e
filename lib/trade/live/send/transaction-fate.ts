/**
 * The fate of one signed transaction, as a fold over what nodes say of it. It may land until a
 * confirmed block is higher than its last valid height; after that it is dead only when nodes that
 * are not behind that block deny having seen it. Rules: solana.com "Retrying transactions"; a
 * denial of a node that lags proves nothing.
 */
export interface Flight {
  phase: 'open' | 'doomed' | 'seen' | 'landed' | 'reverted' | 'expired'
  /** Last block height at which it may land. */
  lastValid: number
  /** Slot at which a confirmed height above that was seen first. */
  passedAt: number | undefined
  /** Denials by nodes at or past that slot. */
  denials: number
}

/** One answer of a node. */
export type Observation =
  | { saw: 'height'; height: number; slot: number }
  /** `slot` is how far the node that answers has come. */
  | { saw: 'nothing'; slot: number }
  | { saw: 'status'; isConfirmed: boolean }
  | { saw: 'effects'; isReverted: boolean }

/** Denials that prove an expiry: one answer may come from a fork or a cache. */
const ENOUGH_DENIALS = 2

/** The fate of a transaction that has just been signed and may land up to a block height. */
export const takeOff = (lastValid: number): Flight => ({
  phase: 'open',
  lastValid,
  passedAt: undefined,
  denials: 0,
})

/** The flight after an answer. An end is final; being in a confirmed block is never taken back. */
export function next(flight: Flight, seen: Observation): Flight {
  if (isOver(flight)) return flight
  if (seen.saw === 'effects') return { ...flight, phase: seen.isReverted ? 'reverted' : 'landed' }
  if (flight.phase === 'seen') return flight
  if (seen.saw === 'status')
    return { ...flight, denials: 0, phase: seen.isConfirmed ? 'seen' : flight.phase }
  if (seen.saw === 'height') {
    const isPassed = flight.phase === 'open' && seen.height > flight.lastValid
    return isPassed ? { ...flight, phase: 'doomed', passedAt: seen.slot } : flight
  }
  if (flight.passedAt === undefined || seen.slot < flight.passedAt) return flight
  const denials = flight.denials + 1
  return { ...flight, denials, phase: denials >= ENOUGH_DENIALS ? 'expired' : flight.phase }
}

/** What there is to do next. The bytes may be sent again only while they may still land. */
export function actionOf(flight: Flight): 'send' | 'ask' | 'read' | 'end' {
  if (isOver(flight)) return 'end'
  if (flight.phase === 'seen') return 'read'
  return flight.phase === 'open' ? 'send' : 'ask'
}

/** True when the fate is known and no answer can change it. */
export const isOver = ({ phase }: Flight): boolean =>
  phase === 'landed' || phase === 'reverted' || phase === 'expired'
