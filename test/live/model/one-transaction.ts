import type { System } from './checker.ts'

/** The node that is worked with, and another one that is asked for its word only. */
type NodeName = 'node' | 'witness'
type Side = 'buy' | 'sell'

/** One answer of a node, with all that the code under test may want to know of it. */
export type Observation =
  | {
      saw: 'height'
      node: NodeName
      height: number
      slot: number
      finality: 'none' | 'final'
    }
  | { saw: 'nothing'; node: NodeName; slot: number; at: number }
  | { saw: 'status'; node: NodeName; isConfirmed: boolean }
  | { saw: 'effects'; isReverted: boolean }

/** The code under test: how a fate is made of what nodes say. */
export interface Fate<F> {
  takeOff(lastValid: number, side: Side): F
  next(flight: F, seen: Observation): F
  actionOf(flight: F): 'send' | 'ask' | 'read' | 'end'
}

/** What the ledger says of the order. */
const ENDS = ['landed', 'reverted', 'expired'] as const
const SIGNED = ['signed', 'sent', 'unknown'] as const
const WRITTEN = ['planned', ...SIGNED, ...ENDS] as const
type Written = (typeof WRITTEN)[number]

/**
 * Where the process stands: not running, before its signature, at the top of its loop, between the
 * two questions of a look, at the reading of what landed, before the last line, done.
 */
const PLACES = ['dead', 'prepare', 'top', 'height', 'read', 'ending', 'done'] as const
type Place = (typeof PLACES)[number]

/** One signed transaction, the chain, the nodes that see it, and the process that follows it. */
interface State<F> {
  /** Newest block, and the block that holds the transaction (0 = none). Slots are heights here. */
  tip: number
  at: number
  isReverted: boolean
  /** Somebody has the bytes: a leader may put them into a block. */
  isLoose: boolean
  /** Newest block that each node has: the witness first, then those behind the node’s address. */
  views: readonly number[]
  lastValid: number
  written: Written
  place: Place
  /** Whom the process is asking. */
  asked: NodeName
  flight: F | undefined
  /** This process has sent the bytes. */
  hasSent: boolean
  /** Blocks since a node last said something, up to where nobody can tell any more. */
  silence: number
  crashes: number
  jumps: number
}

/** How much may go wrong. */
export interface Bounds {
  side: Side
  /** Nodes behind the address that is worked with, and whether there is a witness beside them. */
  nodes: number
  hasWitness: boolean
  crashes: number
  jumps: number
}

const START = 1
/** Blocks that a blockhash lives, and those that are looked at after its end. */
const LIFE = 1
const AFTER = 3
const LAST = START + LIFE + AFTER
/** Blocks from which on one is confirmed, and final, by those on top of it. */
const CONFIRMED = 1
const FINAL = 2
/** Between two blocks, in ms: two denials of one node a minute apart are within reach. */
const BLOCK_MS = 60_000
const STUCK = 1
const hasEnded = (written: Written): boolean => (ENDS as readonly Written[]).includes(written)
const isSigned = (written: Written): boolean => (SIGNED as readonly Written[]).includes(written)

/**
 * The life of one signed transaction as a system of states: blocks are made with it and without,
 * the newest one may be on a fork that loses, each answer is of any node, nodes lag as they like,
 * and the process dies and starts again. The loop is that of `follow`; what it believes is decided
 * by the code that is handed in.
 */
export function oneTransaction<F extends object & { phase: string }>(
  fate: Fate<F>,
  bounds: Bounds,
): System<State<F>> {
  // One node’s word is no proof that a buy is dead: it may stay unknown.
  const rests = bounds.side === 'buy' && !bounds.hasWitness
  return {
    start: {
      tip: START,
      at: 0,
      isReverted: false,
      isLoose: false,
      views: Array.from({ length: bounds.nodes + (bounds.hasWitness ? 1 : 0) }, () => START),
      lastValid: 0,
      written: 'planned',
      place: 'prepare',
      ...IDLE,
      crashes: 0,
      jumps: 0,
    },
    *steps(state) {
      for (const [name, after] of allSteps(state, fate, bounds)) yield [name, plain(after, bounds)]
    },
    key: keyMaker<F>(),
    wrong,
    wrongStep: (before, after) =>
      hasEnded(before.written) && after.written !== before.written
        ? `${before.written} became ${after.written}`
        : undefined,
    isGood: ({ place, written }) => place === 'done' || (rests && written === 'unknown'),
  }
}

