import { DataError } from '../../base/errors.ts'
import { type ChainEvent, known, type PoolAccount, timeOf } from './event.ts'
import { account, decode, decodeAccount, layout } from './layout.ts'

/**
 * Raydium AMM v4. Pools have no discriminator: 752 bytes of a known owner. Its log lines (`ray_log:
 * <base64>`) do not name the pool; who subscribed to one pool knows it.
 */
const POOL = account('AmmInfo', [
  ['status', 0, 'u64'],
  ['baseDecimals', 32, 'u64'],
  ['quoteDecimals', 40, 'u64'],
  ['baseOwed', 192, 'u64'],
  ['quoteOwed', 200, 'u64'],
  ['openTime', 224, 'u64'],
  ['baseVault', 336, 'key'],
  ['quoteVault', 368, 'key'],
  ['baseMint', 400, 'key'],
  ['quoteMint', 432, 'key'],
  ['lpMint', 464, 'key'],
  ['lpSupply', 720, 'u64'],
])
const POOL_BYTES = 752
/**
 * Swaps are possible in these states once the pool is open: initialized, swap only, waiting for its
 * time.
 */
const SWAPPABLE = new Set([1n, 6n, 7n])
const MAX_DECIMALS = 30n

/** A pool account. Throws a DataError when its length or its numbers cannot be those of a pool. */
export function raydiumAmmPool(bytes: Buffer): PoolAccount {
  const { status, openTime, baseDecimals, quoteDecimals, ...pool } = decodeAccount(POOL, bytes)
  if (bytes.length < POOL_BYTES) throw new DataError('cut off', { field: 'AmmInfo' })
  if (status > 7n)
    throw new DataError(`expected 0 to 7, got ${status}`, { field: 'AmmInfo.status' })
  if (baseDecimals > MAX_DECIMALS || quoteDecimals > MAX_DECIMALS)
    throw new DataError(`expected at most 30, got ${baseDecimals} and ${quoteDecimals}`, {
      field: 'AmmInfo.decimals',
    })
  return known<PoolAccount>({
    dex: 'raydium-amm',
    ...pool,
    isOpen: SWAPPABLE.has(status),
    openAt: timeOf(openTime),
    baseDecimals: Number(baseDecimals),
    quoteDecimals: Number(quoteDecimals),
  })
}

const INIT = layout('InitLog', [
  ['time', 'u64'],
  ['quoteDecimals', 'u8'],
  ['baseDecimals', 'u8'],
  ['_quoteLot', 'u64'],
  ['_baseLot', 'u64'],
  ['quote', 'u64'],
  ['base', 'u64'],
  ['_market', 'key'],
])
const SWAP_IN = layout('SwapBaseInLog', [
  ['inAmount', 'u64'],
  ['_minimumOut', 'u64'],
  ['direction', 'u64'],
  ['_userSource', 'u64'],
  ['poolBase', 'u64'],
  ['poolQuote', 'u64'],
  ['outAmount', 'u64'],
])
const SWAP_OUT = layout('SwapBaseOutLog', [
  ['_maximumIn', 'u64'],
  ['outAmount', 'u64'],
  ['direction', 'u64'],
  ['_userSource', 'u64'],
  ['poolBase', 'u64'],
  ['poolQuote', 'u64'],
  ['inAmount', 'u64'],
])
/** Direction of a swap: quote pays for base, or base is sold for quote. */
const QUOTE_IN = 1n
const BASE_IN = 2n

/**
 * A `ray_log` payload; undefined for deposits and withdrawals. Throws a DataError for what no such
 * program writes.
 */
export function rayLog(bytes: Buffer): ChainEvent | undefined {
  const type = bytes[0]
  if (type === 0) return opened(bytes)
  if (type === 1 || type === 2) return undefined
  if (type !== 3 && type !== 4)
    throw new DataError(`expected 0 to 4, got ${type}`, { field: 'ray_log.type' })
  const log = decode(type === 3 ? SWAP_IN : SWAP_OUT, bytes, 1)
  const { direction, inAmount, outAmount, poolBase, poolQuote } = log
  if (direction !== QUOTE_IN && direction !== BASE_IN)
    throw new DataError(`expected 1 or 2, got ${direction}`, { field: 'ray_log.direction' })
  const isBuy = direction === QUOTE_IN
  const [baseAmount, quoteAmount] = isBuy ? [outAmount, inAmount] : [inAmount, outAmount]
  const base = isBuy ? poolBase - baseAmount : poolBase + baseAmount
  const quote = isBuy ? poolQuote + quoteAmount : poolQuote - quoteAmount
  return known<ChainEvent>({
    kind: 'swap',
    dex: 'raydium-amm',
    side: isBuy ? 'buy' : 'sell',
    baseAmount,
    quoteAmount,
    baseReserve: base > 0n ? base : undefined,
    quoteReserve: quote > 0n ? quote : undefined,
  })
}

function opened(bytes: Buffer): ChainEvent {
  const { time, baseDecimals, quoteDecimals, base, quote } = decode(INIT, bytes, 1)
  return known<ChainEvent>({
    kind: 'open',
    dex: 'raydium-amm',
    base,
    quote,
    baseDecimals,
    quoteDecimals,
    openAt: timeOf(time),
  })
}
