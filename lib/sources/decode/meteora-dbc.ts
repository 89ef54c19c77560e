import { type ChainEvent, known, type PoolAccount } from './event.ts'
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
  const { root, migrated, ...pool } = decodeAccount(POOL, bytes)
  return known<PoolAccount>({
    dex: 'meteora-dbc',
    ...pool,
    isOpen: migrated === 0,
    isComplete: migrated !== 0,
    spot: squarePrice(root) ?? 0,
    quoteMint: undefined,
  })
}

const CONFIG = account('PoolConfig', [['quoteMint', 8, 'key']])
const CONFIG_MARK = '1a6c0e7b74e6812b'

/** The mint that curves of a configuration are quoted in; undefined when the account is none. */
export const dbcQuote = (bytes: Buffer): string | undefined =>
  bytes.length >= 40 && bytes.toString('hex', 0, 8) === CONFIG_MARK
    ? decodeAccount(CONFIG, bytes).quoteMint
    : undefined

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
