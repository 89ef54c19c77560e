import { isWhale, type WhaleSize } from '../market/whale.ts'
import type { Label } from '../records/label.ts'
import type { Rec } from '../records/record.ts'
import { type Anchor, makeAnchor, PATIENCE, SNAPSHOTS, snapshotLabel } from './anchors.ts'
import { type Due, makeHeap } from './heap.ts'
import type { LabelFlags } from './label-flags.ts'
import { type MintState, makeMints } from './mint-state.ts'
import { HOUR, see, type Timed, timedLabel } from './outcome.ts'
import { makePools } from './path-quotes.ts'
import { type Sample, sampleOf } from './price-sample.ts'

interface LabelerOptions
  extends Pick<LabelFlags, 'horizons' | 'every' | 'eachKind' | 'late' | keyof WhaleSize> {
  /** Parts of the anchor that its labels carry. */
  parts: readonly (keyof Rec)[]
  count(what: string, by?: number): void
}

/** A label that is awaited, or known and waiting for its turn. */
interface Item extends Due {
  anchor: Anchor
  horizon: Timed | 'n10' | 'path'
  /** n10 that is complete. */
  label?: Label
}

const RANK = { h1: 0, h6: 1, h24: 2, n10: 3, path: 4 } as const
/** The legs are quoted again this long after the opportunity. */
const PATH_MS = 2000

type EmitLabel = (anchor: Anchor, label: Label) => void

interface State {
  options: LabelerOptions
  mints: ReturnType<typeof makeMints>
  pools: ReturnType<typeof makePools>
  heap: ReturnType<typeof makeHeap<Item>>
  /** Newest event time. */
  now: number
}

/**
 * Turns a stream into labels. Time is the newest ts seen, ticks included, and a label leaves when
 * time has passed its availableAt, so labels come in order of availableAt, then id, then horizon.
 * Only lines after the anchor count.
 */
export function makeLabeler(options: LabelerOptions) {
  const state: State = { options, mints: makeMints(), pools: makePools(), heap: makeHeap(), now: 0 }
  const { mints, pools, heap } = state
  return {
    /**
     * Takes the next line. Labels that matured before it are emitted, unless the line only rebuilds
     * state.
     */
    take(rec: Rec, emit: EmitLabel): void {
      if (rec.label !== undefined) return
      if (rec.ts > state.now) advance(state, rec.ts, rec.warm ? () => {} : emit)
      takeFacts(state, rec)
    },
    /** Time is `ts` again: anchors of later times wait for nothing that comes, and are counted. */
    setBack(ts: number): void {
      state.now = ts
      mints.setBack(ts, options.every)
      const gone = heap.keep(({ anchor }) => anchor.base.ts <= ts)
      if (gone > 0) options.count('dropped as time was set back', gone)
    },
    /** Newest event time. */
    now: () => state.now,
    /** Emits all that is pending as censored. */
    flush: (emit: EmitLabel): void => release(state, Number.POSITIVE_INFINITY, emit, true),
    pending: (): number =>
      heap.items().filter(item => item.label !== undefined || isAwaited(item)).length,
    /** The state as plain values: one for all, then one per mint. */
    *save(): Generator<unknown> {
      yield { now: state.now, pools: pools.save() }
      yield* mints.save(heap.items())
    },
    load(head: unknown, rest: Iterable<unknown>): void {
      const saved = head as { now: number; pools: unknown }
      state.now = saved.now
      pools.load(saved.pools)
      for (const item of mints.load(rest)) heap.push(item as unknown as Item)
    },
  }
}

function advance(state: State, ts: number, emit: EmitLabel): void {
  release(state, ts, emit, false)
  if (Math.floor(ts / HOUR) > Math.floor(state.now / HOUR)) state.mints.evict(ts - PATIENCE)
  state.now = ts
}

function release(state: State, before: number, emit: EmitLabel, isCut: boolean): void {
  for (
    let item = state.heap.popBefore(before);
    item !== undefined;
    item = state.heap.popBefore(before)
  ) {
    const label = labelOf(state, item, isCut)
    state.mints.dropIfDone(item.anchor)
    if (label !== undefined) emit(item.anchor, label)
  }
}

