import { DataError } from '../../base/errors.ts'
import {
  type ChainEvent,
  known,
  type PoolAccount,
  type PoolConfig,
  ratedFee,
  timeOf,
} from './event.ts'
import { account, decode, decodeAccount, layout } from './layout.ts'
import { isFlipped } from './programs.ts'

/**
 * Raydium CPMM, after its interface (raydium-io/raydium-idl) and the fields added with creator
 * fees.
 */
const POOL = account(
  'PoolState',
  [
    ['config', 8, 'key'],
    ['creator', 40, 'key'],
    ['baseVault', 72, 'key'],
    ['quoteVault', 104, 'key'],
    ['lpMint', 136, 'key'],
    ['baseMint', 168, 'key'],
    ['quoteMint', 200, 'key'],
    ['status', 329, 'u8'],
    ['baseDecimals', 331, 'u8'],
    ['quoteDecimals', 332, 'u8'],
    ['lpSupply', 333, 'u64'],
    ['baseProtocol', 341, 'u64'],
    ['quoteProtocol', 349, 'u64'],
    ['baseFund', 357, 'u64'],
    ['quoteFund', 365, 'u64'],
    ['openTime', 373, 'u64'],
  ],
  [
    ['hasCreatorFee', 390, 'bool'],
    ['baseCreator', 397, 'u64'],
    ['quoteCreator', 405, 'u64'],
  ],
)
/** Bit of the status that stops swaps. */
const NO_SWAP = 4

/**
 * A pool account. What is owed to protocol, fund and creator is in the vaults but not in the price.
 */
export function cpmmPool(bytes: Buffer): PoolAccount {
  const pool = decodeAccount(POOL, bytes)
  const {
    creator,
    baseVault,
    quoteVault,
    lpMint,
    baseMint,
    quoteMint,
    lpSupply,
    baseDecimals,
    quoteDecimals,
  } = pool
  return known<PoolAccount>({
    dex: 'raydium-cpmm',
    baseMint,
    quoteMint,
    baseVault,
    quoteVault,
    lpMint,
    lpSupply,
    creator,
    baseDecimals,
    quoteDecimals,
    // Its configuration says how much.
    creatorFeeBps: pool.hasCreatorFee === false ? 0 : undefined,
    configs: pool.hasCreatorFee === true ? [pool.config] : undefined,
    isOpen: (pool.status & NO_SWAP) === 0,
    openAt: timeOf(pool.openTime),
    baseOwed: pool.baseProtocol + pool.baseFund + (pool.baseCreator ?? 0n),
    quoteOwed: pool.quoteProtocol + pool.quoteFund + (pool.quoteCreator ?? 0n),
  })
}

/** AmmConfig (raydium-io/raydium-cp-swap, states/config.rs). */
const CONFIG = account('AmmConfig', [['creatorFeeRate', 108, 'u64']])

/** What pools of one configuration have in common. */
export function cpmmConfig(bytes: Buffer): PoolConfig {
  const creatorFeeBps = ratedFee(decodeAccount(CONFIG, bytes).creatorFeeRate)
  return known<PoolConfig>({ creatorFeeBps })
}

const SWAP = layout(
  'SwapEvent',
  [
    ['pool', 'key'],
    ['_inVault', 'u64'],
    ['_outVault', 'u64'],
    ['inAmount', 'u64'],
    ['outAmount', 'u64'],
    ['_inTransferFee', 'u64'],
    ['_outTransferFee', 'u64'],
    ['_isBaseInput', 'bool'],
  ],
  [
    ['inMint', 'key'],
    ['outMint', 'key'],
    ['_tradeFee', 'u64'],
    ['_creatorFee', 'u64'],
    ['_creatorFeeOnInput', 'bool'],
  ],
)

/**
 * Events by discriminator. The oldest swap event does not say what went in: it is refused with that
 * reason.
 */
export const CPMM_EVENTS: Record<string, (bytes: Buffer) => ChainEvent> = {
  '40c6cde8260871e2'(bytes) {
    const { pool, inAmount, outAmount, inMint, outMint } = decode(SWAP, bytes, 8)
    if (inMint === undefined || outMint === undefined)
      throw new DataError('does not say which mint went in', { field: 'SwapEvent.inMint' })
    const isBuy = !isFlipped(outMint, inMint)
    const [mint, quoteMint] = isBuy ? [outMint, inMint] : [inMint, outMint]
    const [baseAmount, quoteAmount] = isBuy ? [outAmount, inAmount] : [inAmount, outAmount]
    return {
      kind: 'swap',
      dex: 'raydium-cpmm',
      pool,
      mint,
      quoteMint,
      side: isBuy ? 'buy' : 'sell',
      baseAmount,
      quoteAmount,
    }
  },
}
