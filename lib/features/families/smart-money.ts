import { messageOf, UsageError } from '../../base/errors.ts'
import { file, grouped, int } from '../../base/flags.ts'
import { readText } from '../../base/read-text.ts'
import type { Rec } from '../../records/record.ts'
import type { Wallets } from '../kit/family.ts'
import { makeHistory } from '../kit/history.ts'
import type { StateTape } from '../kit/state-tape.ts'

/** Flags that say whose trades count as smart money. */
export const smartFlags = grouped('Whales and smart money', {
  smartWallets: file('wallets that count as smart money, one address per line'),
  smartRanking: int('instead of a list: the N wallets with the highest realised profit so far', {
    min: 1,
    max: 10_000,
  }),
})

const DAY = 86_400_000
/** Listed wallets remembered per token. */
const MAX_WALLETS = 1000

/** What listed or ranked wallets do with a token; of a ranked one, from when it is. */
export interface SmartMoney {
  see(rec: Rec): void
  /**
   * Buys minus sells in the last 24 hours (since first seen, when that is less); absent before any
   * trade.
   */
  netBuys(ts: number): number | undefined
  /** Wallets that bought more than they sold since first seen; absent before any trade. */
  holding(): number | undefined
  visit(tape: StateTape): void
}

/** A token of which none of the wallets has been seen trading. */
export function makeSmartMoney(wallets: Wallets): SmartMoney {
  const net = makeHistory(15 * 60_000, 98)
  const balances = new Map<string, number>()
  let total = 0
  let trades = 0

  const move = (wallet: string, by: number): void => {
    if (balances.size >= MAX_WALLETS && !balances.has(wallet)) return
    balances.set(wallet, (balances.get(wallet) ?? 0) + by)
  }
  return {
    see: ({ kind, trade, ts }) => {
      if (kind !== 'trade' || trade === undefined) return
      trades++
      if (trade.wallet === undefined || !wallets.has(trade.wallet)) return
      const sign = trade.side === 'buy' ? 1 : -1
      total += sign
      net.put(ts, total)
      move(trade.wallet, sign * Number(trade.baseAmount))
    },
    netBuys: ts => (trades === 0 ? undefined : total - (net.at(ts - DAY) ?? 0)),
    holding: () =>
      trades === 0 ? undefined : [...balances.values()].filter(balance => balance > 0).length,
    visit: tape => {
      net.visit(tape)
      total = tape.number(total)
      trades = tape.number(trades)
      const entries = [...balances]
      const size = tape.number(entries.length)
      for (let i = 0; i < size; i++) {
        const wallet = tape.text(entries[i]?.[0]) ?? ''
        balances.set(wallet, tape.number(entries[i]?.[1] ?? 0))
      }
    },
  }
}

/**
 * Wallets of a file: one address per line, `#` starts a comment. Throws a RangeError naming the
 * first bad line.
 */
export function parseWallets(text: string): Set<string> {
  const wallets = new Set<string>()
  text.split(/\r?\n/).forEach((line, i) => {
    const wallet = line.replace(/#.*/, '').trim()
    if (wallet === '') return
    if (!/^[1-9A-HJ-NP-Za-km-z]{32,44}$/.test(wallet))
      throw new RangeError(`line ${i + 1}: expected a wallet address`)
    wallets.add(wallet)
  })
  return wallets
}

/** Reads `--smart-wallets FILE`. Throws a UsageError naming the file and the first bad line. */
export function readWallets(path: string): Set<string> {
  try {
    return parseWallets(readText(path))
  } catch (cause) {
    throw new UsageError(`--smart-wallets ${path}: ${messageOf(cause)}`, { cause })
  }
}
