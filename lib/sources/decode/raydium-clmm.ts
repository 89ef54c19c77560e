import { type ChainEvent, known, type PoolAccount, timeOf } from './event.ts'
import { account, decode, decodeAccount, layout } from './layout.ts'
import { squarePrice } from './square-root.ts'

/**
 * Raydium CLMM, after its published interface. The price is a square root; what is in the vaults
 * says nothing of it.
 */
const POOL = account('PoolState', [
  ['baseMint', 73, 'key'],
  ['quoteMint', 105, 'key'],
  ['baseVault', 137, 'key'],
  ['quoteVault', 169, 'key'],
  ['baseDecimals', 233, 'u8'],
  ['quoteDecimals', 234, 'u8'],
  ['root', 253, 'u128'],
  ['status', 389, 'u8'],
  ['startTime', 1080, 'u64'],
])
/** Bit of the status that stops swaps. */
const NO_SWAP = 16

/** A pool account. */
export function clmmPool(bytes: Buffer): PoolAccount {
  const { root, status, startTime, ...pool } = decodeAccount(POOL, bytes)
  return known<PoolAccount>({
    dex: 'raydium-clmm',
    ...pool,
    isOpen: (status & NO_SWAP) === 0,
    openAt: timeOf(startTime),
    spot: squarePrice(root) ?? 0,
  })
}

const SWAP = layout(
  'SwapEvent',
  [
    ['pool', 'key'],
    ['wallet', 'key'],
    ['_account0', 'key'],
    ['_account1', 'key'],
    ['baseAmount', 'u64'],
    ['transferFee0', 'u64'],
    ['quoteAmount', 'u64'],
    ['transferFee1', 'u64'],
    ['isSell', 'bool'],
  ],
  [],
  36,
)
const OPENED = layout(
  'PoolCreatedEvent',
  [
    ['mint', 'key'],
    ['quoteMint', 'key'],
    ['_tickSpacing', 'u16'],
    ['pool', 'key'],
  ],
  [],
  84,
)

/** Events by discriminator, as log lines. */
export const CLMM_EVENTS: Record<string, (bytes: Buffer) => ChainEvent> = {
  '40c6cde8260871e2'(bytes) {
    const { isSell, transferFee0, transferFee1, ...swap } = decode(SWAP, bytes, 8)
    // Of what comes out the event tells what arrived: its mint’s fee had left the pool as well
    // (raydium-io/raydium-clmm, instructions/swap_v2.rs).
    const out = isSell
      ? { quoteAmount: swap.quoteAmount + transferFee1 }
      : { baseAmount: swap.baseAmount + transferFee0 }
    return { kind: 'swap', dex: 'raydium-clmm', ...swap, ...out, side: isSell ? 'sell' : 'buy' }
  },
  '195e4b2f7063353f': bytes => ({ kind: 'open', dex: 'raydium-clmm', ...decode(OPENED, bytes, 8) }),
}
