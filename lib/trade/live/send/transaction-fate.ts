/**
 * The fate of one signed transaction, as a fold over what nodes say of it. It may land until a
 * confirmed block is higher than its last valid height. After that a node is a witness of its death
 * when it has such a block and denies, not being behind that block, that it has seen it. Two
 * different nodes prove it; or one finalized height where the chain finalizes at once. One node’s
 * answers, however many, are one witness: enough to sell again, never to call a buy dead. Rules:
 * solana.com "Retrying transactions" and "Finality"; a denial of a node that lags proves nothing.
 */
export interface Flight {
  phase: 'open' | 'doomed' | 'seen' | 'landed' | 'reverted' | 'expired'
  side: 'buy' | 'sell'
  /** Last block height at which it may land. */
  lastValid: number
  words: Readonly<Record<NodeName, Word>>
  /** What its death rests on. */
  proof: Proof | undefined
}

/** The node that is worked with, and another one that is asked for its word only. */
export type NodeName = 'node' | 'witness'
type Proof = 'finality' | 'two-nodes' | 'one-witness'

/** What one node has said last. */
interface Word {
  /** Slots at which its confirmed, and its finalized, height was above the last valid one. */
  passedAt: number | undefined
  finalAt: number | undefined
  /** The chain finalizes at once, so that the finalized height is all there is to know. */
  isAtOnce: boolean
  /** It has seen the transaction, in whatever block. */
  hasSeen: boolean
  /** It denied at or past the slot of the confirmed height; of the finalized one. */
  hasDenied: boolean
  hasDeniedFinally: boolean
  /** When it denied at or past the slot of the finalized height: first time, on our clock. */
  since: number | undefined
  /** It has denied so again, long enough after the first time. */
  isSteady: boolean
}

/** One answer of a node. */
export type Observation =
  | {
      saw: 'height'
      node: NodeName
      height: number
      slot: number
      finality: 'none' | 'final' | 'at-once'
    }
  /** `slot` is how far the node that answers has come; `at` the time here, in ms. */
  | { saw: 'nothing'; node: NodeName; slot: number; at: number }
  | { saw: 'status'; node: NodeName; isConfirmed: boolean }
  | { saw: 'effects'; isReverted: boolean }

/** Denials of one node that are further apart are not of one fork or cache. */
const APART_MS = 60_000

const SILENT: Word = {
  passedAt: undefined,
  finalAt: undefined,
  isAtOnce: false,
  hasSeen: false,
  hasDenied: false,
  hasDeniedFinally: false,
  since: undefined,
  isSteady: false,
}

/** The fate of a transaction that has just been signed and may land up to a block height. */
export const takeOff = (lastValid: number, side: Flight['side']): Flight => ({
  phase: 'open',
  side,
  lastValid,
  words: { node: SILENT, witness: SILENT },
  proof: undefined,
})

/** The flight after an answer. An end is final; being in a confirmed block is never taken back. */
export function next(flight: Flight, seen: Observation): Flight {
  if (isOver(flight)) return flight
  if (seen.saw === 'effects') return { ...flight, phase: seen.isReverted ? 'reverted' : 'landed' }
  if (flight.phase === 'seen') return flight
  const word = wordAfter(flight.words[seen.node], seen, flight.lastValid)
  const heard = { ...flight, words: { ...flight.words, [seen.node]: word } }
  // Another node’s word alone ends neither the sending nor an exit.
  const isThere = seen.saw === 'status' && seen.isConfirmed && seen.node === 'node'
  if (isThere) return { ...heard, phase: 'seen' }
  const phase = heard.words.node.passedAt === undefined ? flight.phase : 'doomed'
  const proof = proofOf(heard)
  return { ...heard, phase: proof === undefined ? phase : 'expired', proof }
}

function wordAfter(word: Word, seen: Observation, lastValid: number): Word {
  if (seen.saw === 'status') {
    const { passedAt, finalAt, isAtOnce } = word
    return { ...SILENT, passedAt, finalAt, isAtOnce, hasSeen: true }
  }
  if (seen.saw === 'height') {
    const { height, slot, finality } = seen
    if (height <= lastValid) return word
    const isFinal = finality !== 'none'
    return {
      ...word,
      passedAt: word.passedAt ?? slot,
      finalAt: word.finalAt ?? (isFinal ? slot : undefined),
      isAtOnce: word.isAtOnce || finality === 'at-once',
    }
  }
  if (seen.saw === 'nothing') return denied(word, seen)
  return word
}

function denied(word: Word, { slot, at }: { slot: number; at: number }): Word {
  const isPast = (limit: number | undefined): boolean => limit !== undefined && slot >= limit
  const isFinal = isPast(word.finalAt)
  const since = word.since ?? (isFinal ? at : undefined)
  return {
    ...word,
    hasSeen: false,
    hasDenied: word.hasDenied || isPast(word.passedAt),
    hasDeniedFinally: word.hasDeniedFinally || isFinal,
    since,
    isSteady: word.isSteady || (isFinal && since !== undefined && at - since >= APART_MS),
  }
}

/**
 * What proves that it is dead; undefined while nothing does. A witness who has seen it is not
 * outvoted, except for an exit: what was sold already cannot be sold again.
 */
function proofOf({ words: { node, witness }, side }: Flight): Proof | undefined {
  if (node.hasDenied && witness.hasDenied) return 'two-nodes'
  if (node.isAtOnce && node.hasDeniedFinally && !witness.hasSeen) return 'finality'
  return side === 'sell' && node.isSteady ? 'one-witness' : undefined
}

/** One node says so, and says so again; of a buy that is no proof. */
export const isDeniedByOne = ({ words: { node, witness } }: Flight): boolean =>
  node.isSteady && !witness.hasDenied

/** What there is to do next. The bytes may be sent again only while they may still land. */
export function actionOf(flight: Flight): 'send' | 'ask' | 'read' | 'end' {
  if (isOver(flight)) return 'end'
  if (flight.phase === 'seen') return 'read'
  return flight.phase === 'open' ? 'send' : 'ask'
}

/** True when the fate is known and no answer can change it. */
export const isOver = ({ phase }: Flight): boolean =>
  phase === 'landed' || phase === 'reverted' || phase === 'expired'
