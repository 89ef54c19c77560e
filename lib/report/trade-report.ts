import { USUAL_CASH } from '../decide/sizing.ts'
import { scale, share, tidy } from '../market/ratio.ts'
import { wilson } from '../maths/confidence-interval.ts'
import { currencyNamed, type Fill } from '../records/fill.ts'
import type { Order } from '../records/order.ts'
import type { Equity, Position } from '../records/position.ts'
import type { Rec } from '../records/record.ts'
import { isClaim } from '../trade/account/claims.ts'
import { makeMarked } from './marked.ts'
import type { Change, Held } from './performance.ts'
import { makeReclaimed } from './reclaimed.ts'
import { kindsOf, makeSides, type Side } from './sides.ts'

/**
 * What came of trading, from the lines of execute. Amounts in lamports, or 1e-9 of the currency.
 */
export interface TradeReport {
  /** Closed positions, and those with a profit after all costs. */
  trades: number
  wins: number
  /** Share of wins with its 95 % Wilson interval; absent without trades. */
  winRate?: { value: number; low: number; high: number }
  pnlLamports: bigint
  /** Value of open positions above their cost, where a price is known. */
  unrealizedLamports: bigint
  /** Won over lost; absent when nothing was lost. */
  profitFactor?: number
  /** Largest fall of realised equity from its peak, and the same over the peak. */
  drawdownLamports: bigint
  drawdown: number
  /** The same of the account marked to market, between marks; absent without marks. */
  markedDrawdown?: number
  /** Mean time held. */
  holdMinutes?: number
  open: number
  orphans: number
  costs: Record<(typeof COSTS)[number], bigint>
  /** What each side of trades cost beside what was asked. */
  sides: Side[]
  exits: Map<string, { trades: number; pnlLamports: bigint }>
  /** Sales that the way of a candle set off, and those of them that no close would have. */
  inside: { sales: number; unseenAtClose: number }
  /** Token accounts whose deposit was taken back, and what came of it: no sales. */
  reclaimed: ReturnType<ReturnType<typeof makeReclaimed>['value']>
  refusals: Map<string, number>
  /** Orders by side and final state, failures with their reason. */
  orders: Map<string, number>
  /** Closed positions by the confidence they were opened with, in tenths. */
  confidence: Map<string, { trades: number; wins: number; mean: number }>
  /** Chains, or models of one, that fills in SOL landed on; `unknown` where a line says none. */
  chains: string[]
}

/**
 * Costs by kind. Pool fees of sells are valued at the price of their fill; impact is counted over
 * candles, where it is cash: against reserves it is part of the price quoted. `gap` is what fills
 * brought less than was quoted when they were decided (slippage and time; below 0 = more); `failed`
 * is fees of tries without a swap.
 */
const COSTS = ['network', 'priority', 'tip', 'pool', 'impact', 'slippage', 'gap', 'failed'] as const

/**
 * Adds up the lines of one or several runs; a line seen before (same id) counts once per intent or
 * position state.
 */
export function makeReport(given: bigint | undefined) {
  let start = given
  const cash = (): bigint => start ?? USUAL_CASH
  const positions = new Map<string, Position>()
  const mints = new Map<string, string>()
  const states = new Map<string, Order>()
  const refusals = new Map<string, number>()
  const costs = Object.fromEntries(COSTS.map(name => [name, 0n])) as TradeReport['costs']
  const fills = makeFills(costs)
  const [equity, marks] = [makeEquity(cash), makeMarked(cash)]
  const { span, see } = makeSpan()
  const takeMark = (ts: number, mark: Equity): void => {
    see(mark.fromAt)
    start ??= BigInt(mark.startLamports)
    marks.take(ts, mark)
  }
  return {
    /** Cash at the start as a ledger tells it; what was given, or told first, stays. */
    begin(lamports: bigint): void {
      start ??= lamports
    },
    /** Time passes: a day without an order is a day without a profit. */
    see,
    update(rec: Rec): void {
      see(rec.ts)
      if (rec.order !== undefined)
        takeOrder(rec.order, states, refusals, costs, fee => equity.lose(rec.ts, fee))
      if (rec.fill !== undefined) fills.take(rec.fill)
      if (rec.equity !== undefined) takeMark(rec.ts, rec.equity)
      const { position } = rec
      if (position === undefined || positions.get(position.id)?.status === 'closed') return
      positions.set(position.id, position)
      if (rec.mint !== undefined) mints.set(position.id, rec.mint)
      if (position.status === 'closed') equity.close(rec.ts, BigInt(position.pnlLamports ?? '0'))
    },
    /** Every change of realised equity, in order, as a share of the cash at the start. */
    changes: (): readonly Change[] => equity.changes(),
    /** Worth of the account at the end of each period, as a share of the cash at the start. */
    marks: () => marks.all(),
    /** Positions as last seen, those still open held until the newest line. */
    held: (): Held[] => heldUntil(positions, span.to),
    /** Closed positions with their token, in the order of opening. */
    closed: () => closedOf(positions, mints),
    start: cash,
    /** What cash is counted in: SOL, or the currency of the candles. */
    unit: fills.unit,
    /** Event time of the first and last line. */
    span: (): Readonly<typeof span> => span,
    value: (): TradeReport => ({
      ...summarize([...positions.values()], states, refusals, costs, equity),
      ...marks.drawdown(),
      ...fills.value(),
    }),
  }
}

