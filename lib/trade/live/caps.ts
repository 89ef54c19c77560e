import type { Account } from '../account.ts'
import type { LiveSettings } from './live-settings.ts'
import type { Permit } from './send/signer.ts'

/**
 * Asked by the signer before each signature, from the book and not from the rules: whatever a flag,
 * a rule or a bug lets through, no more than the caps is ever signed for. Sales are always allowed.
 */
export function capsOf(account: Account, caps: LiveSettings['caps'], now: () => number): Permit {
  return order => {
    if (order.side === 'sell') return undefined
    // The order itself is among those in flight.
    const inFlight = [...account.intents.open()].filter(each => each.order.side === 'buy')
    const flying = inFlight.reduce((sum, each) => sum + BigInt(each.order.inAmount ?? '0'), 0n)
    if (order.inAmount > caps.perTrade)
      return `${order.inAmount} lamports, live.caps.perTrade is ${caps.perTrade}`
    if (account.risk.spentToday(now()) + flying > caps.perDay)
      return `over live.caps.perDay, ${caps.perDay} lamports`
    if (account.book.totals().cost + flying > caps.total)
      return `over live.caps.total, ${caps.total} lamports`
    return undefined
  }
}
