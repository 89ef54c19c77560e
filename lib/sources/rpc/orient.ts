import { spotPrice } from '../../market/constant-product.ts'
import type { Market } from '../../records/market.ts'
import { type ChainEvent, type PoolAccount, type Swapped, traitsOf } from '../decode/event.ts'
import { isFlipped, quoteDecimals, WSOL } from '../decode/programs.ts'
import { cleanText } from '../net/outside.ts'
import { type Finding, only } from '../providers/finding.ts'
import { programName } from '../providers/jupiter.ts'

/** A pool with its token first, whatever the order on chain. */
export interface PoolFacts {
  pool: string
  dex: string
  mint: string
  quoteMint: string
  /** The chain has them the other way round. */
  isFlipped: boolean
  baseDecimals?: number | undefined
  quoteDecimals?: number | undefined
  account?: PoolAccount
}

/**
 * Facts of a pool account; mints that it does not name must be known. Undefined when they are not.
 * Of two mints the token is the one that is asked for, in whatever it is quoted.
 */
export function poolFacts(
  pool: string,
  account: PoolAccount,
  mint: string | undefined,
): PoolFacts | undefined {
  const base = account.baseMint ?? mint
  const { quoteMint: quote } = account
  if (base === undefined || quote === undefined) return undefined
  const flipped = mint === quote || (mint !== base && isFlipped(base, quote))
  const [first, second] = [account.baseDecimals, account.quoteDecimals]
  return {
    pool,
    dex: account.dex,
    isFlipped: flipped,
    account,
    mint: flipped ? quote : base,
    quoteMint: flipped ? base : quote,
    baseDecimals: flipped ? second : first,
    quoteDecimals: (flipped ? first : second) ?? quoteDecimals(flipped ? base : quote),
  }
}

/** Where and when an event was. */
export interface Seen {
  signature: string
  slot: number
  index: string
  /** Time of the block or of arrival, for events that do not say. */
  at: number
}

/** What an event says of one token; undefined when the pool it happened in is not known. */
export function findingOf(
  event: ChainEvent,
  pool: PoolFacts | undefined,
  seen: Seen,
): Finding | undefined {
  const ts = event.at ?? seen.at
  const mint = ('mint' in event ? event.mint : undefined) ?? pool?.mint
  if (mint === undefined) return undefined
  const where = { mint, pool: event.pool ?? pool?.pool, ts, slot: seen.slot }
  if (event.kind === 'swap') return swapFinding(event, pool, seen, ts)
  if (event.kind === 'migrate') return only<Finding>({ ...where, pool: event.to, facts: {} })
  if (event.kind === 'create') {
    const { name, symbol, creator, supply, decimals, tokenProgram, dex } = event
    const { mayhemMode, cashback } = event
    const facts = only<NonNullable<Finding['facts']>>({
      symbol: cleanText(symbol, 64),
      name: cleanText(name, 200),
      decimals,
      launchpad: dex,
      creator,
      createdAt: ts,
      program: programName(tokenProgram),
      supplyAmount: supply === undefined ? undefined : String(supply),
      mayhemMode,
      cashback,
    })
    return only<Finding>({ ...where, facts })
  }
  return undefined
}

function swapFinding(
  event: Swapped,
  pool: PoolFacts | undefined,
  seen: Seen,
  ts: number,
): Finding | undefined {
  const mint = pool?.mint ?? event.mint
  if (mint === undefined) return undefined
  // An event that names its token has its amounts in the order of that one, others in the pool’s.
  const flipped = event.mint === undefined ? pool?.isFlipped === true : event.mint !== mint
  const quoteMint = pool?.quoteMint ?? event.quoteMint
  const [baseAmount, quoteAmount] = turned(flipped, event.baseAmount, event.quoteAmount)
  const [baseReserve, quoteReserve] = keepsPrice(pool?.account)
    ? []
    : turned(flipped, event.baseReserve, event.quoteReserve)
  const baseDecimals = pool?.baseDecimals ?? (event.dex === 'pump.fun' ? 6 : undefined)
  const decimals = pool?.quoteDecimals ?? quoteDecimals(quoteMint)
  const isBuy = flipped ? event.side === 'sell' : event.side === 'buy'
  const trade = only<NonNullable<Finding['trade']>>({
    dex: event.dex,
    quoteMint,
    baseDecimals,
    quoteDecimals: decimals,
    side: isBuy ? 'buy' : 'sell',
    wallet: event.wallet,
    baseAmount: String(baseAmount),
    quoteAmount: String(quoteAmount),
    priceSol: priceSol(baseAmount, quoteAmount, baseDecimals, decimals, quoteMint),
    signature: seen.signature,
    index: seen.index,
    baseReserveAmount: textOf(baseReserve),
    quoteReserveAmount: textOf(quoteReserve),
  })
  const facts = traitsOf(event)
  return only<Finding>({ mint, pool: event.pool ?? pool?.pool, ts, slot: seen.slot, facts, trade })
}

