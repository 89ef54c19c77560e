/** What the cells of a field are. */
export type CellKind =
  | 'time'
  | 'address'
  | 'name'
  | 'amount'
  | 'whole'
  | 'decimals'
  | 'count'
  | 'number'
  | 'flag'

interface Field {
  is: CellKind
  /** Names of columns that mean this and nothing else, in small letters. */
  usual: readonly string[]
}

const field = (is: CellKind, ...usual: string[]): Field => ({ is, usual })

/**
 * What a column of a snapshot table may be: the fields of a market line, with `time`, `pool`,
 * `mint` and `slot` of its envelope, and reserves either in base units (`…Amount`) or in whole
 * tokens (`…Reserve`). Their usual names are those that the public APIs of Raydium, PumpSwap and
 * DexScreener have, in the spelling of a database.
 */
export const FIELDS = {
  time: field(
    'time',
    'timestamp',
    'timestamp_ms',
    'ts',
    'time',
    'created_at',
    'snapshot_at',
    'recorded_at',
    'fetched_at',
    'block_time',
    'datetime',
  ),
  pool: field('address', 'pool_address', 'pool_id', 'pool', 'amm_id', 'pair_address'),
  mint: field('address', 'base_mint', 'mint', 'token_mint', 'mint_address', 'token_address'),
  quoteMint: field('address', 'quote_mint', 'quote_token_mint', 'quote_token_address'),
  slot: field('count', 'slot'),
  dex: field('name', 'dex', 'dex_id', 'amm'),
  baseDecimals: field(
    'decimals',
    'base_decimals',
    'base_decimal',
    'base_token_decimals',
    'token_decimals',
  ),
  quoteDecimals: field('decimals', 'quote_decimals', 'quote_decimal', 'quote_token_decimals'),
  baseAmount: field('amount', 'base_amount_raw', 'base_reserve_raw', 'pool_base_token_reserves'),
  quoteAmount: field(
    'amount',
    'quote_amount_raw',
    'quote_reserve_raw',
    'pool_quote_token_reserves',
  ),
  baseReserve: field('whole', 'base_reserve_ui', 'base_ui_amount', 'base_amount_ui'),
  quoteReserve: field('whole', 'quote_reserve_ui', 'quote_ui_amount', 'quote_amount_ui'),
  feeBps: field('number', 'fee_bps'),
  isOpen: field('flag', 'is_open'),
  openAt: field('time', 'pool_open_time', 'open_time', 'pool_created_at'),
  priceSol: field('number', 'price_sol', 'price_in_sol'),
  priceUsd: field('number', 'price_usd', 'price_in_usd'),
  liquidityUsd: field('number', 'liquidity_usd', 'tvl_usd'),
  marketCapUsd: field('number', 'market_cap_usd', 'marketcap_usd'),
  'volumeUsd.m5': field('number', 'volume_5m_usd', 'volume_m5_usd', 'volume_usd_5m'),
  'volumeUsd.h1': field('number', 'volume_1h_usd', 'volume_h1_usd', 'volume_usd_1h'),
  'volumeUsd.h24': field('number', 'volume_24h_usd', 'volume_h24_usd', 'volume_usd_24h'),
  'buys.m5': field('count', 'buys_5m', 'buys_m5'),
  'buys.h1': field('count', 'buys_1h', 'buys_h1'),
  'buys.h24': field('count', 'buys_24h', 'buys_h24'),
  'sells.m5': field('count', 'sells_5m', 'sells_m5'),
  'sells.h1': field('count', 'sells_1h', 'sells_h1'),
  'sells.h24': field('count', 'sells_24h', 'sells_h24'),
} satisfies Record<string, Field>
export type FieldName = keyof typeof FIELDS

/** Names that bots give to more than one thing, and the fields that each may be. */
export const UNCLEAR: readonly [RegExp, string][] = [
  [
    /^(pool_)?base_(token_)?(reserves?|amount|balance)$/,
    'baseAmount (base units) or baseReserve (whole tokens)',
  ],
  [
    /^(pool_)?quote_(token_)?(reserves?|amount|balance)$/,
    'quoteAmount (base units) or quoteReserve (whole tokens)',
  ],
  [/^(price|current_price|token_price)$/, 'priceSol or priceUsd'],
  [/^(volume|volume_?24h|volume_h24)$/, 'volumeUsd.h24, where it is in USD'],
  [/^(liquidity|tvl)$/, 'liquidityUsd, where it is in USD'],
  [/^(market_?cap|fdv)$/, 'marketCapUsd, where it is in USD'],
  [/^price_native$/, 'priceSol, where the other side is SOL'],
  [/^decimals$/, 'baseDecimals or quoteDecimals'],
]
