/**
 * Bodies as the providers send them, with invented values. Addresses are 32 equal bytes in base58.
 */
import { keyName } from '../decode/bytes.ts'

export const WSOL = 'So11111111111111111111111111111111111111112'
export const MINT = keyName(101)
export const POOL = keyName(102)
export const MAKER = keyName(103)
const TOKEN = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA'

const counts = (buys: number, sells: number) => ({ buys, sells })
export const pair = {
  chainId: 'solana',
  dexId: 'raydium',
  url: 'https://dexscreener.com/solana/x',
  pairAddress: POOL,
  labels: ['CPMM'],
  baseToken: { address: MINT, name: 'Cat\u202e Coin\u0000', symbol: ' CAT ' },
  quoteToken: { address: WSOL, name: 'Wrapped SOL', symbol: 'SOL' },
  priceNative: '0.0000025',
  priceUsd: '0.0005',
  txns: { m5: counts(3, 2), h1: counts(30, 20), h6: counts(100, 90), h24: counts(400, 300) },
  volume: { h24: 9000.5, h6: 4000, h1: 800.25, m5: 70 },
  priceChange: { m5: -2.5, h1: 12.5, h24: 250 },
  liquidity: { usd: 24000.5, base: 1, quote: 2 },
  fdv: 500000,
  marketCap: 480000,
  pairCreatedAt: 1760000000000,
  info: { websites: [], socials: [{ type: 'twitter', url: 'https://x.com/cat' }] },
}
export const flippedPair = {
  ...pair,
  baseToken: pair.quoteToken,
  quoteToken: pair.baseToken,
  priceNative: '400000',
  priceUsd: '200',
}
export const profiles = [
  {
    url: 'u',
    chainId: 'solana',
    tokenAddress: MINT,
    icon: 'x',
    links: [{ url: 'https://cat.example' }],
    description: 'A cat.',
  },
  { url: 'u', chainId: 'base', tokenAddress: '0x0', links: [] },
  { url: 'u', chainId: 'solana', tokenAddress: 'nope' },
]

const per = (value: unknown) => ({ m5: value, m15: value, m30: value, h1: value, h24: value })
export const geckoPool = {
  id: `solana_${POOL}`,
  type: 'pool',
  attributes: {
    base_token_price_usd: '0.0005',
    base_token_price_native_currency: '0.0000025',
    quote_token_price_usd: '200.0',
    quote_token_price_native_currency: '1.0',
    address: POOL,
    name: 'CAT / SOL',
    pool_created_at: '2025-10-09T08:53:20Z',
    fdv_usd: '500000',
    market_cap_usd: null,
    pool_fee_percentage: 0.25,
    locked_liquidity_percentage: 99.5,
    price_change_percentage: per('-1.5'),
    transactions: per({ buys: 5, sells: 4, buyers: 3, sellers: 2 }),
    volume_usd: per('1234.5'),
    reserve_in_usd: '24000.5',
  },
  relationships: {
    base_token: { data: { id: `solana_${MINT}`, type: 'token' } },
    quote_token: { data: { id: `solana_${WSOL}`, type: 'token' } },
    dex: { data: { id: 'pumpswap', type: 'dex' } },
  },
}
/** Newest first; the second bar is missing: nobody traded. */
export const geckoHistory = {
  data: {
    id: 'x',
    type: 'ohlcv_request_response',
    attributes: {
      ohlcv_list: [
        [1760000700, 3, 3, 3, 3, 9],
        [1760000100, 1, 4, 1, 4, 30],
        [1759999800, 1, 2, 0.5, 1, 0],
      ],
    },
  },
}

export const jupiterToken = {
  id: MINT,
  name: 'Cat Coin',
  symbol: 'CAT',
  decimals: 6,
  twitter: 'https://x.com/cat',
  dev: MAKER,
  totalSupply: 999999999.5,
  tokenProgram: TOKEN,
  launchpad: 'pump.fun',
  holderCount: 412,
  audit: { mintAuthorityDisabled: true, topHoldersPercentage: 18.4, devMints: 3 },
  stats5m: { priceChange: -10.1 },
  createdAt: '2025-10-09T08:53:20.518899718Z',
}
const leg = (from: string, to: string, inAmount: string, outAmount: string) => ({
  swapInfo: {
    ammKey: POOL,
    label: 'Raydium CLMM',
    inputMint: from,
    outputMint: to,
    inAmount,
    outAmount,
  },
  percent: 100,
})
export const quoteThere = {
  inputMint: WSOL,
  inAmount: '1000000000',
  outputMint: MINT,
  outAmount: '2000000',
  otherAmountThreshold: '1990000',
  platformFee: null,
  priceImpactPct: '0.001',
  routePlan: [leg(WSOL, MINT, '1000000000', '2000000')],
  contextSlot: 300000000,
  timeTaken: 0.01,
}
export const quoteBack = {
  ...quoteThere,
  inputMint: MINT,
  inAmount: '2000000',
  outputMint: WSOL,
  outAmount: '1004000000',
  contextSlot: 300000001,
  routePlan: [leg(MINT, WSOL, '2000000', '1004000000')],
}