const turned = <T>(flipped: boolean, base: T, quote: T): [T, T] =>
  flipped ? [quote, base] : [base, quote]
const textOf = (value: bigint | undefined): string | undefined =>
  value === undefined ? undefined : String(value)

/**
 * Price of a whole token in SOL, to twelve digits; unknown where decimals are or the quote is
 * something else.
 */
function priceSol(
  base: bigint | undefined,
  quote: bigint | undefined,
  baseDecimals: number | undefined,
  decimals: number | undefined,
  quoteMint: string | undefined,
): number | undefined {
  if (!base || !quote || baseDecimals === undefined || decimals === undefined || quoteMint !== WSOL)
    return undefined
  return Number(spotPrice(base, quote, baseDecimals, decimals).toPrecision(12))
}

/** Amounts in the vaults of a pool, in base units and in the order of its account. */
export interface Vaults {
  base?: bigint | undefined
  quote?: bigint | undefined
}

/**
 * What really is in a pool on the side of the quote: without virtual reserves, and without what is
 * owed to others.
 */
export function realQuote(
  { account, isFlipped }: PoolFacts,
  { base, quote }: Vaults,
): bigint | undefined {
  if (
    account?.realQuote !== undefined ||
    (account?.base !== undefined && account.spot === undefined)
  )
    return account.realQuote
  const [vault, owed = 0n] = isFlipped ? [base, account?.baseOwed] : [quote, account?.quoteOwed]
  return vault === undefined ? undefined : vault - owed
}

/** True of a pool that keeps its price itself: its reserves do not make it. */
const keepsPrice = (account: PoolAccount | undefined): boolean =>
  account?.spot !== undefined && account.base === undefined

/** The state of a pool from its account and its vaults. */
export function marketOf(facts: PoolFacts, vaults: Vaults): Market {
  const { account, dex, quoteMint, baseDecimals } = facts
  const net = (vault: bigint | undefined, owed = 0n): bigint | undefined =>
    vault === undefined ? undefined : vault - owed
  const spot = account?.spot
  const first = account?.base ?? net(vaults.base, account?.baseOwed)
  const second =
    account?.quote ?? net(vaults.quote, (account?.quoteOwed ?? 0n) - (account?.virtualQuote ?? 0n))
  const [base, quote] = turned(facts.isFlipped, first, second)
  // Liquidity that is concentrated answers a trade otherwise than what is in the vaults would.
  const isSound =
    !keepsPrice(account) && base !== undefined && quote !== undefined && base > 0n && quote > 0n
  const ofReserves = isSound
    ? priceSol(base, quote, baseDecimals, facts.quoteDecimals, quoteMint)
    : undefined
  return only<Market>({
    dex,
    quoteMint,
    baseDecimals,
    quoteDecimals: facts.quoteDecimals,
    isOpen: account?.isOpen,
    openAt: account?.openAt,
    ...(isSound
      ? { baseAmount: String(base), quoteAmount: String(quote) }
      : { baseAmount: undefined, quoteAmount: undefined }),
    priceSol: spot === undefined ? ofReserves : spotSol(spot, facts),
  })
}

/** Price in SOL of a pool that keeps its price itself. */
function spotSol(
  spot: number,
  { isFlipped, baseDecimals, quoteDecimals, quoteMint }: PoolFacts,
): number | undefined {
  const ratio = isFlipped ? 1 / spot : spot
  if (quoteMint !== WSOL || baseDecimals === undefined || quoteDecimals === undefined)
    return undefined
  const price = ratio * 10 ** (baseDecimals - quoteDecimals)
  return price > 0 && Number.isFinite(price) ? Number(price.toPrecision(12)) : undefined
}
