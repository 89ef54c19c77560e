import type { Flag, Flags } from '../../base/flags.ts'
import type { Limit, Priority } from '../net/bucket.ts'
import { type Complaints, type Reading, reading } from '../net/outside.ts'
import type { Finding } from './finding.ts'

/**
 * What a provider is asked, and how its answer is read: data and a pure function; lib/sources/live
 * does the asking.
 */
export interface Call<T = Finding[]> {
  /** Path and query behind the base URL. */
  path: string
  limit: Limit
  priority?: Priority
  body?: unknown
  /** An answer 400 is one too: it says that there is no route. */
  reads400?: boolean
  /**
   * Reads a good answer, received at `at` (ms UTC). Never throws: what cannot be used is complained
   * of.
   */
  read(body: unknown, at: number, complain: Complaints): T
}

type KeyFlag = Flag<string | undefined>

/** What a provider can do; absent means it cannot. */
export interface Provider {
  name: string
  base: string
  summary: string
  /** Parts that it makes. */
  gives: readonly ('token' | 'market' | 'trade' | 'candle' | 'opportunity')[]
  /** What it gives in which unit, and what is made of it. */
  units: string
  /**
   * Where its key goes, the flag that names its file, and how many calls a minute the smallest plan
   * with a key allows, where that is more.
   */
  key?: { header: string; isNeeded: boolean; flag: KeyFlag; perMinute?: number }
  headers?: Record<string, string>
  /** What SOL costs in USD, for what comes from the chain. */
  solPrice?: Call<number | undefined>
  /**
   * A cheap question whose answer shows that it works, the key included; read into what is worth
   * saying.
   */
  probe: Call<string>
  /** New tokens and pools; asked again every `everyMs`. */
  latest?: { everyMs: number; calls: readonly Call[] }
  /** State of given tokens, `batch` at a time. */
  follow?: { batch: number; everyMs: number; call(mints: readonly string[]): Call }
  /** Facts of given tokens, to be merged. */
  enrich?: { batch: number; everyMs: number; calls(tokens: readonly Known[]): Call[] }
  /**
   * Closed candles of a pool or mint before a time, newest first in the answer, oldest first as
   * read.
   */
  history?: { target: 'pool' | 'mint'; most: number; call(of: HistoryOf): Call }
}

/** A token, and the pool it trades in where that is known. */
interface Known {
  mint: string
  pool?: string | undefined
}

export interface HistoryOf {
  mint: string
  pool: string
  intervalMs: number
  /** Only candles that opened before (ms UTC). */
  before: number
  most: number
}

/** Providers that can follow tokens, those that take most at once first. */
export const followersOf = (providers: readonly Provider[]): Provider[] =>
  providers
    .filter(({ follow }) => follow !== undefined)
    .sort((a, b) => (b.follow?.batch ?? 0) - (a.follow?.batch ?? 0))

/**
 * Reads the answer to a probe: what `say` finds in it, else a complaint that it is not what it
 * should be.
 */
export const probeOf =
  (name: string, say: (answer: Reading) => string | undefined) =>
  (body: unknown, _at: number, complain: Complaints): string => {
    const said = say(reading(body, name, complain))
    if (said === undefined) complain.rejected(`${name}: answers something else than expected`)
    return said ?? ''
  }

/** Anything with a name that may have a key of its own. */
type Keyed = { name: string; key?: { flag: KeyFlag } }

/** Name of the flag that names the file with the key of a provider. */
export const keyFlag = (provider: string): string => `${provider}Key`

/** Flags of the files with keys, in order of the providers. */
export const keyFlags = (providers: readonly Keyed[]): Flags =>
  Object.fromEntries(
    providers.flatMap(({ name, key }) =>
      key === undefined ? [] : [[keyFlag(name), { ...key.flag, mayBeSecret: true }]],
    ),
  )