export const rugReport = {
  mint: MINT,
  tokenProgram: TOKEN,
  creator: MAKER,
  token: {
    mintAuthority: null,
    supply: 1000000000000000,
    decimals: 6,
    isInitialized: true,
    freezeAuthority: MAKER,
  },
  tokenMeta: { name: 'Cat Coin', symbol: 'CAT', uri: 'u', mutable: false },
  topHolders: [
    { address: keyName(110), owner: POOL, pct: 60, insider: false },
    { address: keyName(111), owner: keyName(121), pct: 10.5, insider: false },
    { address: keyName(112), owner: keyName(122), pct: 7.25, insider: true },
    { address: keyName(113), owner: keyName(123), pct: 5, insider: false },
  ],
  knownAccounts: {
    [keyName(123)]: { name: 'Locker', type: 'LOCKER' },
    [MAKER]: { name: 'c', type: 'CREATOR' },
  },
  markets: [{ pubkey: POOL, lp: { lpLockedPct: 100, baseUSD: 10, quoteUSD: 10 } }],
  totalHolders: 500,
  risks: null,
  score: 1,
}
export const rugSummary = {
  tokenProgram: TOKEN,
  tokenType: '',
  risks: [],
  score: 1991,
  score_normalised: 29,
  lpLockedPct: 12.5,
}

export const raydiumPage = {
  id: 'x',
  success: true,
  data: {
    count: 1,
    data: [
      null,
      {
        type: 'Standard',
        programId: '675kPX9MHTjS2zt1qfr1NYHuzeLXfQM9H24wFSUt1Mp8',
        id: POOL,
        mintA: {
          address: WSOL,
          programId: TOKEN,
          symbol: 'WSOL',
          name: 'Wrapped SOL',
          decimals: 9,
        },
        mintB: { address: MINT, programId: TOKEN, symbol: 'CAT', name: 'Cat Coin', decimals: 6 },
        price: 400000,
        feeRate: 0.0025,
        openTime: '1760000000',
        tvl: 24000.5,
        day: { volume: 9000.5 },
        burnPercent: 98.29,
      },
    ],
    hasNextPage: false,
  },
}

export const birdeyeListing = {
  success: true,
  data: {
    items: [
      {
        address: MINT,
        symbol: 'CAT',
        name: 'Cat',
        decimals: 6,
        source: 'raydium',
        liquidityAddedAt: '2025-10-09T08:53:20',
        liquidity: 1,
      },
    ],
  },
}
export const birdeyeOverview = {
  success: true,
  data: {
    address: MINT,
    decimals: 6,
    symbol: 'CAT',
    name: 'Cat',
    holder: 77,
    extensions: { website: null, twitter: 'https://x.com/c' },
  },
}
export const birdeyeSecurity = {
  data: {
    ownerAddress: null,
    freezeAuthority: MAKER,
    creatorAddress: MAKER,
    creationTime: 1760000000,
    top10HolderPercent: 0.304,
    isToken2022: true,
  },
  success: true,
}
export const birdeyeMarketData = {
  success: true,
  data: {
    address: MINT,
    price: 0.0005,
    liquidity: 24000,
    total_supply: 1_000_000,
    market_cap: 500,
    holder: 412,
  },
}
const holder = (owner: string, tokens: number, mint = MINT) => ({
  amount: `${tokens}000000`,
  decimals: 6,
  mint,
  owner,
  token_account: MAKER,
  ui_amount: tokens,
  multiplier: null,
})
export const birdeyeHolders = {
  success: true,
  data: {
    items: [
      ...[holder(POOL, 900_000), holder('5Q544fKrFoe6tsEbD7S8EmxGTJYAKtTVhAW5Q5pge4j1', 40_000)],
      ...[
        holder(MAKER, 30_000),
        holder(keyName(104), 10_000),
        holder(MAKER, 20_000),
        holder(keyName(105), 1, WSOL),
      ],
    ],
  },
}

export const birdeyeCandles = (time: 'unixTime' | 'unix_time') => ({
  success: true,
  data: {
    items: [
      { o: 1, h: 2, l: 0.5, c: 1.5, v: 100.5, [time]: 1760000100, currency: 'usd', type: '5m' },
    ],
  },
})

export const pumpCreate = {
  signature: '5h6x',
  mint: MINT,
  traderPublicKey: MAKER,
  txType: 'create',
  initialBuy: 0,
  solAmount: 0,
  bondingCurveKey: POOL,
  vTokensInBondingCurve: 1073000000,
  vSolInBondingCurve: 30,
  name: 'Cat Coin',
  symbol: 'CAT',
  pool: 'pump',
}
export const pumpBuy = {
  ...pumpCreate,
  txType: 'buy',
  tokenAmount: 354.840158,
  solAmount: 1e-5,
  vSolInBondingCurve: 30.119251714,
}