export type Report = ReturnType<typeof makeReport>

/** Fills of one or several runs, each counted once. */
function makeFills(costs: Costs) {
  const filled = new Set<string>()
  const chains = new Set<string>()
  const sides = makeSides()
  const reclaimed = makeReclaimed()
  let unit = 'SOL'
  return {
    take(fill: Fill): void {
      if (fill.currency !== undefined) unit = currencyNamed(fill.currency)
      if (filled.has(fill.intent)) return
      filled.add(fill.intent)
      takeFill(fill, costs)
      if (!reclaimed.take(fill)) sides.take(fill)
      if ((fill.currency ?? 'sol') === 'sol') chains.add(fill.chain ?? 'unknown')
    },
    unit: () => unit,
    value: () => ({
      sides: sides.value(),
      chains: [...chains].sort(),
      reclaimed: reclaimed.value(),
    }),
  }
}

function makeSpan() {
  const span = { from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY }
  const see = (ts: number): void => {
    span.from = Math.min(span.from, ts)
    span.to = Math.max(span.to, ts)
  }
  return { span, see }
}

const heldUntil = (positions: ReadonlyMap<string, Position>, end: number): Held[] =>
  [...positions.values()].map(({ openedAt, closedAt = end }) => ({ openedAt, closedAt }))

const closedOf = (
  positions: ReadonlyMap<string, Position>,
  mints: ReadonlyMap<string, string>,
): { mint: string; position: Position }[] =>
  [...positions.values()]
    .filter(({ status }) => status === 'closed')
    .map(position => ({ mint: mints.get(position.id) ?? '', position }))

type Costs = TradeReport['costs']

const add = (counts: Map<string, number>, key: string): void =>
  void counts.set(key, (counts.get(key) ?? 0) + 1)

function takeOrder(
  order: Order,
  states: Map<string, Order>,
  refusals: Map<string, number>,
  costs: Costs,
  lose: (fee: bigint) => void,
): void {
  if (order.state === 'refused') {
    for (const reason of order.reasons) add(refusals, reason)
    return
  }
  states.set(`${order.intent}#${order.attempt ?? 1}`, order)
  if (order.state !== 'reverted' || order.feeLamports === undefined) return
  costs.failed += BigInt(order.feeLamports)
  if (order.side === 'buy') lose(BigInt(order.feeLamports))
}

function takeFill(fill: Fill, costs: Costs): void {
  const kinds = kindsOf(fill)
  for (const name of ['network', 'priority', 'tip', 'pool', 'slippage'] as const)
    costs[name] += kinds[name]
  if (fill.costs !== undefined) costs.impact += kinds.impact
  if (fill.gapBps !== undefined) costs.gap += scale(kinds.cash, fill.gapBps / 10_000)
}

