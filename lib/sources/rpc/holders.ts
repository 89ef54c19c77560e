import { DataError, messageOf, TemporaryError } from '../../base/errors.ts'
import { makeRng } from '../../base/rng.ts'
import { type Holding, topShare } from '../../market/top-share.ts'
import { keyText } from '../decode/base58.ts'
import { mintFacts } from '../decode/mint-account.ts'
import { VAULT_AUTHORITIES } from '../decode/programs.ts'
import type { Loop } from '../live/loops.ts'
import { pauseAfter } from '../net/bucket.ts'
import type { Rpc } from './client.ts'
import type { Pools } from './pool-accounts.ts'

const EVERY_MS = 900_000
const IDLE_MS = 1000
/** Public nodes refuse this call: it is made ever less often then, but never not at all. */
const CAP_MS = 3_600_000
/** Refusals in a row that are worth a word. */
const TELL = 3
const OWNER_AT = 32
const ACCOUNT_BYTES = 165
/**
 * Share of the ten largest owners of followed tokens, pools taken out. Unknown where the node does
 * not tell.
 */
export async function keepHolders(
  rpc: Rpc,
  pools: Pools,
  loop: Loop,
  warn: (text: string) => void,
): Promise<void> {
  const { watch, time, signal } = loop
  const rng = makeRng(`holders/${time.now()}`)
  let pausedUntil = 0
  for (let refused = 0; !signal.aborted; ) {
    const now = time.now()
    const [token] = watch.due(now, 1, ({ pool, enrichAt }) =>
      pool === undefined ? Number.POSITIVE_INFINITY : (enrichAt.get('rpc') ?? 0),
    )
    if (token?.pool === undefined || now < pausedUntil) {
      await time.sleep(IDLE_MS, signal)
      continue
    }
    token.enrichAt.set('rpc', now + EVERY_MS)
    try {
      const top10Share = await topTen(rpc, token.mint, token.pool, pools, signal)
      if (refused >= TELL) warn('rpc: holders are told again')
      refused = 0
      if (top10Share === undefined) continue
      const found = { mint: token.mint, ts: time.now(), facts: { top10Share } }
      await loop.put(loop.desk.take([found], 'rpc', EVERY_MS, false))
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof TemporaryError) && !(error instanceof DataError)) throw error
      pausedUntil = time.now() + pauseAfter(++refused, rng.next(), CAP_MS)
      // Its turn comes again with the pause, not only after a whole round.
      token.enrichAt.set('rpc', pausedUntil)
      if (refused === TELL) warn(`rpc: holders are unknown for now: ${messageOf(error)}`)
    }
  }
}

async function topTen(
  rpc: Rpc,
  mint: string,
  pool: string,
  pools: Pools,
  signal: AbortSignal,
): Promise<number | undefined> {
  const largest = await rpc.largest(mint, signal)
  const { accounts } = await rpc.accounts([mint, ...largest.map(({ address }) => address)], signal)
  const supply =
    accounts[0] === undefined
      ? undefined
      : mintFacts(accounts[0].owner, accounts[0].bytes)?.supplyAmount
  if (supply === undefined || supply === '0' || largest.length === 0) return undefined
  const facts = pools.get(pool)?.account
  const skip = new Set([pool, facts?.baseVault, facts?.quoteVault])
  const holdings: Holding[] = []
  for (const [i, { address, amount }] of largest.entries()) {
    const bytes = accounts[i + 1]?.bytes
    // Whose it is must be known: it may be the pool’s.
    if (bytes === undefined || bytes.length < ACCOUNT_BYTES) return undefined
    const owner = keyText(bytes, OWNER_AT)
    if (!skip.has(address) && !skip.has(owner) && !VAULT_AUTHORITIES.has(owner))
      holdings.push({ owner, amount })
  }
  return topShare(holdings, BigInt(supply))
}