function* allSteps<F extends object & { phase: string }>(
  state: State<F>,
  fate: Fate<F>,
  bounds: Bounds,
): Steps<F> {
  yield* ofChain(state, bounds)
  yield* ofProcess(state, fate, bounds)
  if (state.place === 'dead') yield ['starts again', started(state, fate, bounds)]
  else if (state.place !== 'done' && state.crashes < bounds.crashes)
    yield ['dies', { ...state, ...IDLE, place: 'dead', crashes: state.crashes + 1 }]
  if (state.jumps < bounds.jumps)
    yield ['clock jumps', { ...state, jumps: state.jumps + 1, silence: STUCK }]
}

/**
 * The same state without what nothing can ask for any more, so that states that differ in that
 * alone are one: whatever may happen next, and whatever is wrong, is the same in both.
 */
function plain<F>(state: State<F>, { crashes, jumps }: Bounds): State<F> {
  const { place, written, tip, lastValid } = state
  const isDone = place === 'done'
  const mayStick = !isDone && place !== 'dead' && (written === 'signed' || written === 'sent')
  const canLand = written === 'planned' || tip < lastValid
  return {
    ...state,
    ...(isDone && { flight: undefined, asked: 'node', crashes, jumps }),
    views: isDone ? state.views.map(() => tip) : state.views,
    isLoose: state.isLoose && canLand,
    hasSent: state.hasSent && written === 'signed',
    silence: mayStick ? state.silence : 0,
  }
}

/** Everything that two states can differ in, as the digits of one whole number below 2^53. */
function keyMaker<F extends object>(): (state: State<F>) => number {
  const idOf = makeIds<F>()
  return s => {
    let key = idOf(s.flight)
    for (const view of s.views) key = key * 8 + view
    for (const digit of [s.tip, s.at, s.lastValid, WRITTEN.indexOf(s.written)])
      key = key * 8 + digit
    key = key * 8 + PLACES.indexOf(s.place)
    for (const bit of [s.isReverted, s.isLoose, s.asked === 'node', s.hasSent])
      key = key * 2 + Number(bit)
    key = ((key * 2 + s.silence) * 3 + s.crashes) * 2 + s.jumps
    if (!Number.isSafeInteger(key)) throw new Error('too many states for one number')
    return key
  }
}

/** Numbers for flights: equal ones have the same. */
function makeIds<F extends object>(): (flight: F | undefined) => number {
  const byText = new Map<string, number>()
  const known = new WeakMap<F, number>()
  return flight => {
    if (flight === undefined) return 0
    const found = known.get(flight)
    if (found !== undefined) return found
    const text = JSON.stringify(flight)
    const id = byText.get(text) ?? byText.size + 1
    byText.set(text, id)
    known.set(flight, id)
    return id
  }
}

/** What a process has before it follows anything, and loses when it dies. */
const IDLE = { asked: 'node', flight: undefined, hasSent: false, silence: 0 } as const

/** The ledger against the chain. */
function wrong({ tip, at, isReverted, isLoose, lastValid, written }: State<object>) {
  const isThere = at > 0 && tip >= at + CONFIRMED
  if (isLoose && written === 'planned') return 'bytes are out that the ledger does not know'
  if (written === 'expired' && at > 0) return 'called expired, and it is in a block'
  if (written === 'expired' && isLoose && tip < lastValid)
    return 'called expired, and it can still land'
  if (written === 'landed' && !(isThere && !isReverted)) return 'called landed, and it is not'
  if (written === 'reverted' && !(isThere && isReverted)) return 'called reverted, and it is not'
  return undefined
}

type Steps<F> = Generator<readonly [string, State<F>]>

/** Blocks, forks, and how far the nodes have come. Nothing of it waits for the process. */
function* ofChain<F>(state: State<F>, { hasWitness }: Bounds): Steps<F> {
  const { tip, at, isLoose, lastValid, views } = state
  if (tip < LAST) {
    const silence = Math.min(STUCK, state.silence + 1)
    yield ['a block without it', { ...state, tip: tip + 1, silence }]
    if (isLoose && at === 0 && tip < lastValid)
      for (const isReverted of [false, true])
        yield [
          `a block with it${isReverted ? ', where it fails' : ''}`,
          { ...state, tip: tip + 1, at: tip + 1, isReverted, silence },
        ]
  }
  // Blocks beyond would change nothing; time goes on.
  else if (state.silence < STUCK) yield ['time passes', { ...state, silence: STUCK }]
  // The newest block alone may be replaced: one that has another on top of it is confirmed.
  if (at > 0 && at === tip) yield ['its block loses', { ...state, at: 0, isReverted: false }]
  const first = hasWitness ? 1 : 0
  for (const [node, view] of views.entries())
    if (view < tip && (node < first || view !== views[node + 1]))
      yield ['a node hears a block', { ...state, views: raised(views, node, first) }]
}

