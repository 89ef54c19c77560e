import { DataError } from '../../base/errors.ts'
import { type ChainEvent, known, type PoolAccount, type PoolConfig, ratedFee } from './event.ts'
import { account, decode, decodeAccount, layout } from './layout.ts'

/**
 * Raydium LaunchLab. Events are self-calls, not log lines: their bytes are the data of an inner
 * instruction. For its usual constant-product curve the price is (virtualQuote + realQuote) /
 * (virtualBase − realBase), realBase being what is sold.
 */
const POOL = account('PoolState', [
  ['status', 17, 'u8'],
  ['baseDecimals', 18, 'u8'],
  ['quoteDecimals', 19, 'u8'],
  ['supply', 21, 'u64'],
  ['virtualBase', 37, 'u64'],
  ['virtualQuote', 45, 'u64'],
  ['realBase', 53, 'u64'],
  ['realQuote', 61, 'u64'],
  ['globalConfig', 141, 'key'],
  ['platformConfig', 173, 'key'],
  ['baseMint', 205, 'key'],
  ['quoteMint', 237, 'key'],
  ['baseVault', 269, 'key'],
  ['quoteVault', 301, 'key'],
  ['creator', 333, 'key'],
])
const FUNDING = 0

const reserve = (amount: bigint): bigint | undefined => (amount > 0n ? amount : undefined)

/** A curve account. */
export function launchlabPool(bytes: Buffer): PoolAccount {
  const { status, virtualBase, virtualQuote, realBase, realQuote, ...rest } = decodeAccount(
    POOL,
    bytes,
  )
  const { globalConfig, platformConfig, ...pool } = rest
  return known<PoolAccount>({
    dex: 'launchlab',
    ...pool,
    configs: [globalConfig, platformConfig],
    isComplete: status !== FUNDING,
    isOpen: status === FUNDING,
    realQuote,
    base: reserve(virtualBase - realBase),
    quote: reserve(virtualQuote + realQuote),
  })
}

/** Configurations (raydium-io/raydium-cpi, launch-cpi/src/states.rs). */
const GLOBAL = account('GlobalConfig', [['curveType', 16, 'u8']])
const PLATFORM = account('PlatformConfig', [['creatorFeeRate', 720, 'u64']])
const CONSTANT_PRODUCT = 0

/** How curves go up: reserves make the price of the first kind only. */
export const launchlabGlobal = (bytes: Buffer): PoolConfig => ({
  isConstantProduct: decodeAccount(GLOBAL, bytes).curveType === CONSTANT_PRODUCT,
})

/** What curves of one launchpad have in common. */
export function launchlabPlatform(bytes: Buffer): PoolConfig {
  const creatorFeeBps = ratedFee(decodeAccount(PLATFORM, bytes).creatorFeeRate)
  return known<PoolConfig>({ creatorFeeBps })
}

const TRADE_HEAD = [
  ['pool', 'key'],
  ['_sellable', 'u64'],
  ['virtualBase', 'u64'],
  ['virtualQuote', 'u64'],
  ['realBaseBefore', 'u64'],
  ['realQuoteBefore', 'u64'],
  ['realBase', 'u64'],
  ['realQuote', 'u64'],
  ['_amountIn', 'u64'],
  ['_amountOut', 'u64'],
  ['_protocolFee', 'u64'],
  ['_platformFee', 'u64'],
] as const
const DIRECTION = ['direction', 'u8'] as const
/** Before creator fees the side stood one field earlier; the lengths tell the two apart. */
const OLD_TRADE = layout('TradeEvent', [...TRADE_HEAD, ['_shareFee', 'u64'], DIRECTION], [], 1)
const TRADE = layout(
  'TradeEvent',
  [...TRADE_HEAD, ['_creatorFee', 'u64'], ['_shareFee', 'u64'], DIRECTION],
  [],
  2,
)
const TRADE_BYTES = 147
const CREATE = layout(
  'PoolCreateEvent',
  [
    ['pool', 'key'],
    ['creator', 'key'],
    ['_config', 'key'],
    ['decimals', 'u8'],
    ['name', 'text'],
    ['symbol', 'text'],
    ['uri', 'text'],
    ['_curveKind', 'u8'],
    ['supply', 'u64'],
  ],
  [],
  42,
)

const distance = (a: bigint, b: bigint): bigint => (a > b ? a - b : b - a)

/** Events by discriminator. Neither names the mint: the pool account does. */
export const LAUNCHLAB_EVENTS: Record<string, (bytes: Buffer) => ChainEvent> = {
  bddb7fd34ee661ee(bytes) {
    const event = decode(bytes.length >= TRADE_BYTES ? TRADE : OLD_TRADE, bytes, 8)
    if (event.direction > 1)
      throw new DataError(`expected 0 or 1, got ${event.direction}`, {
        field: 'TradeEvent.direction',
      })
    return known<ChainEvent>({
      kind: 'swap',
      dex: 'launchlab',
      pool: event.pool,
      side: event.direction === 0 ? 'buy' : 'sell',
      baseAmount: distance(event.realBase, event.realBaseBefore),
      quoteAmount: distance(event.realQuote, event.realQuoteBefore),
      baseReserve: reserve(event.virtualBase - event.realBase),
      quoteReserve: reserve(event.virtualQuote + event.realQuote),
    })
  },
  '97d7e20976a173ae'(bytes) {
    const { pool, creator, decimals, name, symbol, uri, supply } = decode(CREATE, bytes, 8)
    return { kind: 'create', dex: 'launchlab', pool, creator, decimals, name, symbol, uri, supply }
  },
}
