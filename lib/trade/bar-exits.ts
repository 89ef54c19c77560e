import type { Candle } from '../records/candle.ts'
import type { Rec } from '../records/record.ts'
import { entryPrice, type Holding, raisePeak } from './account/book.ts'
import { type BarExit, exitInBar } from './bar-levels.ts'
import { exitOf } from './exits.ts'
import { sell } from './selling.ts'
import { settle } from './settling.ts'
import type { Trading } from './trade-plan.ts'
import type { Seen } from './view.ts'

/** Kinds of exits that a bar can set off before it closes. */
const INSIDE = new Set(['stop-loss', 'trailing-stop', 'take-profit'])

/**
 * Follows a held token through a bar that was just told, where the venue fills inside bars: sells
 * what stops and targets say at the prices at which they say it, and raises the best price. What
 * the close itself says, and time, is left to whoever looks at closes. With closes alone it counts
 * what they do not show.
 */
export function followBar(trading: Trading, h: Holding, rec: Rec, seen: Seen): void {
  const { plan, venue } = trading
  const bar = rec.candle
  // Where reserves are known, they make the price, and bars none.
  const isPrice = seen.isPriced && seen.newest === undefined && seen.candle === bar
  if (bar === undefined || !isPrice || venue.settleInBar === undefined) return
  const entry = entryPrice(h)
  if (h.status !== 'open' || h.selling !== undefined) return
  if (entry === undefined || !(entry > 0) || !(bar.low > 0) || bar.high < bar.low) return
  if (plan.intrabar === 'close') {
    if (exitInBar(h, bar, entry, trading.now, plan) !== undefined)
      countExit(trading, isSeenAtClose(trading, h, bar, entry))
    return
  }
  for (const part of partsOf(trading, rec.mint, bar)) {
    if (!sellInside(trading, h, seen, { bar, part, entry, cause: rec.id })) return
    raisePeak(h, part.high / entry - 1)
  }
}

interface Where {
  /** The bar as it was told, and the part of it that is looked at. */
  bar: Candle
  part: Pick<Candle, 'open' | 'high' | 'low'>
  entry: number
  cause: string
}

/** Sells all that a part of a bar says; false once nothing is left, or a sale has to wait. */
function sellInside(trading: Trading, h: Holding, seen: Seen, where: Where): boolean {
  const { bar, part, entry, cause } = where
  const isHeld = (): boolean => h.amount > 0n && h.selling === undefined && h.status === 'open'
  while (isHeld()) {
    const found = exitInBar(h, part, entry, trading.now, trading.plan)
    if (found === undefined) break
    const isSeen = isSeenAtClose(trading, h, bar, entry)
    countExit(trading, isSeen)
    sell(trading, h, orderFor(found, cause, isSeen))
    const { venue, now } = trading
    // The exit went off inside the bar, so its outcome is known with the bar.
    const outcome =
      h.selling === undefined
        ? undefined
        : venue.settleInBar?.(h.selling, { bar, price: found.price }, seen, now)
    if (outcome === undefined) return false
    settle(trading, outcome)
  }
  return isHeld()
}

const orderFor = ({ exit, amount, rungs, price }: BarExit, cause: string, isSeen: boolean) => ({
  exit,
  amount,
  rungs,
  cause,
  attempt: 1,
  intent: undefined,
  inside: { price, seenAtClose: isSeen },
})

function isSeenAtClose({ now, plan }: Trading, h: Holding, bar: Candle, entry: number): boolean {
  const atClose = exitOf(h, bar.close / entry - 1, now, plan)
  return atClose !== undefined && INSIDE.has(atClose.exit)
}

function countExit({ count }: Trading, isSeen: boolean): void {
  count('exit-inside-bar')
  if (!isSeen) count('exit-inside-bar-unseen-at-close')
}

/**
 * The bar itself, or the finer bars of its time where somebody named them. Finer bars that do not
 * reach from its low to its high leave something out: then the bar itself counts.
 */
function partsOf({ plan, detail, count }: Trading, mint = '', bar: Candle): Where['part'][] {
  if (plan.intrabar !== 'ticks') return [bar]
  const parts = detail?.within(mint, bar.openAt, bar.openAt + bar.intervalMs) ?? []
  const low = Math.min(...parts.map(part => part.low))
  const high = Math.max(...parts.map(part => part.high))
  const reaches = low <= bar.low * (1 + ROUNDING) && high >= bar.high * (1 - ROUNDING)
  if (parts.length > 0 && reaches) return parts
  count(parts.length === 0 ? 'bar-without-detail' : 'bar-beyond-detail')
  return [bar]
}

/** Prices of two files are rounded apart. */
const ROUNDING = 1e-9