/** Nodes behind one address are alike: their order says nothing. */
function raised(views: readonly number[], node: number, first: number): number[] {
  const more = views.map((view, i) => (i === node ? view + 1 : view))
  return [...more.slice(0, first), ...more.slice(first).sort((a, b) => a - b)]
}

/** What the process does next; a node that does not answer leaves it where it is. */
function* ofProcess<F extends object & { phase: string }>(
  state: State<F>,
  fate: Fate<F>,
  bounds: Bounds,
): Steps<F> {
  const { place, flight, written, views } = state
  if (place === 'prepare') {
    const lastValid = state.tip + LIFE
    if (lastValid + AFTER <= LAST)
      yield ['signs', { ...state, ...taken(fate, lastValid, bounds), lastValid, written: 'signed' }]
    else yield ['gives up', { ...state, place: 'done', written: 'expired' }]
  }
  if (flight === undefined) return
  if (place === 'ending')
    yield ['writes the end', { ...state, written: flight.phase as Written, place: 'done' }]
  if (place === 'top' && fate.actionOf(flight) === 'send')
    yield ['sends', { ...state, isLoose: true, hasSent: true }]
  if (state.hasSent && written === 'signed') yield ['writes sent', { ...state, written: 'sent' }]
  if (place === 'top' && state.silence >= STUCK && (written === 'signed' || written === 'sent'))
    yield ['writes unknown', { ...state, written: 'unknown' }]
  const { hasWitness } = bounds
  const ask = place === 'height' ? [state.asked] : (['node', 'witness'] as const)
  for (const asked of ask) {
    const seen = asked === 'node' ? views.slice(hasWitness ? 1 : 0) : views.slice(0, +hasWitness)
    for (const view of new Set(seen)) yield* answered({ ...state, asked }, fate, flight, view)
  }
}

const taken = <F>(fate: Fate<F>, lastValid: number, { side }: Bounds) =>
  ({ ...IDLE, flight: fate.takeOff(lastValid, side), place: 'top' }) as const

/** A restart takes up what the ledger holds. */
function started<F>(state: State<F>, fate: Fate<F>, bounds: Bounds): State<F> {
  if (isSigned(state.written)) return { ...state, ...taken(fate, state.lastValid, bounds) }
  return { ...state, place: hasEnded(state.written) ? 'done' : 'prepare' }
}

/** An answer of a node that has come as far as `view`. */
function* answered<F>(state: State<F>, fate: Fate<F>, flight: F, view: number): Steps<F> {
  const { place, at, asked: node } = state
  const isSeen = at > 0 && at <= view
  const isConfirmed = view >= at + CONFIRMED
  const hears = (otherwise: Place, ...words: Observation[]): State<F> => {
    const after = words.reduce(fate.next, flight)
    const action = fate.actionOf(after)
    const next = action === 'end' ? 'ending' : action === 'read' ? 'read' : otherwise
    const asked = next === 'height' ? node : 'node'
    return { ...state, flight: after, place: next, silence: 0, asked }
  }
  const height = (below: number, finality: 'none' | 'final'): Observation => {
    const slot = Math.max(0, view - below)
    return { saw: 'height', node, height: slot, slot, finality }
  }
  if (place === 'top' && isSeen)
    yield ['is seen', hears('top', { saw: 'status', node, isConfirmed })]
  if (place === 'top' && !isSeen) {
    const nothing = { saw: 'nothing', node, slot: view, at: state.tip * BLOCK_MS } as const
    yield [`is not seen by the ${node}`, hears('height', nothing)]
    // When blocks are over time goes on, and the same answer may come again later.
    const saysNothing = JSON.stringify(fate.next(flight, nothing)) === JSON.stringify(flight)
    if (state.tip === LAST && saysNothing)
      yield [
        `is still not seen by the ${node}`,
        hears('height', { ...nothing, at: nothing.at + BLOCK_MS }),
      ]
  }
  if (place === 'height') {
    yield ['no height is told', { ...state, place: 'top', asked: 'node' }]
    yield ['a height', hears('top', height(CONFIRMED, 'none'))]
    yield ['a final height', hears('top', height(CONFIRMED, 'none'), height(FINAL, 'final'))]
  }
  if ((place === 'read' || place === 'top') && isSeen && isConfirmed)
    yield ['is read', hears(place, { saw: 'effects', isReverted: state.isReverted })]
}
