/** Programs on Solana mainnet by the name that lines use for them (`dex`). */
export const PROGRAMS = {
  'pump.fun': '6EF8rrecthR5Dkzon8Nwu78hRvfCKubJ14M5uBEwF6P',
  pumpswap: 'pAMMBay6oceH9fJKBRHGP5D4bD4sWpmSwMn52FMfXEA',
  'raydium-amm': '675kPX9MHTjS2zt1qfr1NYHuzeLXfQM9H24wFSUt1Mp8',
  'raydium-cpmm': 'CPMMoo8L3F4NbTegBCKVNunggL7H1ZpdTHKxQB5qKP1C',
  'raydium-clmm': 'CAMMCzo5YL8w4VFF8KVHrK22GGUsp5VTaW7grrKgrWqK',
  launchlab: 'LanMV9sAd7wArD4vJFi2qDdfnVhFxYSUg6eADduJ3uj',
  'meteora-dlmm': 'LBUZKhRxPF3XUpBCjp4YzTKgLccjZhTSDM9YuVaPwxo',
  'meteora-damm2': 'cpamdpZCGKUy5JxQXB4dcpGPiikHawvSWAd6mEn1sGG',
  'meteora-dbc': 'dbcij3LWUppWqq96dh6gJWwBifmcGfLSB5D4DuSMaqN',
  orca: 'whirLbMiicVdio4qvUfM5KAg6Ct8VwpYzGff3uctyCc',
} as const
export type Dex = keyof typeof PROGRAMS

const names = new Map<string, Dex>(Object.entries(PROGRAMS).map(([name, id]) => [id, name as Dex]))

/** Name of a program that we know; undefined for any other. */
export const dexOf = (program: string): Dex | undefined => names.get(program)

/** Token programs and mints that mean something everywhere. */
export const TOKEN = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA'
export const TOKEN_2022 = 'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb'
export const WSOL = 'So11111111111111111111111111111111111111112'
export const USDC = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v'
export const USDT = 'Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB'
/** World Liberty’s dollar, in which curves of LaunchLab and pools behind them are quoted. */
export const USD1 = 'USD1ttGY1N17NEEHLmELoaybftRBUSErhqYiQzvEmuB'
/** The zero key: absent, and for quote mints of pump.fun native SOL. */
export const ZERO = '11111111111111111111111111111111'

/**
 * Authority of Raydium’s program that locks liquidity tokens for good (seed
 * `lock_cp_authority_seed`).
 */
export const LOCK_AUTHORITY = '3f7GcQFG397GAaEnv51zR6tsTVihYRydnydDD1cXekxH'
/** Nobody has the key of this account. */
export const BURNED = '1nc1nerator11111111111111111111111111111111'
/** Authorities that hold the vaults of all pools of a program. */
export const VAULT_AUTHORITIES: ReadonlySet<string> = new Set([
  '5Q544fKrFoe6tsEbD7S8EmxGTJYAKtTVhAW5Q5pge4j1',
  'GpMZbSM2GgvTKHJirzeGfMFoaZ8UR2X7F4v8vHTvxFbL',
  'WLHv2UAZm6z4KyaaELi5pjdbJh6RESMva1Rnn8pJVVh',
])

/** Mints that a pair is quoted in, best first: of two, the token is the other one. */
const QUOTES: readonly string[] = [WSOL, USDC, USDT, USD1]
const DECIMALS = new Map([
  [WSOL, 9],
  [USDC, 6],
  [USDT, 6],
  [USD1, 6],
])

/** Decimals of the mints that pairs are quoted in. */
export const quoteDecimals = (mint: string | undefined): number | undefined =>
  mint === undefined ? undefined : DECIMALS.get(mint)

/**
 * True when the second mint of a pair is the token and the first the quote: order on chain is not
 * fixed.
 */
export function isFlipped(first: string, second: string): boolean {
  const a = QUOTES.indexOf(first)
  const b = QUOTES.indexOf(second)
  return a >= 0 && (b < 0 || a < b)
}
