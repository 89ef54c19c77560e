import { type ChainEvent, known, type PoolAccount } from './event.ts'
import { account, decode, decodeAccount, layout } from './layout.ts'

/**
 * Meteora DLMM: liquidity in bins. All of a bin trades at its price, (1 + step / 10,000) ^ id quote
 * units for a base unit.
 */
const POOL = account('LbPair', [
  ['bin', 76, 'i32'],
  ['binStep', 80, 'u16'],
  ['status', 82, 'u8'],
  ['baseMint', 88, 'key'],
  ['quoteMint', 120, 'key'],
  ['baseVault', 152, 'key'],
  ['quoteVault', 184, 'key'],
])

/** Price in a bin; 0 for what no pool can have. */
function binPrice(bin: number, step: number): number {
  const price = (1 + step / 10_000) ** bin
  return Number.isFinite(price) ? price : 0
}

/** A pool account. */
export function dlmmPool(bytes: Buffer): PoolAccount {
  const { bin, binStep, status, ...pool } = decodeAccount(POOL, bytes)
  return known<PoolAccount>({
    dex: 'meteora-dlmm',
    ...pool,
    isOpen: status === 0,
    spot: binPrice(bin, binStep),
  })
}

/** fee u64, protocol fee u64, fee in bps u128, fee of the host u64. */
const FEES = 40
const SWAP = layout(
  'Swap',
  [
    ['pool', 'key'],
    ['wallet', 'key'],
    ['_firstBin', 'i32'],
    ['_lastBin', 'i32'],
    ['inAmount', 'u64'],
    ['outAmount', 'u64'],
    ['isSell', 'bool'],
  ],
  [],
  FEES,
)
/** Since version 0.12 instructions of the second kind say their amounts here. */
const SWAP2 = layout('Swap2Evt', [
  ['pool', 'key'],
  ['wallet', 'key'],
  ['_firstBin', 'i32'],
  ['_lastBin', 'i32'],
  ['isSell', 'bool'],
  ['_feeBps', 'u128'],
  ['inAmount', 'u64'],
  ['_amountLeft', 'u64'],
  ['outAmount', 'u64'],
  ['_marketMakerFee', 'u64'],
  ['_protocolFee', 'u64'],
  ['_limitOrderFee', 'u64'],
  ['_hostFee', 'u64'],
  ['_feesOnInput', 'bool'],
  ['_feesOnBase', 'bool'],
])
const OPENED = layout('LbPairCreate', [
  ['pool', 'key'],
  ['_binStep', 'u16'],
  ['mint', 'key'],
  ['quoteMint', 'key'],
])

interface Traded {
  pool: string
  wallet: string
  isSell: boolean
  inAmount: bigint
  outAmount: bigint
}

/** The swap of either event; the first mint of the pool is its base. */
function swap({ pool, wallet, isSell, inAmount, outAmount }: Traded): ChainEvent {
  const [baseAmount, quoteAmount] = isSell ? [inAmount, outAmount] : [outAmount, inAmount]
  const side = isSell ? 'sell' : 'buy'
  return { kind: 'swap', dex: 'meteora-dlmm', pool, wallet, side, baseAmount, quoteAmount }
}

/** Discriminators of the two events that tell a swap. */
export const DLMM_SWAP = '516ce3becdd00ac4'
export const DLMM_SWAP2 = '2e7452d7941b544d'

/** Events by discriminator, as self-calls. */
export const DLMM_EVENTS: Record<string, (bytes: Buffer) => ChainEvent> = {
  [DLMM_SWAP]: bytes => swap(decode(SWAP, bytes, 8)),
  [DLMM_SWAP2]: bytes => swap(decode(SWAP2, bytes, 8)),
  b94afc7d1bd7bc6f: bytes => ({ kind: 'open', dex: 'meteora-dlmm', ...decode(OPENED, bytes, 8) }),
}
