import { DataError } from '../../errors.ts'
import type { ChainEvent, PoolAccount } from './event.ts'
import { LAUNCHLAB_EVENTS, launchlabPool } from './launchlab.ts'
import { type Dex, dexOf } from './programs.ts'
import { PUMP_EVENTS, pumpCurve } from './pump.ts'
import { PUMPSWAP_EVENTS, pumpswapPool } from './pumpswap.ts'
import { raydiumAmmPool } from './raydium-amm.ts'
import { CPMM_EVENTS, cpmmPool } from './raydium-cpmm.ts'

/** Events by program, then discriminator: discriminators alone collide (TradeEvent of pump.fun and LaunchLab). */
const EVENTS: Partial<Record<Dex, Map<string, (bytes: Buffer) => ChainEvent>>> = {
  'pump.fun': new Map(Object.entries(PUMP_EVENTS)),
  pumpswap: new Map(Object.entries(PUMPSWAP_EVENTS)),
  'raydium-cpmm': new Map(Object.entries(CPMM_EVENTS)),
  launchlab: new Map(Object.entries(LAUNCHLAB_EVENTS)),
}

interface AccountKind {
  /** First 8 bytes, hex; empty for programs without discriminators. */
  discriminator: string
  /** Shorter accounts are another thing; longer ones are a newer version of this. */
  least: number
  read(bytes: Buffer): PoolAccount
}

/** Pool accounts by program. `PoolState` and `Pool` mean different things to different programs. */
const ACCOUNTS: Partial<Record<Dex, AccountKind>> = {
  'pump.fun': { discriminator: '17b7f83760d8ac60', least: 49, read: pumpCurve },
  pumpswap: { discriminator: 'f19a6d0411b16dbc', least: 211, read: pumpswapPool },
  'raydium-amm': { discriminator: '', least: 752, read: raydiumAmmPool },
  'raydium-cpmm': { discriminator: 'f7ede3f5d7c3de46', least: 381, read: cpmmPool },
  launchlab: { discriminator: 'f7ede3f5d7c3de46', least: 365, read: launchlabPool },
}

/** What anchor puts before an event that is a self-call instead of a log line. */
const CPI_MARK = 'e445a52e51cb9a1d'

/**
 * The event in the bytes that a program logged, or called itself with. Undefined for programs and events that mean nothing
 * to us. Throws a DataError for a known event that is cut off or impossible.
 */
export function decodeEvent(program: string, bytes: Buffer): ChainEvent | undefined {
  const dex = dexOf(program)
  const events = dex === undefined ? undefined : EVENTS[dex]
  if (events === undefined || bytes.length < 8) return undefined
  const first = bytes.toString('hex', 0, 8)
  if (first === CPI_MARK) return events.get(bytes.toString('hex', 8, 16))?.(bytes.subarray(8))
  return events.get(first)?.(bytes)
}

/**
 * The pool that an account of this owner holds. Undefined when the owner or the kind of account means nothing to us.
 * Throws a DataError for a pool that is cut off or impossible.
 */
export function decodePool(owner: string, bytes: Buffer): PoolAccount | undefined {
  const dex = dexOf(owner)
  const kind = dex === undefined ? undefined : ACCOUNTS[dex]
  if (kind === undefined) return undefined
  const { discriminator, least, read } = kind
  if (discriminator !== '' && bytes.toString('hex', 0, 8) !== discriminator) return undefined
  if (bytes.length < least) throw new DataError(`expected ${least} bytes or more, got ${bytes.length}`, { field: dex })
  return read(bytes)
}
