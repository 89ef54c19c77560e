import { DataError } from '../base/errors.ts'
import { judge } from '../decide/judge-rules.ts'
import type { TradeCase } from '../decide/trade-case.ts'
import { share } from '../market/ratio.ts'
import type { Decision } from '../records/decision.ts'
import { isPath } from '../records/opportunity.ts'
import type { Order } from '../records/order.ts'
import type { Rec } from '../records/record.ts'
import type { Account } from './account/account.ts'
import { worthOf } from './marking.ts'
import { buyKey, buyOrder } from './place-order.ts'
import { orderLine } from './trade-lines.ts'
import type { Outside, TradePlan, Trading } from './trade-plan.ts'
import type { Costs } from './venue.ts'
import { reservesFor } from './view.ts'
import { placeLine } from './writing.ts'

/**
 * Why a path is refused. Its first leg alone is another trade than the one that was decided on, and
 * would stay open; a rule that could be left out would let it through.
 */
const PATH = 'path'

/**
 * Acts on a buy decision: judges it by the book and places the order, or writes why not. A decision
 * on an arbitrage path is refused: paths are not executed whole yet.
 */
export function buy(trading: Trading, rec: Rec & { mint: string }, decision: Decision): void {
  if (isPath(rec)) {
    refusePath(trading, rec, decision)
    return
  }
  const { plan, venue, view } = trading
  const seen = view.get(rec.mint)
  if (seen === undefined) return
  const asked = decision.pool ?? rec.pool
  const told = decision.sizeLamports === undefined ? plan.size : BigInt(decision.sizeLamports)
  const first = venue.quote(seen, 'buy', told, asked)
  const { size, rules } = amountsIn(trading, first?.currency, decision)
  const quote = size === told ? first : venue.quote(seen, 'buy', size, asked)
  refuseOtherCurrency(trading, quote?.currency)
  const costs = venue.costs(seen, 'buy', quote?.currency ?? 'sol')
  const { reasons, unknown } = judge(rules, caseOf(trading, rec, decision, size, costs))
  // Nobody looks after execute: what could not be judged here is not bought.
  reasons.push(...unknown)
  if (quote === undefined || quote.out === 0n) reasons.push('no-price')
  const halted = trading.outside.noBuys?.()
  if (halted !== undefined) reasons.push(halted)
  const slippageBps = Math.min(decision.maxSlippageBps ?? plan.buySlippageBps, plan.buySlippageBps)
  const terms = {
    venue: venue.name,
    quote,
    slippageBps,
    priorityFee: costs.priorityFee,
    now: trading.now,
  }
  const order = buyOrder(rec, size, terms)
  const about = { ts: trading.now, mint: rec.mint, pool: reservesFor(seen, asked)?.pool ?? asked }
  if (reasons.length > 0) refuse(trading, about, order, reasons)
  else {
    trading.entries.set(order.intent, entryOf(rec, decision))
    placeLine(trading, orderLine(about, 1, order))
  }
}

function refusePath(
  trading: Trading,
  rec: Rec & { mint: string },
  { sizeLamports, maxSlippageBps }: Decision,
): void {
  const { plan, venue, now } = trading
  const slippageBps = Math.min(maxSlippageBps ?? plan.buySlippageBps, plan.buySlippageBps)
  const size = sizeLamports === undefined ? plan.size : BigInt(sizeLamports)
  const terms = { venue: venue.name, quote: undefined, slippageBps, priorityFee: 0n, now }
  const about = { ts: now, mint: rec.mint, pool: rec.pool }
  refuse(trading, about, buyOrder(rec, size, terms), [PATH])
}

/**
 * The size of a buy and the rules with their limits, in what the cash is in. Amounts that nobody
 * gave are shares of a cash that is not in SOL.
 */
