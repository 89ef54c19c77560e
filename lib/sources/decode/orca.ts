import { type ChainEvent, known, type PoolAccount } from './event.ts'
import { account, decode, decodeAccount, layout } from './layout.ts'
import { squarePrice } from './square-root.ts'

/** Orca Whirlpool, after its published interface. Decimals are with the mints. */
const POOL = account('Whirlpool', [
  ['root', 65, 'u128'],
  ['baseOwed', 85, 'u64'],
  ['quoteOwed', 93, 'u64'],
  ['baseMint', 101, 'key'],
  ['baseVault', 133, 'key'],
  ['quoteMint', 181, 'key'],
  ['quoteVault', 213, 'key'],
])

/** A pool account. There is no switch that stops swaps. */
export function orcaPool(bytes: Buffer): PoolAccount {
  const { root, ...pool } = decodeAccount(POOL, bytes)
  return known<PoolAccount>({ dex: 'orca', ...pool, isOpen: true, spot: squarePrice(root) ?? 0 })
}

const TRADED = layout(
  'Traded',
  [
    ['pool', 'key'],
    ['isSell', 'bool'],
    ['_rootBefore', 'u128'],
    ['_root', 'u128'],
    ['inAmount', 'u64'],
    ['outAmount', 'u64'],
    ['inTransferFee', 'u64'],
  ],
  [],
  24,
)
const OPENED = layout(
  'PoolInitialized',
  [
    ['pool', 'key'],
    ['_config', 'key'],
    ['mint', 'key'],
    ['quoteMint', 'key'],
    ['_tickSpacing', 'u16'],
    ['_baseProgram', 'key'],
    ['_quoteProgram', 'key'],
    ['baseDecimals', 'u8'],
    ['quoteDecimals', 'u8'],
  ],
  [],
  16,
)

/** Events by discriminator, as log lines. */
export const ORCA_EVENTS: Record<string, (bytes: Buffer) => ChainEvent> = {
  e1ca49af932ba096(bytes) {
    const { pool, isSell, outAmount, ...into } = decode(TRADED, bytes, 8)
    // What the mint keeps of the transfer never reaches the pool (orca-so/whirlpools, swap_utils).
    const inAmount = into.inAmount - into.inTransferFee
    const [baseAmount, quoteAmount] = isSell ? [inAmount, outAmount] : [outAmount, inAmount]
    return {
      kind: 'swap',
      dex: 'orca',
      pool,
      side: isSell ? 'sell' : 'buy',
      baseAmount,
      quoteAmount,
    }
  },
  '6476ad570cc6fee5': bytes => ({ kind: 'open', dex: 'orca', ...decode(OPENED, bytes, 8) }),
}
