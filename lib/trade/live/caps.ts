import type { Account } from '../account/account.ts'
import type { LiveSettings } from './live-settings.ts'
import type { Permit } from './send/signer.ts'

/**
 * Asked by the signer before each signature, not of the rules: whatever a flag, a rule or a bug
 * lets through, no more than the caps is ever signed for. A trade and the day are counted by the
 * chain’s balances and by the book, the larger counts: what a program takes beyond its due uses the
 * day up. `times` are those whose days count in the book. Sales are always allowed.
 */
export function capsOf(
  account: Account,
  caps: LiveSettings['caps'],
  times: () => readonly number[],
): Permit {
  return (order, { spent, pays }) => {
    if (order.side === 'sell') return undefined
    // The order itself is among those in flight.
    const inFlight = [...account.intents.open()].filter(each => each.order.side === 'buy')
    const flying = inFlight.reduce((sum, each) => sum + BigInt(each.order.inAmount ?? '0'), 0n)
    const { inAmount } = order
    if (inAmount > caps.perTrade || pays > caps.perTrade)
      return `over live.caps.perTrade, ${caps.perTrade} lamports: ${inAmount}, by the chain ${pays}`
    const booked = account.risk.spentToday(...times())
    if ([spent, booked].some(each => each + flying > caps.perDay))
      return `over live.caps.perDay, ${caps.perDay} lamports: ${spent} left the wallet today`
    if (account.book.totals().cost + flying > caps.total)
      return `over live.caps.total, ${caps.total} lamports`
    return undefined
  }
}
