import type { Dex } from './programs.ts'

/**
 * What programs say, in one shape for all of them. Amounts are base units; base and quote are in
 * the order of the pool, which is not always token first (see orient.ts).
 */
interface Happened {
  dex: Dex
  /** Account of the pool or curve; absent where the program does not name it (ray_log). */
  pool?: string
  /** ms UTC by the clock of the chain; absent where the program does not say. */
  at?: number
}

/** Facts that change what a token is, where its program says them. */
interface Traits {
  /** An agent of the launchpad trades along (pump.fun). */
  mayhemMode?: boolean
  /** Part of the fees goes back to who trades. */
  cashback?: boolean
  /** What the creator takes of each trade. */
  creatorFeeBps?: number
}

/**
 * A token comes to be; programs that do not name its mint leave that to the account of the curve.
 */
interface Created extends Happened, Traits {
  kind: 'create'
  mint?: string
  quoteMint?: string
  name?: string
  symbol?: string
  uri?: string
  creator?: string
  supply?: bigint
  decimals?: number
  tokenProgram?: string
  base?: bigint
  quote?: bigint
}

/** A pool opens; base and quote are what is in it then, where the program says. */
interface Opened extends Happened, Traits {
  kind: 'open'
  mint?: string
  quoteMint?: string
  creator?: string
  baseDecimals?: number
  quoteDecimals?: number
  base?: bigint
  quote?: bigint
  openAt?: number
}

export interface Swapped extends Happened, Traits {
  kind: 'swap'
  mint?: string
  quoteMint?: string
  wallet?: string
  /** Of the pool’s base; absent where only the mints tell. */
  side: 'buy' | 'sell'
  /** What entered or left the pool: fees that stay in it included, fees paid to others not. */
  baseAmount: bigint
  quoteAmount: bigint
  /** Reserves after the trade, as prices are made from them. */
  baseReserve?: bigint
  quoteReserve?: bigint
  feeBps?: number
}

/** A curve is sold out. */
interface Completed extends Happened {
  kind: 'complete'
  mint: string
}

/** The liquidity of a curve has moved into a pool. */
interface Migrated extends Happened {
  kind: 'migrate'
  mint: string
  to: string
}

export type ChainEvent = Created | Opened | Swapped | Completed | Migrated

/** A pool or curve as its account says, in the order of the account. */
export interface PoolAccount extends Traits {
  dex: Dex
  baseMint: string | undefined
  /** Undefined where only the account of the configuration says. */
  quoteMint: string | undefined
  /** Accounts that say more of it, and of every other pool that names them. */
  configs?: readonly string[]
  baseVault?: string
  quoteVault?: string
  baseDecimals?: number
  quoteDecimals?: number
  /** Where the account itself holds the reserves that make the price. */
  base?: bigint
  quote?: bigint
  /** Quote base units for a base unit, where reserves do not make the price; 0 = none yet. */
  spot?: number
  /** Quote of those that is really there: curves begin with some that is not. */
  realQuote?: bigint
  /**
   * Part of the vaults that is owed to others, and quote that counts beyond the vault (may be
   * negative).
   */
  baseOwed?: bigint
  quoteOwed?: bigint
  virtualQuote?: bigint
  isOpen?: boolean
  openAt?: number
  creator?: string
  supply?: bigint
  lpMint?: string
  /** LP tokens ever minted and not withdrawn, whoever burned some. */
  lpSupply?: bigint
  /** The curve is sold out. */
  isComplete?: boolean
}

/** What an account of a configuration says of the pools that name it. */
export interface PoolConfig extends Pick<Traits, 'creatorFeeBps'> {
  quoteMint?: string
  baseDecimals?: number
  /** False where the reserves of the account do not make the price. */
  isConstantProduct?: boolean
}

/** Year 2286: what is beyond was never a time in seconds. */
const LAST_SECOND = 9_999_999_999n

/** ms of a time in seconds on chain; undefined for 0 and for what is no time. */
export const timeOf = (seconds: bigint): number | undefined =>
  seconds > 0n && seconds <= LAST_SECOND ? Number(seconds) * 1000 : undefined

/** A fee of the pool’s own, in bps; undefined for 0, where that of all pools holds. */
export const feeOf = (bps: bigint | undefined): number | undefined =>
  bps !== undefined && bps > 0n && bps <= 10_000n ? Number(bps) : undefined

/** A fee as a trade paid it, in bps: 0 is none. */
export const shareOf = (bps: bigint | undefined): number | undefined =>
  bps !== undefined && bps <= 10_000n ? Number(bps) : undefined

/** True where a trade paid some of its fee back; one that did not says nothing of the next. */
export const paysBack = (bps: bigint | undefined): true | undefined =>
  bps !== undefined && bps > 0n ? true : undefined

/** bps of a rate of Raydium, in hundredths of a bip (10^-6); undefined for one above all. */
export const ratedFee = (rate: bigint): number | undefined =>
  rate <= 1_000_000n ? Number(rate) / 100 : undefined

/** Traits of a token as facts; undefined where none is known. */
export function traitsOf({ mayhemMode, cashback, creatorFeeBps }: Traits): Traits | undefined {
  if (mayhemMode === undefined && cashback === undefined && creatorFeeBps === undefined)
    return undefined
  return known<Traits>({ mayhemMode, cashback, creatorFeeBps })
}

/** Drops keys without a value, so that unknown is absent. */
export function known<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T {
  const out: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) out[key] = value
  return out as T
}
