import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../../base/atomic-write.ts'
import { messageOf, UsageError } from '../../base/errors.ts'
import { readText } from '../../base/read-text.ts'
import { isAddress } from '../decode/base58.ts'
import type { Watched, Watchlist } from './watchlist.ts'

interface Saved {
  mint: string
  pool?: string
  activeAt: number
  candleAt: number
}

/**
 * How far an address on chain is known: a signature, everything before which has been seen, and
 * when it was the last.
 */
export interface Cursor {
  /** Empty where everything before its slot has been seen, or was before our time. */
  signature: string
  at: number
  /** Its slot, where that is known. */
  slot?: number
}
export type Cursors = Map<string, Cursor>

/** The state in its folder. */
const fileIn = (dir: string): string => join(dir, 'discover.json')

/** Writes which tokens are followed, and how far their candles and the chain are known. */
export function saveState(dir: string, watch: Watchlist, cursors: Cursors): void {
  const tokens = [...watch.all()].map(
    ({ mint, pool, activeAt, candleAt }): Saved => ({
      mint,
      ...(pool === undefined ? {} : { pool }),
      activeAt,
      candleAt,
    }),
  )
  replaceFile(
    fileIn(dir),
    `${JSON.stringify({ v: 1, tokens, cursors: Object.fromEntries(cursors) })}\n`,
  )
}

/**
 * Takes up tokens that an earlier run followed; gives back how far it knew the chain. Throws a
 * UsageError for a file that is not such a state.
 */
export function loadState(
  dir: string,
  watch: Watchlist,
  own: ReadonlySet<string>,
  now: number,
): Cursors {
  const path = fileIn(dir)
  if (!existsSync(path)) return new Map()
  let state: { tokens?: unknown; cursors?: unknown }
  try {
    state = JSON.parse(readText(path))
  } catch (error) {
    throw new UsageError(`--state: ${path}: ${messageOf(error)}`)
  }
  const { tokens, cursors } = state ?? {}
  if (!Array.isArray(tokens)) throw new UsageError(`--state: ${path} is not a state of discover`)
  for (const saved of tokens as Partial<Saved>[]) {
    if (!isAddress(saved?.mint)) continue
    const token = watch.add(saved.mint, own.has(saved.mint), now)
    if (token !== undefined) resume(token, saved, now)
  }
  return new Map(
    Object.entries(cursors ?? {}).filter(
      ([address, cursor]) => isAddress(address) && isCursor(cursor, now),
    ),
  )
}

const isCursor = (cursor: Partial<Cursor> | null, now: number): boolean =>
  typeof cursor?.signature === 'string' &&
  cursor.signature.length <= 100 &&
  typeof cursor.at === 'number' &&
  cursor.at > 0 &&
  cursor.at <= now &&
  (cursor.slot === undefined || Number.isSafeInteger(cursor.slot))

function resume(token: Watched, { pool, activeAt, candleAt }: Partial<Saved>, now: number): void {
  const past = (at: unknown): number | undefined =>
    typeof at === 'number' && at > 0 && at <= now ? at : undefined
  if (isAddress(pool)) token.pool = pool
  token.activeAt = past(activeAt) ?? token.activeAt
  token.candleAt = past(candleAt) ?? 0
}
