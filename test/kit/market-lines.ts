/** Lines of one token for tests of the trading half. */
export const MINT = 'CATx7yq3v1mRf2u8kE5nWd4hZs9pLb6gTraJcQwXpump'
export const POOL = 'PooLh5Ty8sQm2nVbR4eKcW7xDfG9jUaZpLr3oMiN6tSe'
export const WSOL = 'So11111111111111111111111111111111111111112'
export const T = 1763685000000

export interface Where {
  mint?: string
  pool?: string
}

/** A market line with reserves of a pool quoted in SOL. */
export function market(
  ts: number,
  base: bigint | string,
  quote: bigint | string,
  more: object = {},
  where: Where = {},
): string {
  const { mint = MINT, pool = POOL } = where
  const reserves = { baseAmount: String(base), quoteAmount: String(quote) }
  const part = {
    dex: 'pumpswap',
    quoteMint: WSOL,
    baseDecimals: 6,
    quoteDecimals: 9,
    feeBps: 25,
    ...reserves,
  }
  return JSON.stringify({
    v: 1,
    id: `market:${pool}:${ts}`,
    ts,
    kind: 'market',
    mint,
    pool,
    source: 'test',
    market: part,
    ...more,
  })
}

/** A five-minute bar that ends at ts. */
export function candle(
  ts: number,
  [open, high, low, close, volume]: number[],
  more: object = {},
  mint = MINT,
  currency?: string,
): string {
  const part = {
    intervalMs: 300_000,
    openAt: ts - 300_000,
    open,
    high,
    low,
    close,
    volume,
    ...(currency && { currency }),
  }
  return JSON.stringify({
    v: 1,
    id: `candle:${mint}:5m:${ts}`,
    ts,
    kind: 'candle',
    mint,
    source: 'test',
    candle: part,
    ...more,
  })
}

export const tick = (ts: number): string =>
  JSON.stringify({ v: 1, id: `tick:${ts}`, ts, kind: 'tick', source: 'test' })

export const buyNow = (sizeLamports = '86463000', more: object = {}) => ({
  decision: {
    act: 'buy',
    confidence: 0.72926,
    sizeLamports,
    maxSlippageBps: 150,
    reasons: [],
    unknown: [],
    ...more,
  },
})
