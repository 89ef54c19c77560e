import { TemporaryError } from '../../../base/errors.ts'
import type { Chain } from '../chain/chain.ts'
import { moneyMoved } from './reconcile.ts'
import { signaturesSince } from './signatures-since.ts'

/**
 * Lamports that have left a wallet since midnight UTC, by the chain: every transaction that it was
 * in counts by how far the wallet and its wrapped SOL fell in it, whoever sent it and whatever a
 * book says. What came in is not set off against it. A withdrawal counts, too.
 */
export interface Outflow {
  /**
   * As of now, on the chain’s clock. A TemporaryError or DataError when it cannot be known: then
   * nothing may be bought.
   */
  today(signal: AbortSignal): Promise<bigint>
}

const DAY_SECONDS = 86_400

/** Counts what leaves a wallet; each transaction is looked at once. */
export function makeOutflow(
  chain: Pick<Chain, 'clock' | 'signatures' | 'transaction'>,
  wallet: string,
): Outflow {
  const counted = new Set<string>()
  let [day, sum] = [0, 0n]
  let newest: string | undefined
  const look = async (signal: AbortSignal): Promise<bigint> => {
    const midnight = Math.floor((await chain.clock(signal)) / DAY_SECONDS) * DAY_SECONDS
    if (midnight !== day) {
      ;[day, sum, newest] = [midnight, 0n, undefined]
      counted.clear()
    }
    const rows = await signaturesSince(chain, wallet, { midnight, newest }, signal)
    for (const signature of rows.reverse()) {
      if (!counted.has(signature)) {
        const json = await chain.transaction(signature, signal)
        // Another node, or the same a moment later, will have it.
        if (json === undefined) throw new TemporaryError(`${signature} is in no block of this node`)
        const moved = moneyMoved(json, { wallet, signature })
        if (moved < 0n) sum -= moved
        counted.add(signature)
      }
      newest = signature
    }
    return sum
  }
  // One look at a time, or a transaction would count twice.
  let last: Promise<unknown> = Promise.resolve()
  return {
    today(signal) {
      const next = last.then(() => look(signal))
      last = next.catch(() => undefined)
      return next
    },
  }
}
