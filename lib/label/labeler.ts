import { boundedTrade, ODD_PRINT } from '../market/odd-print.ts'
import { isWhale } from '../market/whale.ts'
import type { Label } from '../records/label.ts'
import type { Rec } from '../records/record.ts'
import { type Anchor, makeAnchor, PATIENCE, snapshotLabel } from './anchors.ts'
import {
  type Definition,
  definitionOf,
  endOf,
  type Horizon,
  hashOf,
  horizonsOf,
  type MeaningFlags,
} from './definition.ts'
import { type Due, makeHeap } from './heap.ts'
import type { LabelFlags } from './label-flags.ts'
import { type MintState, makeMints } from './mint-state.ts'
import { HOUR, see, timedLabel } from './outcome.ts'
import { makePools } from './path-quotes.ts'
import { type Sample, sampleOf } from './price-sample.ts'
import type { Blind } from './quiet.ts'

interface LabelerOptions
  extends MeaningFlags,
    Pick<LabelFlags, 'horizons' | 'every' | 'eachKind' | 'late'> {
  /** Parts of the anchor that its labels carry. */
  parts: readonly (keyof Rec)[]
  count(what: string, by?: number): void
}

/** A label that is awaited, or known and waiting for its turn. */
interface Item extends Due {
  anchor: Anchor
  horizon: string
  /** That of snapshots, when they are complete. */
  label?: Label
}

/** The legs are quoted again this long after the opportunity. */
const PATH_MS = 2000

type EmitLabel = (anchor: Anchor, label: Label) => void

interface State {
  options: LabelerOptions
  definition: Definition
  horizons: readonly Horizon[]
  byName: ReadonlyMap<string, { horizon: Horizon; hash: string }>
  mints: ReturnType<typeof makeMints>
  pools: ReturnType<typeof makePools>
  heap: ReturnType<typeof makeHeap<Item>>
  /** Newest event time. */
  now: number
  /** When the stream told nothing, for as long as a horizon may ask for it. */
  blind: Blind[]
  /** Length of the longest bar so far: a bar tells all of its time when it closes, in ms. */
  bar: number
}

/**
 * Turns a stream into labels. Time is the newest ts seen, ticks included, and a label leaves when
 * time has passed its availableAt, so labels come in order of availableAt, then id, then horizon.
 * Only lines after the anchor count.
 */
export function makeLabeler(options: LabelerOptions) {
  const [definition, horizons] = [definitionOf(options), horizonsOf(options.horizons)]
  const state: State = {
    options,
    definition,
    horizons,
    byName: new Map(
      horizons.map(horizon => [horizon.name, { horizon, hash: hashOf(horizon, definition) }]),
    ),
    mints: makeMints(),
    pools: makePools(),
    heap: makeHeap(),
    now: 0,
    blind: [],
    bar: 0,
  }
  const { mints, pools, heap } = state
  return {
    /**
     * Takes the next line. Labels that matured before it are emitted, unless the line only rebuilds
     * state.
     */
    take(rec: Rec, emit: EmitLabel): void {
      if (rec.label !== undefined) return
      if (rec.ts > state.now) advance(state, rec.ts, rec.warm ? () => {} : emit)
      if (rec.candle !== undefined) state.bar = Math.max(state.bar, rec.candle.intervalMs)
      takeFacts(state, rec)
    },
    /** Time is `ts` again: anchors of later times wait for nothing that comes, and are counted. */
    setBack(ts: number): void {
      state.now = ts
      state.blind = state.blind.filter(([from]) => from < ts)
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
      yield { now: state.now, blind: state.blind, bar: state.bar, pools: pools.save() }
      yield* mints.save(heap.items())
    },
    load(head: unknown, rest: Iterable<unknown>): void {
      const saved = head as { now: number; blind?: Blind[]; bar?: number; pools: unknown }
      state.now = saved.now
      state.blind = saved.blind ?? []
      state.bar = saved.bar ?? 0
      pools.load(saved.pools)
      for (const item of mints.load(rest)) {
        const rank = endOf(state.byName.get(item.horizon)!.horizon)
        heap.push({ ...(item as unknown as Item), rank })
      }
    },
  }
}

function advance(state: State, ts: number, emit: EmitLabel): void {
  noteSilence(state, state.now, ts)
  release(state, ts, emit, false)
  if (Math.floor(ts / HOUR) > Math.floor(state.now / HOUR)) state.mints.evict(ts - PATIENCE)
  state.now = ts
}

/**
 * Remembers that the stream told nothing from one time to another, where that is long enough to
 * leave the end of a horizon untold. From one bar to the next of the longest ones all was told.
 */
