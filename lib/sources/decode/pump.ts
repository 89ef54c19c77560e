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
import { WSOL, ZERO } from './programs.ts'

/**
 * pump.fun bonding curves, after the interface that pump.fun publishes (pump-fun/pump-public-docs,
 * idl/pump.json). Fields have been appended several times; the required ones are those of the first
 * version that is still on chain.
 */
const DECIMALS = 6

const CREATE = layout(
  'CreateEvent',
  [
    ['name', 'text'],
    ['symbol', 'text'],
    ['uri', 'text'],
    ['mint', 'key'],
    ['curve', 'key'],
    ['user', 'key'],
  ],
  [
    ['creator', 'key'],
    ['timestamp', 'i64'],
    ['virtualToken', 'u64'],
    ['virtualSol', 'u64'],
    ['_realToken', 'u64'],
    ['supply', 'u64'],
    ['tokenProgram', 'key'],
    ['mayhemMode', 'bool'],
    ['cashback', 'bool'],
    ['quoteMint', 'key'],
    ['virtualQuote', 'u64'],
  ],
)
const TRADE = layout(
  'TradeEvent',
  [
    ['mint', 'key'],
    ['solAmount', 'u64'],
    ['tokenAmount', 'u64'],
    ['isBuy', 'bool'],
    ['user', 'key'],
    ['timestamp', 'i64'],
    ['virtualSol', 'u64'],
    ['virtualToken', 'u64'],
  ],
  [
    ['_realSol', 'u64'],
    ['_realToken', 'u64'],
    ['_feeRecipient', 'key'],
    ['feeBps', 'u64'],
    ['_fee', 'u64'],
    ['_creator', 'key'],
    ['creatorFeeBps', 'u64'],
    ['_creatorFee', 'u64'],
    ['_trackVolume', 'bool'],
    ['_unclaimed', 'u64'],
    ['_claimed', 'u64'],
    ['_solVolume', 'u64'],
    ['_updatedAt', 'i64'],
    ['_instruction', 'text'],
    ['mayhemMode', 'bool'],
    ['cashbackBps', 'u64'],
    ['_cashback', 'u64'],
    ['_buybackBps', 'u64'],
    ['_buyback', 'u64'],
    ['_shareholders', 'shares'],
    ['quoteMint', 'key'],
    ['quoteAmount', 'u64'],
    ['virtualQuote', 'u64'],
    ['_realQuote', 'u64'],
  ],
)
const COMPLETE = layout(
  'CompleteEvent',
  [
    ['_user', 'key'],
    ['mint', 'key'],
    ['curve', 'key'],
    ['timestamp', 'i64'],
  ],
  [['_quoteMint', 'key']],
)
const MIGRATE = layout(
  'CompletePumpAmmMigrationEvent',
  [
    ['_user', 'key'],
    ['mint', 'key'],
    ['_tokenAmount', 'u64'],
    ['_quoteAmount', 'u64'],
    ['_fee', 'u64'],
    ['curve', 'key'],
    ['timestamp', 'i64'],
    ['pool', 'key'],
  ],
  [['_quoteMint', 'key']],
)
const CURVE = account(
  'BondingCurve',
  [
    ['virtualToken', 8, 'u64'],
    ['virtualQuote', 16, 'u64'],
    ['realQuote', 32, 'u64'],
    ['supply', 40, 'u64'],
    ['isComplete', 48, 'bool'],
  ],
  [
    ['creator', 49, 'key'],
    ['mayhemMode', 81, 'bool'],
    ['cashback', 82, 'bool'],
    ['quoteMint', 83, 'key'],
    ['creatorFeeBps', 115, 'u64'],
  ],
)

/** Zero stands for SOL; so does wrapped SOL. */
const quoteOf = (mint: string | undefined): string =>
  mint === undefined || mint === ZERO ? WSOL : mint

/** Events by their discriminators: the first 8 bytes of sha256("event:" + name), hex. */
export const PUMP_EVENTS: Record<string, (bytes: Buffer) => ChainEvent> = {
  '1b72a94ddeeb6376'(bytes) {
    const { name, symbol, uri, mint, curve, user, creator, timestamp, supply, ...at } = decode(
      CREATE,
      bytes,
      8,
    )
    const quoteMint = quoteOf(at.quoteMint)
    return known<ChainEvent>({
      kind: 'create',
      dex: 'pump.fun',
      pool: curve,
      at: timeOf(timestamp ?? 0n),
      mint,
      quoteMint,
      name,
      symbol,
      uri,
      creator: creator ?? user,
      supply,
      decimals: DECIMALS,
      tokenProgram: at.tokenProgram,
      mayhemMode: at.mayhemMode,
      cashback: at.cashback,
      base: at.virtualToken,
      quote: quoteMint === WSOL ? at.virtualSol : at.virtualQuote,
    })
  },
  bddb7fd34ee661ee(bytes) {
    const trade = decode(TRADE, bytes, 8)
    const quoteMint = quoteOf(trade.quoteMint)
    const isSol = quoteMint === WSOL
    const feeBps =
      trade.feeBps === undefined ? undefined : Number(trade.feeBps + (trade.creatorFeeBps ?? 0n))
    return known<ChainEvent>({
      kind: 'swap',
      dex: 'pump.fun',
      at: timeOf(trade.timestamp),
      mint: trade.mint,
      quoteMint,
      wallet: trade.user,
      side: trade.isBuy ? 'buy' : 'sell',
      baseAmount: trade.tokenAmount,
      quoteAmount: isSol ? trade.solAmount : (trade.quoteAmount ?? trade.solAmount),
      baseReserve: trade.virtualToken,
      quoteReserve: isSol ? trade.virtualSol : trade.virtualQuote,
      feeBps,
      mayhemMode: trade.mayhemMode,
      cashback: paysBack(trade.cashbackBps),
      creatorFeeBps: shareOf(trade.creatorFeeBps),
    })
  },
  '5f72619cd42e9808'(bytes) {
    const { mint, curve, timestamp } = decode(COMPLETE, bytes, 8)
    return known<ChainEvent>({
      kind: 'complete',
      dex: 'pump.fun',
      pool: curve,
      at: timeOf(timestamp),
      mint,
    })
  },
  bde95db95c94ea94(bytes) {
    const { mint, curve, timestamp, pool } = decode(MIGRATE, bytes, 8)
    return known<ChainEvent>({
      kind: 'migrate',
      dex: 'pump.fun',
      pool: curve,
      at: timeOf(timestamp),
      mint,
      to: pool,
    })
  },
}

/** A bonding curve; it does not name its mint. Lengths have been 49, 81, 83, 115, 125 and 151. */
export function pumpCurve(bytes: Buffer): PoolAccount {
  const { virtualToken, virtualQuote, realQuote, supply, isComplete, creator, ...rest } =
    decodeAccount(CURVE, bytes)
  const { quoteMint, mayhemMode, cashback, creatorFeeBps } = rest
  return known<PoolAccount>({
    dex: 'pump.fun',
    baseMint: undefined,
    quoteMint: quoteOf(quoteMint),
    baseDecimals: DECIMALS,
    base: virtualToken,
    quote: virtualQuote,
    realQuote,
    supply,
    isComplete,
    isOpen: !isComplete,
    creator,
    mayhemMode,
    cashback,
    creatorFeeBps: feeOf(creatorFeeBps),
  })
}
