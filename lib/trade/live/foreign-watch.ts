import { DataError, messageOf, TemporaryError } from '../../base/errors.ts'
import type { Time } from '../../sources/net/budget.ts'
import type { Chain } from './chain/chain.ts'
import { signersOf } from './send/reconcile.ts'
import { signaturesSince } from './send/signatures-since.ts'

/** One question so often; what it brings is read at once, or at the next. */
const EVERY_MS = 15_000
const MOST_READ = 100
/** Kept to know again what a fork shows twice. */
const MOST_KNOWN = 20_000

/** What the watch works with. */
interface Watching {
  chain: Pick<Chain, 'signatures' | 'transaction'>
  wallet: string
  /** The ledger holds these bytes. */
  isOurs(signature: string): boolean
  time: Time
  count(what: string): void
  /** Told each transaction that our wallet has signed and our ledger does not know. */
  found(signature: string): void
  warn(text: string): void
}

/** Looks for transactions that somebody else signs with our key, while we trade with it. */
export interface ForeignWatch {
  /** Looks once, then again and again until the signal; resolves after the first look. */
  begin(signal: AbortSignal): Promise<void>
  /** Why nothing may be bought: somebody else uses the key, or nobody can tell. */
  noBuys(): string | undefined
  /** Foreign transactions so far. */
  seen(): number
}

/**
 * Watches what the wallet signs, from now on: what an earlier time brought is in the wallet that is
 * compared at the start. Anybody may name a wallet in a transaction of his own; only what it has
 * signed counts. Until somebody has looked (and started anew) nothing is bought.
 */
export function makeForeignWatch(watching: Watching): ForeignWatch {
  const { chain, wallet, time, count, warn } = watching
  let newest: string | undefined
  let [hasBegun, isBehind, hasWarned, foreign] = [false, true, false, 0]
  const known = new Set<string>()
  const look = async (signal: AbortSignal): Promise<void> => {
    if (!hasBegun) {
      const range = { before: undefined, until: undefined, limit: 1 }
      const [last] = await chain.signatures(wallet, range, signal)
      ;[newest, hasBegun, isBehind] = [last?.signature, true, false]
      return
    }
    const rows = await signaturesSince(chain, wallet, { midnight: 0, newest }, signal)
    isBehind = rows.length > MOST_READ
    for (const signature of rows.reverse().slice(0, MOST_READ)) {
      const isNew = !known.has(signature) && !watching.isOurs(signature)
      if (isNew && (await isForeign(watching, signature, signal))) foreign++
      if (known.size >= MOST_KNOWN) known.clear()
      known.add(signature)
      newest = signature
    }
  }
  const tried = async (signal: AbortSignal): Promise<void> => {
    try {
      await look(signal)
      hasWarned &&= isBehind
    } catch (error) {
      if (signal.aborted) return
      // Whatever goes wrong here, positions are still looked after.
      const isOurs = !(error instanceof DataError || error instanceof TemporaryError)
      if (isOurs || !hasWarned)
        warn(`what the wallet signs cannot be told, nothing is bought: ${messageOf(error)}`)
      ;[isBehind, hasWarned] = [true, true]
      count('foreign-watch-trouble')
    }
  }
  const goOn = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      await time.sleep(EVERY_MS, signal)
      if (!signal.aborted) await tried(signal)
    }
  }
  return {
    async begin(signal) {
      await tried(signal)
      void goOn(signal)
    },
    noBuys: () => (foreign > 0 ? 'foreign-transaction' : isBehind ? 'wallet-unwatched' : undefined),
    seen: () => foreign,
  }
}

/** True for a transaction that the wallet has signed; it is told at once. */
async function isForeign(
  { chain, wallet, count, warn, found }: Watching,
  signature: string,
  signal: AbortSignal,
): Promise<boolean> {
  const json = await chain.transaction(signature, signal)
  if (json === undefined) throw new TemporaryError(`${signature} is in no block of this node`)
  const isOwn = signersOf(json, signature).includes(wallet)
  count(isOwn ? 'foreign-transaction' : 'named-by-others')
  if (!isOwn) return false
  warn(
    `${signature}: signed with the key of this wallet, and not in this ledger: somebody else ` +
      'trades with it; nothing is bought until this has been looked at and started anew',
  )
  found(signature)
  return true
}
