import { type ChainEvent, known, type PoolAccount, type PoolConfig } from './event.ts'
import { account, decode, decodeAccount, layout } from './layout.ts'
import { meteoraSwap } from './meteora-damm.ts'
import { squarePrice } from './square-root.ts'

/**
 * Meteora’s bonding curve (DBC). Pieces of liquidity make the curve, so that its reserves do not
 * make the price; the mint it is quoted in stands in the account of its configuration.
 */
const POOL = account('VirtualPool', [
  ['config', 72, 'key'],
  ['creator', 104, 'key'],
  ['baseMint', 136, 'key'],
  ['baseVault', 168, 'key'],
  ['quoteVault', 200, 'key'],
  ['realQuote', 240, 'u64'],
  ['root', 280, 'u128'],
  ['migrated', 305, 'u8'],
])

/** A curve account. */
export function dbcPool(bytes: Buffer): PoolAccount {
  const { root, migrated, config, ...pool } = decodeAccount(POOL, bytes)
  return known<PoolAccount>({
    dex: 'meteora-dbc',
    ...pool,
    configs: [config],
    isOpen: migrated === 0,
    isComplete: migrated !== 0,
    spot: squarePrice(root) ?? 0,
    quoteMint: undefined,
  })
}

/** PoolConfig (MeteoraAg/dynamic-bonding-curve, state/config.rs); fees in billionths. */
const CONFIG = account(
  'PoolConfig',
  [['quoteMint', 8, 'key']],
  [
    ['cliffFee', 104, 'u64'],
    ['periods', 128, 'u16'],
    ['feeMode', 130, 'u8'],
    ['isDynamic', 136, 'u8'],
    ['decimals', 235, 'u8'],
    ['creatorPercent', 245, 'u8'],
  ],
)
/** A fee that falls in steps over time; the third kind grows with the size of a trade. */
const LAST_SCHEDULE = 1
/** What is left of a fee when a fifth went to the protocol, in bps of a billionth. */
const BPS = 0.8 / 100_000

/** What curves of one configuration have in common. */
export function dbcConfig(bytes: Buffer): PoolConfig {
  const { quoteMint, decimals, creatorPercent, ...fee } = decodeAccount(CONFIG, bytes)
  const isFixed = fee.periods === 0 && (fee.feeMode ?? 0) <= LAST_SCHEDULE && fee.isDynamic === 0
  const bps = isFixed ? Number(fee.cliffFee ?? 0n) * BPS * (creatorPercent ?? 0) : undefined
  // Of a fee that changes from trade to trade no single number is true; none of it is none.
  const share = creatorPercent === 0 ? 0 : bps && Number((bps / 100).toPrecision(12))
  return known<PoolConfig>({ quoteMint, baseDecimals: decimals, creatorFeeBps: share })
}

const SWAP = layout('EvtSwap2', [
  ['pool', 'key'],
  ['_config', 'key'],
  ['direction', 'u8'],
  ['_hasReferral', 'bool'],
  ['_amount0', 'u64'],
  ['_amount1', 'u64'],
  ['_swapMode', 'u8'],
  ['inAmount', 'u64'],
  ['_inWithoutFee', 'u64'],
  ['_amountLeft', 'u64'],
  ['outAmount', 'u64'],
  ['_root', 'u128'],
  ['_tradingFee', 'u64'],
  ['_protocolFee', 'u64'],
  ['_referralFee', 'u64'],
  ['_quoteReserve', 'u64'],
  ['_threshold', 'u64'],
  ['second', 'u64'],
])
const CREATED = layout(
  'EvtInitializePool',
  [
    ['pool', 'key'],
    ['_config', 'key'],
    ['creator', 'key'],
    ['mint', 'key'],
  ],
  [],
  9,
)

/**
 * Events by discriminator, as self-calls. EvtSwap is passed over: EvtSwap2 always stands beside it.
 */
export const DBC_EVENTS: Record<string, (bytes: Buffer) => ChainEvent> = {
  bd4233a826507599: bytes => meteoraSwap('meteora-dbc', decode(SWAP, bytes, 8)),
  e432f655cb428625: bytes => ({ kind: 'create', dex: 'meteora-dbc', ...decode(CREATED, bytes, 8) }),
}
