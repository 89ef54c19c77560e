import { messageOf } from '../../base/errors.ts'
import { gapLine } from '../live/finding-lines.ts'
import type { Finding } from '../providers/finding.ts'
import type { RpcAccount } from './client.ts'
import { fetched, type Listening, MARKET_MS, SOURCE } from './event-lines.ts'
import { createdPools } from './read/created.ts'
import type { Tracked } from './recent.ts'
import { isSelector } from './selectors.ts'

/** How often a pool that has just opened is read, with pauses that double: about a minute. */
const TRIES = 7
const FIRST_PAUSE_MS = 1000

/** True of an account whose logs are those of new pools that the logs themselves do not name. */
export const isMaker = ({ address, dex }: Pick<Tracked, 'address' | 'dex'>): boolean =>
  isSelector(address) && dex !== 'pump.fun'

/** Tells the pools that a transaction has made: Raydium’s logs do not name them. */
export async function newPools(on: Listening, signature: string): Promise<void> {
  const made = createdPools(await fetched(on, signature))
  await Promise.all(made.map(({ pool }) => openPool(on, pool)))
}

/** Tells pools beside what goes on. */
export function openBeside(on: Listening, pools: readonly string[]): void {
  for (const pool of pools)
    openPool(on, pool).catch(
      error => on.loop.signal.aborted || on.loop.complain.rejected(messageOf(error)),
    )
}

/**
 * Tells a pool that has just opened. A node may not have its account yet: it is read again after
 * growing pauses, and is a gap when that does not help.
 */
export async function openPool(on: Listening, pool: string, account?: RpcAccount): Promise<void> {
  const { loop, pools, count } = on
  const { time, signal } = loop
  const fromAt = time.now()
  for (let tries = 1; tries <= TRIES; tries++) {
    const found = await pools.open(pool, account)
    if (found !== undefined) {
      const states = account === undefined ? await pools.markets([pool]) : []
      const all = [await inItsPlace(on, found), ...states]
      return loop.put(loop.desk.take(all, SOURCE, MARKET_MS, on.isFinder))
    }
    if (tries < TRIES) await time.sleep(FIRST_PAUSE_MS * 2 ** (tries - 1), signal)
  }
  count('events of unknown pools')
  count('gaps')
  const untilAt = time.now()
  const reason = `pool ${pool}: opened, and could not be read`
  const gap = { source: SOURCE, fromAt, untilAt, reason, seenAt: untilAt, lost: 1, about: pool }
  await loop.put([gapLine(gap)])
}

/**
 * Anybody can open one more pool of a token that trades elsewhere: it goes there only from a curve
 * that is sold out.
 */
async function inItsPlace({ loop, pools }: Listening, found: Finding): Promise<Finding> {
  const home = loop.watch.get(found.mint)?.pool
  if (home === undefined || home === found.pool) return found
  await pools.markets([home])
  if (pools.get(home)?.account?.isComplete === true) return found
  const { pool: _, ...facts } = found
  return facts
}
