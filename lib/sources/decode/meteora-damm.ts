import { DataError } from '../../base/errors.ts'
import { type ChainEvent, known, type PoolAccount, timeOf } from './event.ts'
import { account, decode, decodeAccount, layout } from './layout.ts'
import type { Dex } from './programs.ts'
import { squarePrice, virtualReserves } from './square-root.ts'

/** Meteora DAMM v2 (cp-amm): one range of liquidity for a pool. Decimals are with the mints. */
const POOL = account('Pool', [
  ['baseMint', 168, 'key'],
  ['quoteMint', 200, 'key'],
  ['baseVault', 232, 'key'],
  ['quoteVault', 264, 'key'],
  ['liquidity', 360, 'u128'],
  ['lowest', 424, 'u128'],
  ['highest', 440, 'u128'],
  ['root', 456, 'u128'],
  ['activation', 472, 'u64'],
  ['activationKind', 480, 'u8'],
  ['status', 481, 'u8'],
])
/**
 * The widest range that the program knows: only then do the reserves of the formula stand behind a
 * trade of any size.
 */
const LOWEST = 4_295_048_016n
const HIGHEST = 79_226_673_521_066_979_257_578_248_091n
/** Activation counted in seconds; the other kind counts slots. */
const BY_TIME = 1
const ENABLED = 0

/**
 * A pool account. Reserves are those of the formula; a pool with a narrow range has a price only.
 */
export function dammPool(bytes: Buffer): PoolAccount {
  const { liquidity, lowest, highest, root, activation, activationKind, status, ...pool } =
    decodeAccount(POOL, bytes)
  const isWide = lowest <= LOWEST && highest >= HIGHEST
  return known<PoolAccount>({
    dex: 'meteora-damm2',
    ...pool,
    isOpen: status === ENABLED,
    openAt: activationKind === BY_TIME ? timeOf(activation) : undefined,
    spot: squarePrice(root) ?? 0,
    ...(isWide ? virtualReserves(liquidity, root, 64n) : undefined),
  })
}

const SWAP = layout(
  'EvtSwap2',
  [
    ['pool', 'key'],
    ['direction', 'u8'],
    ['_feeMode', 'u8'],
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
    ['_partnerFee', 'u64'],
    ['_referralFee', 'u64'],
    ['_inWithTransferFee', 'u64'],
    ['_outWithTransferFee', 'u64'],
    ['_outWithoutTransferFee', 'u64'],
    ['second', 'u64'],
  ],
  [],
  16,
)
/** Parameters of fees follow, which differ in length. */
const LONG = 1024
const OPENED = layout(
  'EvtInitializePool',
  [
    ['pool', 'key'],
    ['mint', 'key'],
    ['quoteMint', 'key'],
    ['creator', 'key'],
  ],
  [],
  LONG,
)

/**
 * What EvtSwap2 of both Meteora programs that have it says. `direction` 0 is base in, quote out.
 */
interface MeteoraSwap {
  pool: string
  direction: number
  inAmount: bigint
  outAmount: bigint
  second: bigint
}

/** The swap of such an event. Throws a DataError for a direction that there is none of. */
export function meteoraSwap(
  dex: Dex,
  { pool, direction, inAmount, outAmount, second }: MeteoraSwap,
): ChainEvent {
  if (direction > 1)
    throw new DataError(`expected 0 or 1, got ${direction}`, { field: 'EvtSwap2.tradeDirection' })
  const [side, baseAmount, quoteAmount] =
    direction === 0
      ? (['sell', inAmount, outAmount] as const)
      : (['buy', outAmount, inAmount] as const)
  return known<ChainEvent>({
    kind: 'swap',
    dex,
    pool,
    at: timeOf(second),
    side,
    baseAmount,
    quoteAmount,
  })
}

/**
 * Events by discriminator, as self-calls. EvtSwap is passed over: programs that say it say EvtSwap2
 * beside it, and the trade would count twice.
 */
export const DAMM_EVENTS: Record<string, (bytes: Buffer) => ChainEvent> = {
  bd4233a826507599: bytes => meteoraSwap('meteora-damm2', decode(SWAP, bytes, 8)),
  e432f655cb428625: bytes => ({ kind: 'open', dex: 'meteora-damm2', ...decode(OPENED, bytes, 8) }),
}