/** Realised equity: its changes, and its largest fall. Shares are of the cash at the start. */
function makeEquity(start: () => bigint) {
  const changes: { ts: number; by: bigint }[] = []
  return {
    changes: (): Change[] => changes.map(({ ts, by }) => ({ ts, gain: share(by, start()) })),
    close: (ts: number, by: bigint): void => void changes.push({ ts, by }),
    lose: (ts: number, fee: bigint): void => void changes.push({ ts, by: -fee }),
    drawdown() {
      let [now, peak, fall, fallShare] = [start(), start(), 0n, 0]
      for (const { by } of changes) {
        now += by
        if (now > peak) peak = now
        if (peak - now <= fall) continue
        fall = peak - now
        fallShare = Math.max(fallShare, share(fall, peak))
      }
      return { drawdownLamports: fall, drawdown: fallShare }
    },
  }
}

function summarize(
  positions: readonly Position[],
  states: ReadonlyMap<string, Order>,
  refusals: Map<string, number>,
  costs: Costs,
  equity: ReturnType<typeof makeEquity>,
): Omit<TradeReport, 'chains' | 'sides' | 'reclaimed'> {
  const closed = positions.filter(({ status }) => status === 'closed')
  const pnls = closed.map(p => BigInt(p.pnlLamports ?? '0'))
  const [won, lost] = [total(pnls.filter(x => x > 0n)), -total(pnls.filter(x => x < 0n))]
  const wins = pnls.filter(x => x > 0n).length
  const held = closed.map(p => ((p.closedAt ?? p.openedAt) - p.openedAt) / 60_000)
  const orders = new Map<string, number>()
  for (const order of states.values())
    add(orders, [isClaim(order) ? 'reclaim' : order.side, order.state, ...order.reasons].join(' '))
  return {
    trades: closed.length,
    wins,
    ...(closed.length > 0 && { winRate: rate(wins, closed.length) }),
    pnlLamports: total(pnls),
    unrealizedLamports: total(
      positions.filter(p => p.status === 'open').map(p => BigInt(p.unrealizedLamports ?? '0')),
    ),
    ...(lost > 0n && { profitFactor: tidy(share(won, lost)) }),
    ...equity.drawdown(),
    ...(held.length > 0 && { holdMinutes: tidy(held.reduce((a, b) => a + b, 0) / held.length) }),
    open: positions.filter(p => p.status === 'open').length,
    orphans: positions.filter(p => p.status === 'orphan').length,
    costs: { ...costs },
    exits: byExit(closed),
    inside: insideOf([...states.values()]),
    refusals,
    orders,
    confidence: byConfidence(closed),
  }
}

function insideOf(orders: readonly Order[]): TradeReport['inside'] {
  const sales = orders.filter(({ state, inside }) => state === 'landed' && inside !== undefined)
  const unseen = sales.filter(({ inside }) => inside?.seenAtClose === false)
  return { sales: sales.length, unseenAtClose: unseen.length }
}

const total = (amounts: readonly bigint[]): bigint => amounts.reduce((a, b) => a + b, 0n)

function rate(wins: number, trades: number): { value: number; low: number; high: number } {
  const [low, high] = wilson(wins, trades)
  return { value: wins / trades, low, high }
}

function byExit(closed: readonly Position[]): TradeReport['exits'] {
  const exits: TradeReport['exits'] = new Map()
  for (const { exit = 'unknown', pnlLamports = '0' } of closed) {
    const entry = exits.get(exit) ?? { trades: 0, pnlLamports: 0n }
    exits.set(exit, {
      trades: entry.trades + 1,
      pnlLamports: entry.pnlLamports + BigInt(pnlLamports),
    })
  }
  return exits
}

/**
 * What was promised against what came: in a calibrated gate the share of wins grows with the
 * confidence.
 */
function byConfidence(closed: readonly Position[]): TradeReport['confidence'] {
  const bins: TradeReport['confidence'] = new Map()
  for (const { entry, pnlLamports = '0' } of closed) {
    if (entry?.confidence === undefined) continue
    const tenth = Math.min(9, Math.floor(entry.confidence * 10))
    const name = `${(tenth / 10).toFixed(1)}–${((tenth + 1) / 10).toFixed(1)}`
    const bin = bins.get(name) ?? { trades: 0, wins: 0, mean: 0 }
    bin.mean = (bin.mean * bin.trades + entry.confidence) / (bin.trades + 1)
    bin.trades++
    if (BigInt(pnlLamports) > 0n) bin.wins++
    bins.set(name, bin)
  }
  return new Map([...bins].sort(([a], [b]) => (a < b ? -1 : 1)))
}
