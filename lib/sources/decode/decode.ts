import { DataError } from '../../base/errors.ts'
import type { ChainEvent, PoolAccount, PoolConfig } from './event.ts'
import { LAUNCHLAB_EVENTS, launchlabGlobal, launchlabPlatform, launchlabPool } from './launchlab.ts'
import { appendedTo } from './layout.ts'
import { DAMM_EVENTS, dammPool } from './meteora-damm.ts'
import { DBC_EVENTS, dbcConfig, dbcPool } from './meteora-dbc.ts'
import { DLMM_EVENTS, dlmmPool } from './meteora-dlmm.ts'
import { ORCA_EVENTS, orcaPool } from './orca.ts'
import { isPassedOver } from './other-events.ts'
import { type Dex, dexOf } from './programs.ts'
import { PUMP_EVENTS, pumpCurve } from './pump.ts'
import { PUMPSWAP_EVENTS, pumpswapPool } from './pumpswap.ts'
import { raydiumAmmPool } from './raydium-amm.ts'
import { CLMM_EVENTS, clmmPool } from './raydium-clmm.ts'
import { CPMM_EVENTS, cpmmConfig, cpmmPool } from './raydium-cpmm.ts'

/**
 * Events by program, then discriminator: discriminators alone collide (TradeEvent of pump.fun and
 * LaunchLab).
 */
const EVENTS: Partial<Record<Dex, Map<string, (bytes: Buffer) => ChainEvent>>> = {
  'pump.fun': new Map(Object.entries(PUMP_EVENTS)),
  pumpswap: new Map(Object.entries(PUMPSWAP_EVENTS)),
  'raydium-cpmm': new Map(Object.entries(CPMM_EVENTS)),
  'raydium-clmm': new Map(Object.entries(CLMM_EVENTS)),
  launchlab: new Map(Object.entries(LAUNCHLAB_EVENTS)),
  'meteora-dlmm': new Map(Object.entries(DLMM_EVENTS)),
  'meteora-damm2': new Map(Object.entries(DAMM_EVENTS)),
  'meteora-dbc': new Map(Object.entries(DBC_EVENTS)),
  orca: new Map(Object.entries(ORCA_EVENTS)),
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
  'raydium-clmm': { discriminator: 'f7ede3f5d7c3de46', least: 1088, read: clmmPool },
  launchlab: { discriminator: 'f7ede3f5d7c3de46', least: 365, read: launchlabPool },
  'meteora-dlmm': { discriminator: '210b3162b565b10d', least: 216, read: dlmmPool },
  'meteora-damm2': { discriminator: 'f19a6d0411b16dbc', least: 482, read: dammPool },
  'meteora-dbc': { discriminator: 'd5e005d16245775c', least: 306, read: dbcPool },
  orca: { discriminator: '3f95d10ce1806309', least: 245, read: orcaPool },
}

/** Configurations that pools name, by program and discriminator. */
const CONFIGS: Partial<Record<Dex, Record<string, { least: number; read: Config }>>> = {
  'raydium-cpmm': { daf42168cbcb2b6f: { least: 116, read: cpmmConfig } },
  launchlab: {
    '95089ccaa0fcb0d9': { least: 17, read: launchlabGlobal },
    a04e8000f853e6a0: { least: 728, read: launchlabPlatform },
  },
  'meteora-dbc': { '1a6c0e7b74e6812b': { least: 40, read: dbcConfig } },
}
type Config = (bytes: Buffer) => PoolConfig

/** Programs whose events are self-calls: log lines do not carry them, the transaction does. */
export const SELF_CALLING: ReadonlySet<string> = new Set<Dex>([
  'launchlab',
  'meteora-dlmm',
  'meteora-damm2',
  'meteora-dbc',
])

/** What anchor puts before an event that is a self-call instead of a log line. */
const CPI_MARK = 'e445a52e51cb9a1d'

/**
 * The event in the bytes that a program logged, or called itself with. Undefined for programs and
 * events that mean nothing to us; `tell` hears of those that nobody knows, and of fields that were
 * appended. Throws a DataError for a known event that is cut off or
 * impossible.
 */
export function decodeEvent(
  program: string,
  bytes: Buffer,
  tell?: (strange: Strange) => void,
): ChainEvent | undefined {
  const dex = dexOf(program)
  const events = dex === undefined ? undefined : EVENTS[dex]
  if (dex === undefined || events === undefined || bytes.length < 8) return undefined
  const event = bytes.toString('hex', 0, 8) === CPI_MARK ? bytes.subarray(8) : bytes
  const mark = event.toString('hex', 0, 8)
  const read = events.get(mark)
  const sample = (): string => event.toString('hex', 0, SAMPLE)
  if (read === undefined) {
    if (event.length >= 8 && !isPassedOver(dex, mark))
      tell?.({ dex, what: 'unknown event', name: mark, sample: sample() })
    return undefined
  }
  const out = read(event)
  const more = appendedTo(event)
  if (more !== undefined) {
    const name = `${more.name} +${more.bytes}`
    tell?.({ dex, what: 'appended fields', name, sample: sample() })
  }
  return out
}

/** Bytes of a strange event that are shown. */
const SAMPLE = 64

/** Something that a program says and nobody here reads: it has changed. */
export interface Strange {
  dex: Dex
  what: 'unknown event' | 'appended fields'
  /** Its discriminator, or the event and how many bytes are new. */
  name: string
  /** How its bytes begin, hex. */
  sample: string
}

/**
 * The pool that an account of this owner holds. Undefined when the owner or the kind of account
 * means nothing to us. Throws a DataError for a pool that is cut off or impossible.
 */
export function decodePool(owner: string, bytes: Buffer): PoolAccount | undefined {
  const dex = dexOf(owner)
  const kind = dex === undefined ? undefined : ACCOUNTS[dex]
  if (kind === undefined) return undefined
  const { discriminator, least, read } = kind
  if (discriminator !== '' && bytes.toString('hex', 0, 8) !== discriminator) return undefined
  if (bytes.length < least)
    throw new DataError(`expected ${least} bytes or more, got ${bytes.length}`, { field: dex })
  return read(bytes)
}

/** What an account of this owner says of the pools that name it; undefined when it is none. */
export function decodeConfig(owner: string, bytes: Buffer): PoolConfig | undefined {
  const dex = dexOf(owner)
  const kind = dex === undefined ? undefined : CONFIGS[dex]?.[bytes.toString('hex', 0, 8)]
  return kind === undefined || bytes.length < kind.least ? undefined : kind.read(bytes)
}
