import type { Rec } from '../records/record.ts'
import type { Anchor } from './anchors.ts'
import type { Sample } from './price-sample.ts'

/** What is remembered of one mint. */
export interface MintState {
  anchors: Anchor[]
  /** Newest slot that has an anchor. */
  slot: number
  /** The same by kind of line, where each kind has anchors of its own. */
  slots?: Partial<Record<Rec['kind'], number>>
  last?: Sample
  /** Prices of the last moments, for anchors that come late. */
  recent: Sample[]
  /** Trades of it are in the stream, so that no whale is a count of zero and not unknown. */
  hasTrades: boolean
}

const RECENT = 256

/**
 * An awaited label of an anchor as it is saved: which anchor of which mint, and the order of its
 * release.
 */
interface SavedItem {
  index: number
  availableAt: number
  rank: number
  horizon: string
  label?: unknown
}
interface HeapItem extends Omit<SavedItem, 'index'> {
  id: string
  anchor: Anchor
}

/** State per mint. */
export function makeMints() {
  const mints = new Map<string, MintState>()
  const of = (mint: string): MintState => {
    let state = mints.get(mint)
    if (state === undefined) {
      state = { anchors: [], slot: -1, recent: [], hasTrades: false }
      mints.set(mint, state)
    }
    return state
  }
  return {
    of,
    remember,
    setBase,
    /** Forgets an anchor that awaits nothing any more. */
    dropIfDone(anchor: Anchor): void {
      if (anchor.open.length > 0 || anchor.awaits.length > 0 || anchor.head.mint === undefined)
        return
      const { anchors } = of(anchor.head.mint)
      const at = anchors.indexOf(anchor)
      if (at >= 0) anchors.splice(at, 1)
    },
    /** Forgets mints that await nothing and have been quiet since. */
    evict(since: number): void {
      for (const [mint, { anchors, last }] of mints) {
        if (anchors.length === 0 && (last === undefined || last.ts < since)) mints.delete(mint)
      }
    },
    /** Forgets what is of later times than `ts`; slots of `everyMs` begin there again. */
    setBack(ts: number, everyMs: number): void {
      const slot = everyMs === 0 ? -1 : Math.floor(ts / everyMs)
      for (const state of mints.values()) {
        state.anchors = state.anchors.filter(({ base }) => base.ts <= ts)
        state.recent = state.recent.filter(sample => sample.ts <= ts)
        if (state.last !== undefined && state.last.ts > ts) {
          const last = state.recent.at(-1)
          if (last === undefined) delete state.last
          else state.last = last
        }
        state.slot = Math.min(state.slot, slot)
        for (const kind in state.slots)
          state.slots[kind as Rec['kind']] = Math.min(state.slots[kind as Rec['kind']] ?? -1, slot)
      }
    },
    save: (items: readonly HeapItem[]): Generator<unknown> => save(mints, items),
    load: (saved: Iterable<unknown>): Generator<HeapItem> => load(mints, saved),
  }
}

function remember(state: MintState, sample: Sample | undefined, now: number, lateMs: number): void {
  if (sample === undefined) return
  const { recent } = state
  if (state.last === undefined || sample.ts >= state.last.ts) state.last = sample
  recent.push(sample)
  while (recent.length > RECENT || (recent.length > 1 && recent[0]!.ts < now - lateMs))
    recent.shift()
}

/** The price at the anchor’s ts: its own, else the newest known by then. */
function setBase(state: MintState, anchor: Anchor, own: Sample | undefined): void {
  const known = state.recent.filter(sample => sample.ts <= anchor.base.ts)
  const last = state.last !== undefined && state.last.ts <= anchor.base.ts ? state.last : undefined
  const sample = own ?? last ?? known.at(-1)
  if (sample === undefined) return
  anchor.unit = sample.unit
  anchor.base.price = sample.price
  anchor.base.isSol = sample.unit === 'sol'
  if (sample.reserve !== undefined) anchor.base.reserve = sample.reserve
  if (sample.liquidity !== undefined && sample.pool === anchor.head.pool)
    anchor.base.liquidity = sample.liquidity
}

function* save(
  mints: ReadonlyMap<string, MintState>,
  items: readonly HeapItem[],
): Generator<unknown> {
  const awaitedOf = new Map<Anchor, HeapItem[]>()
  const anchorsOf = new Map<string, Set<Anchor>>()
  for (const [mint, state] of mints) anchorsOf.set(mint, new Set(state.anchors))
  for (const item of items) {
    const known = awaitedOf.get(item.anchor)
    if (known === undefined) awaitedOf.set(item.anchor, [item])
    else known.push(item)
    anchorsOf.get(item.anchor.head.mint!)?.add(item.anchor)
  }
  for (const [mint, state] of mints) {
    const anchors = [...(anchorsOf.get(mint) ?? [])]
    const awaited = anchors.flatMap(
      (anchor, index) => awaitedOf.get(anchor)?.map(item => savedItem(item, index)) ?? [],
    )
    yield { mint, ...state, anchors, open: state.anchors.length, awaited }
  }
}

function* load(mints: Map<string, MintState>, saved: Iterable<unknown>): Generator<HeapItem> {
  for (const one of saved) {
    const { mint, anchors, open, awaited, ...state } = one as MintState & {
      mint: string
      open: number
      awaited: SavedItem[]
    }
    for (const anchor of anchors) anchor.awaits ??= awaitedBefore(anchor)
    mints.set(mint, { ...state, anchors: anchors.slice(0, open) })
    for (const { index, ...item } of awaited) {
      const anchor = anchors[index]!
      yield { ...item, anchor, id: anchor.head.id }
    }
  }
}

/** States of before the number of snapshots could be chosen say whether ten are awaited. */
const awaitedBefore = (anchor: Anchor & { awaitsSnapshots?: boolean }): number[] =>
  anchor.awaitsSnapshots === true ? [10] : []

function savedItem({ availableAt, rank, horizon, label }: HeapItem, index: number): SavedItem {
  return label === undefined
    ? { index, availableAt, rank, horizon }
    : { index, availableAt, rank, horizon, label }
}