function labelOf({ mints, pools }: State, item: Item, isCut: boolean): Label | undefined {
  const { anchor, horizon, availableAt } = item
  if (horizon === 'path') return pools.quote(anchor.parts.opportunity!, availableAt)
  if (horizon === 'n10') {
    if (item.label === undefined && !anchor.awaitsSnapshots) return undefined
    anchor.awaitsSnapshots = false
    return item.label ?? snapshotLabel(anchor, availableAt, isCut)
  }
  const [one] = anchor.open.splice(
    anchor.open.findIndex(open => open.horizon === horizon),
    1,
  )
  if (one === undefined) return undefined
  return timedLabel(horizon, anchor.base, one.seen, mints.of(anchor.head.mint!).hasTrades, isCut)
}

function takeFacts(state: State, rec: Rec): void {
  const { mints, pools, options } = state
  pools.see(rec)
  if (rec.mint === undefined) return
  const own = mints.of(rec.mint)
  if (rec.trade !== undefined) own.hasTrades = true
  const sample = sampleOf(rec)
  const whale = isWhale(rec, options)
  if (sample !== undefined || whale)
    for (const anchor of own.anchors) apply(state, anchor, rec, sample, whale)
  mints.remember(own, sample, state.now, options.late)
  if (rec.features !== undefined || rec.decision !== undefined) open(state, own, rec, sample)
}

function apply(
  state: State,
  anchor: Anchor,
  rec: Rec,
  sample: Sample | undefined,
  whale: boolean,
): void {
  if (rec.ts <= anchor.base.ts) return
  if (whale) for (const { due, seen } of anchor.open) if (rec.ts <= due) seen.whales++
  if (sample === undefined || sample.unit !== anchor.unit) return
  applyPrice(anchor, sample)
  if (rec.market === undefined || !anchor.awaitsSnapshots || rec.pool !== anchor.head.pool) return
  anchor.snapshots++
  anchor.snapshotHigh = Math.max(anchor.snapshotHigh, sample.price)
  if (anchor.snapshots < SNAPSHOTS) return
  anchor.awaitsSnapshots = false
  expect(state, anchor, 'n10', state.now, snapshotLabel(anchor, state.now, false))
}

function open(state: State, own: MintState, rec: Rec, sample: Sample | undefined): void {
  const { horizons, every, eachKind, late, parts: wanted, count } = state.options
  const slot = every === 0 ? -1 : Math.floor(rec.ts / every)
  const newest = eachKind ? (own.slots?.[rec.kind] ?? -1) : own.slot
  if (every !== 0 && slot <= newest) return
  const isPath = rec.kind === 'opportunity'
  if (rec.ts < state.now - late || (isPath && rec.ts + PATH_MS < state.now)) {
    count('late')
    return
  }
  if (eachKind) own.slots = { ...own.slots, [rec.kind]: slot }
  else own.slot = slot
  const parts: Record<string, unknown> = {}
  for (const part of wanted) if (rec[part] !== undefined) parts[part] = rec[part]
  if (isPath) parts.opportunity = rec.opportunity
  const anchor = makeAnchor(rec, parts, horizons)
  state.mints.setBase(own, anchor, sample)
  for (const { horizon, due } of anchor.open) expect(state, anchor, horizon, due)
  if (anchor.awaitsSnapshots) expect(state, anchor, 'n10', rec.ts + PATIENCE)
  if (isPath && rec.opportunity !== undefined && horizons.includes('path')) {
    expect(state, anchor, 'path', rec.ts + PATH_MS)
  }
  if (anchor.open.length === 0 && !anchor.awaitsSnapshots) return
  for (const one of own.recent)
    if (one.ts > rec.ts && one.unit === anchor.unit) applyPrice(anchor, one)
  own.anchors.push(anchor)
}

function expect(
  { heap }: State,
  anchor: Anchor,
  horizon: Item['horizon'],
  availableAt: number,
  label?: Label,
): void {
  const item: Item = { availableAt, id: anchor.head.id, rank: RANK[horizon], anchor, horizon }
  if (label !== undefined) item.label = label
  heap.push(item)
}

const isAwaited = ({ anchor, horizon }: Item): boolean =>
  horizon !== 'n10' || anchor.awaitsSnapshots

function applyPrice(anchor: Anchor, sample: Sample): void {
  const { base } = anchor
  // A bar that began before the anchor: only its close is surely later.
  const seen =
    sample.since >= base.ts ? sample : { ...sample, high: sample.price, low: sample.price }
  if (sample.ts <= base.ts + HOUR) base.hourHigh = Math.max(base.hourHigh, seen.high)
  for (const one of anchor.open) {
    if (sample.ts > one.due) continue
    see(one.seen, base, seen)
    if (sample.liquidity !== undefined && sample.pool === anchor.head.pool) {
      one.seen.liquidity = Math.min(one.seen.liquidity, sample.liquidity)
    }
  }
}
