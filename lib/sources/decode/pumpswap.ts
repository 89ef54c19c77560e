import {
  type ChainEvent,
  feeOf,
  known,
  type PoolAccount,
  paysBack,
  shareOf,
  timeOf,
} from './event.ts'
import { account, decode, decodeAccount, layout } from './layout.ts'

/**
 * PumpSwap pools, after the published interface (pump-fun/pump-public-docs, idl/pump_amm.json). The
 * quote that makes the price is the vault plus `virtualQuote`, which is signed: boosted pools add
 * to it, fees kept in the vault are taken off.
 */
const HEAD = [
  ['timestamp', 'i64'],
  ['baseAmount', 'u64'],
  ['_limit', 'u64'],
  ['_userBase', 'u64'],
  ['_userQuote', 'u64'],
  ['poolBase', 'u64'],
  ['poolQuote', 'u64'],
  ['_quote', 'u64'],
  ['lpFeeBps', 'u64'],
  ['_lpFee', 'u64'],
  ['protocolFeeBps', 'u64'],
  ['_protocolFee', 'u64'],
  /** Buy: quote plus the fee for liquidity, which stays. Sell: quote less it, which stays. */
  ['poolQuoteMoved', 'u64'],
  ['_userQuoteMoved', 'u64'],
  ['pool', 'key'],
  ['user', 'key'],
] as const
const ACCOUNTS = [
  ['_userBaseAccount', 'key'],
  ['_userQuoteAccount', 'key'],
  ['_feeRecipient', 'key'],
  ['_feeRecipientAccount', 'key'],
  ['_creator', 'key'],
  ['creatorFeeBps', 'u64'],
  ['_creatorFee', 'u64'],
] as const
const REBATES = [
  ['cashbackBps', 'u64'],
  ['_cashback', 'u64'],
  ['_buybackBps', 'u64'],
  ['_buyback', 'u64'],
  ['virtualQuote', 'i128'],
  ['_isBoosted', 'bool'],
  ['_boost', 'u64'],
] as const
const BUY = layout('BuyEvent', HEAD, [
  ...ACCOUNTS,
  ['_trackVolume', 'bool'],
  ['_unclaimed', 'u64'],
  ['_claimed', 'u64'],
  ['_solVolume', 'u64'],
  ['_updatedAt', 'i64'],
  ['_minBase', 'u64'],
  ['_instruction', 'text'],
  ...REBATES,
])
const SELL = layout('SellEvent', HEAD, [...ACCOUNTS, ...REBATES])
const OPEN = layout(
  'CreatePoolEvent',
  [
    ['timestamp', 'i64'],
    ['_index', 'u16'],
    ['creator', 'key'],
    ['baseMint', 'key'],
    ['quoteMint', 'key'],
    ['baseDecimals', 'u8'],
    ['quoteDecimals', 'u8'],
    ['_baseIn', 'u64'],
    ['_quoteIn', 'u64'],
    ['poolBase', 'u64'],
    ['poolQuote', 'u64'],
    ['_minimumLiquidity', 'u64'],
    ['_initialLiquidity', 'u64'],
    ['_lpOut', 'u64'],
    ['_bump', 'u8'],
    ['pool', 'key'],
  ],
  [
    ['_lpMint', 'key'],
    ['_userBaseAccount', 'key'],
    ['_userQuoteAccount', 'key'],
    ['coinCreator', 'key'],
    ['mayhemMode', 'bool'],
  ],
)
const POOL = account(
  'Pool',
  [
    ['creator', 11, 'key'],
    ['baseMint', 43, 'key'],
    ['quoteMint', 75, 'key'],
    ['lpMint', 107, 'key'],
    ['baseVault', 139, 'key'],
    ['quoteVault', 171, 'key'],
    ['lpSupply', 203, 'u64'],
  ],
  [
    ['coinCreator', 211, 'key'],
    ['mayhemMode', 243, 'bool'],
    ['cashback', 244, 'bool'],
    ['virtualQuote', 245, 'i128'],
    ['creatorFeeBps', 261, 'u64'],
  ],
)

/**
 * The reserves in the event are those before the trade; they are moved on by what the trade put in
 * and took out.
 */
function swap(side: 'buy' | 'sell', bytes: Buffer): ChainEvent {
  const event = decode(side === 'buy' ? BUY : SELL, bytes, 8)
  const { baseAmount, poolQuoteMoved } = event
  const sign = side === 'buy' ? 1n : -1n
  const base = event.poolBase - sign * baseAmount
  const quote = event.poolQuote + (event.virtualQuote ?? 0n) + sign * poolQuoteMoved
  return known<ChainEvent>({
    kind: 'swap',
    dex: 'pumpswap',
    pool: event.pool,
    at: timeOf(event.timestamp),
    wallet: event.user,
    side,
    baseAmount,
    quoteAmount: poolQuoteMoved,
    baseReserve: base > 0n ? base : undefined,
    quoteReserve: quote > 0n ? quote : undefined,
    feeBps: Number(event.lpFeeBps + event.protocolFeeBps + (event.creatorFeeBps ?? 0n)),
    cashback: paysBack(event.cashbackBps),
    creatorFeeBps: shareOf(event.creatorFeeBps),
  })
}

/** Events by discriminator. */
export const PUMPSWAP_EVENTS: Record<string, (bytes: Buffer) => ChainEvent> = {
  '67f4521f2cf57777': bytes => swap('buy', bytes),
  '3e2f370aa503dc2a': bytes => swap('sell', bytes),
  b1310cd2a076a774(bytes) {
    const event = decode(OPEN, bytes, 8)
    const { creator, baseMint, quoteMint, baseDecimals, quoteDecimals, pool } = event
    return known<ChainEvent>({
      kind: 'open',
      dex: 'pumpswap',
      pool,
      at: timeOf(event.timestamp),
      mint: baseMint,
      quoteMint,
      creator,
      baseDecimals,
      quoteDecimals,
      base: event.poolBase,
      quote: event.poolQuote,
      openAt: timeOf(event.timestamp),
      mayhemMode: event.mayhemMode,
    })
  },
}

/** A pool account. Those written before a field was appended are shorter: its value is then 0. */
export function pumpswapPool(bytes: Buffer): PoolAccount {
  const {
    creator,
    coinCreator,
    virtualQuote = 0n,
    creatorFeeBps,
    ...pool
  } = decodeAccount(POOL, bytes)
  return known<PoolAccount>({
    dex: 'pumpswap',
    ...pool,
    virtualQuote,
    creatorFeeBps: feeOf(creatorFeeBps),
    isOpen: true,
    creator: coinCreator ?? creator,
  })
}