function noteSilence({ horizons, blind, bar }: State, from: number, until: number): void {
  const lengths = horizons.flatMap(horizon => (horizon.kind === 'time' ? [horizon.ms] : []))
  if (lengths.length === 0 || from === 0) return
  if (until - from > Math.max(bar, Math.min(...lengths) / 4)) {
    blind.push([from, until])
    blind.sort(([a], [b]) => a - b)
  }
  const oldest = until - Math.max(...lengths) - HOUR
  while (blind[0] !== undefined && blind[0][1] < oldest) blind.shift()
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

function labelOf(state: State, item: Item, isCut: boolean): Label | undefined {
  const { horizon, hash } = state.byName.get(item.horizon)!
  const label = bareLabel(state, item, horizon, isCut)
  if (label === undefined) return undefined
  const { horizon: name, ...rest } = label
  return { horizon: name, hash, ...rest }
}

function bareLabel(
  { mints, pools, definition, blind }: State,
  item: Item,
  horizon: Horizon,
  isCut: boolean,
): Label | undefined {
  const { anchor, availableAt } = item
  if (horizon.kind === 'path') return pools.quote(anchor.parts.opportunity!, availableAt)
  if (horizon.kind === 'snapshots') {
    if (item.label === undefined && !anchor.awaits.includes(horizon.snapshots)) return undefined
    anchor.awaits = anchor.awaits.filter(count => count !== horizon.snapshots)
    const end = { availableAt, isCut }
    return item.label ?? snapshotLabel(anchor, horizon.snapshots, definition, end)
  }
  const at = anchor.open.findIndex(open => open.horizon === horizon.name)
  const [one] = at < 0 ? [] : anchor.open.splice(at, 1)
  if (one === undefined) return undefined
  const { hasTrades } = mints.of(anchor.head.mint!)
  return timedLabel(horizon, definition, anchor.base, one.seen, { hasTrades, isCut, blind })
}

function takeFacts(state: State, rec: Rec): void {
  const { mints, pools, options } = state
  if (rec.gap !== undefined) noteSilence(state, rec.gap.fromAt, rec.gap.untilAt ?? rec.ts)
  pools.see(rec)
  if (rec.mint === undefined) return
  const own = mints.of(rec.mint)
  if (rec.trade !== undefined) own.hasTrades = true
  const sample = sampleOf(rec)
  const whale = isWhale(rec, options)
  if (boundedTrade(rec) !== rec) options.count(ODD_PRINT)
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
  applyPrice(state, anchor, sample)
  if (rec.market === undefined || anchor.awaits.length === 0 || rec.pool !== anchor.head.pool)
    return
  anchor.snapshots++
  anchor.snapshotHigh = Math.max(anchor.snapshotHigh, sample.price)
  const { snapshots } = anchor
  if (!anchor.awaits.includes(snapshots)) return
  anchor.awaits = anchor.awaits.filter(count => count !== snapshots)
  const end = { availableAt: state.now, isCut: false }
  const label = snapshotLabel(anchor, snapshots, state.definition, end)
  expect(state, anchor, label.horizon, state.now, label)
}

function open(state: State, own: MintState, rec: Rec, sample: Sample | undefined): void {
  const { every, eachKind, late, parts: wanted, count } = state.options
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
  const anchor = makeAnchor(rec, parts, state.horizons)
  state.mints.setBase(own, anchor, sample)
  for (const { horizon, due } of anchor.open) expect(state, anchor, horizon, due)
  for (const count of anchor.awaits) expect(state, anchor, `n${count}`, rec.ts + PATIENCE)
  if (isPath && rec.opportunity !== undefined && state.byName.has('path')) {
    expect(state, anchor, 'path', rec.ts + PATH_MS)
  }
  if (anchor.open.length === 0 && anchor.awaits.length === 0) return
  for (const one of own.recent)
    if (one.ts > rec.ts && one.unit === anchor.unit) applyPrice(state, anchor, one)
  own.anchors.push(anchor)
}

function expect(
  { heap, byName }: State,
  anchor: Anchor,
  horizon: string,
  availableAt: number,
  label?: Label,
): void {
  const rank = endOf(byName.get(horizon)!.horizon)
  const item: Item = { availableAt, id: anchor.head.id, rank, anchor, horizon }
  if (label !== undefined) item.label = label
  heap.push(item)
}

const isAwaited = ({ anchor, horizon }: Item): boolean =>
  !horizon.startsWith('n') || anchor.awaits.includes(Number(horizon.slice(1)))

function applyPrice({ definition }: State, anchor: Anchor, sample: Sample): void {
  const { base } = anchor
  // A bar that began before the anchor: only its close is surely later.
  const seen =
    sample.since >= base.ts ? sample : { ...sample, high: sample.price, low: sample.price }
  if (sample.ts <= base.ts + definition.profitWithin)
    base.hourHigh = Math.max(base.hourHigh, seen.high)
  for (const one of anchor.open) {
    if (sample.ts > one.due) continue
    see(one.seen, base, seen)
    if (sample.liquidity !== undefined && sample.pool === anchor.head.pool) {
      one.seen.liquidity = Math.min(one.seen.liquidity, sample.liquidity)
    }
  }
}