function amountsIn(
  { plan, note }: Trading,
  currency: string | undefined,
  { sizeLamports, sizeCashLamports }: Decision,
): Pick<TradePlan, 'size' | 'rules'> {
  const told = sizeLamports === undefined ? undefined : BigInt(sizeLamports)
  const { share } = plan
  if (currency === undefined || currency === 'sol' || share === undefined)
    return { size: told ?? plan.size, rules: plan.rules }
  if (share.text !== '') note(`shares of the cash in ${currency}`, share.text)
  const { size, rules, fit } = share
  if (told === undefined) return { size, rules }
  return {
    size: sizeCashLamports === undefined ? told : fit(told, BigInt(sizeCashLamports)),
    rules,
  }
}

/** Cash counts one currency; a second one in the same run means that two inputs were mixed up. */
function refuseOtherCurrency({ account }: Trading, currency: string | undefined): void {
  const own = account.currency()
  if (own === undefined || currency === undefined || own === currency) return
  throw new DataError(
    `expected prices in ${own} like the orders before, got ${currency}: one currency per run`,
    {
      field: 'candle.currency',
    },
  )
}

function refuse(
  trading: Trading,
  about: Parameters<typeof orderLine>[0],
  order: Order,
  reasons: string[],
): void {
  for (const reason of reasons) trading.count(`refused-${reason}`)
  trading.write(orderLine(about, 'refused', { ...order, state: 'refused', reasons }))
}

/**
 * Times whose days count for the limits of a day: the clock’s, and where that is not the time of
 * the lines, the newest line’s and that of a ledger which has seen later.
 */
export const daysOf = (account: Account, now: number, outside: Pick<Outside, 'lineTs'>): number[] =>
  [now, outside.lineTs?.(), Math.max(now, account.now())].filter(ts => ts !== undefined)

function caseOf(
  trading: Trading,
  rec: Rec & { mint: string },
  decision: Decision,
  size: bigint,
  costs: Costs,
): TradeCase {
  const { account, now, outside } = trading
  const { book, intents, risk } = account
  const inFlight = [...intents.open()].filter(({ order }) => order.side === 'buy')
  const lostAt = risk.lostAt()
  const times = daysOf(account, now, outside)
  return {
    ts: now,
    line: rec as TradeCase['line'],
    decision,
    ageMs: now - rec.ts,
    positions: [...book.holdings()].filter(h => h.status === 'open').length + inFlight.length,
    size,
    need: size + costs.fee + costs.priorityFee + (costs.tip ?? 0n) + costs.rent,
    free: book.cash() - intents.reserved(),
    spentToday: inFlight.reduce(
      (sum, i) => sum + BigInt(i.order.inAmount ?? '0'),
      risk.spentToday(...times),
    ),
    earnedToday: risk.earnedToday(...times),
    drawdown: drawdownOf(trading),
    streak: risk.streak(),
    sinceLossMs: lostAt === undefined ? undefined : now - lostAt,
    isKilled: outside.isKilled(),
    unknown: decision.unknown ?? [],
    isDuplicate:
      intents.get(buyKey(rec.mint, rec.id)) !== undefined ||
      book.heldOf(rec.mint) !== undefined ||
      inFlight.some(({ mint }) => mint === rec.mint),
    clockGapMs: outside.clockGapMs(now),
  }
}

/**
 * Fall of equity (cash, deposits, positions at what they would bring) below the highest realised
 * equity.
 */
function drawdownOf(trading: Trading): number {
  const { risk } = trading.account
  const { equity } = worthOf(trading)
  return equity < risk.peak() ? share(risk.peak() - equity, risk.peak()) : 0
}

const entryOf = (rec: Rec, { confidence, scores, rugRisk, arm, versions }: Decision) => ({
  decision: rec.id,
  ...(confidence !== undefined && { confidence }),
  ...(scores !== undefined && { scores }),
  ...(rugRisk !== undefined && { rugRisk }),
  ...(arm !== undefined && { arm }),
  ...(versions !== undefined && { versions }),
})
