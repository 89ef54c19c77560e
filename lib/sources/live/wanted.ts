import { statSync } from 'node:fs'
import { ASKED_MS } from '../../sampler/asks.ts'
import type { Watch } from '../../sampler/sampler.ts'
import { readWatches } from '../../sampler/watch-list.ts'
import { isAddress } from '../decode/base58.ts'

/** How often tokens are worth a look, as the sampler says. */
export interface Wanted {
  /**
   * Time between two looks, and the time of the next one, ms; undefined for a token that is not on
   * the list.
   */
  of(mint: string): { everyMs: number; nextAt: number } | undefined
  /** Tokens that a look is asked for at once, and since when. */
  asked(): ReadonlyMap<string, number>
  /** Tokens of the list as it was at the start, the next one due first. */
  mints: readonly string[]
}

/** Time between two looks whether there is a newer list. */
const REREAD_MS = 1000

/**
 * Reads the list of the sampler and follows its changes; there may be none yet. Throws UsageError
 * for another file.
 */
export function makeWanted(path: string, now: () => number): Wanted {
  let [readAt, changedAt] = [Number.NEGATIVE_INFINITY, 0]
  let byMint = new Map<string, Watch>()
  let asked = new Map<string, number>()
  const refresh = (): void => {
    if (now() - readAt < REREAD_MS) return
    readAt = now()
    const at = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
    if (at === changedAt) return
    changedAt = at
    const watches = readWatches(path).filter(
      ({ mint, everyMs, dueTs }) => isAddress(mint) && everyMs > 0 && dueTs > 0,
    )
    byMint = new Map(watches.map(watch => [watch.mint, watch]))
    asked = new Map(
      watches.flatMap(({ mint, askedTs }): [string, number][] =>
        typeof askedTs === 'number' && askedTs > now() - ASKED_MS && askedTs <= now()
          ? [[mint, askedTs]]
          : [],
      ),
    )
  }
  refresh()
  return {
    mints: [...byMint.keys()],
    asked() {
      refresh()
      return asked
    },
    of(mint) {
      refresh()
      const watch = byMint.get(mint)
      // A clock that was wrong once must not silence a token for longer than its turn.
      return (
        watch && { everyMs: watch.everyMs, nextAt: Math.min(watch.dueTs, now() + watch.everyMs) }
      )
    },
  }
}
