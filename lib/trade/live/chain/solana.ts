import type { MessageV0, VersionedMessage } from '@solana/web3.js'

/** The Solana library: half a megabyte that nothing but live trading needs. */
export type Solana = typeof import('@solana/web3.js')

/** Loads the library at the first use. */
export const loadSolana = (): Promise<Solana> => import('@solana/web3.js')
export type { MessageV0, VersionedMessage }

/** Programs that may stand in a swap transaction beside the exchange itself. */
export const SYSTEM = '11111111111111111111111111111111'
export const COMPUTE_BUDGET = 'ComputeBudget111111111111111111111111111111'
export const ASSOCIATED = 'ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL'
export const JUPITER = 'JUP6LkbZbjS1jKKwapdHNy74zcZ3tLUZoi5QNyVTaV4'

/** The account in which a wallet holds a token: derived, the same for everyone who asks. */
export function tokenAccountOf(
  { PublicKey }: Solana,
  wallet: string,
  mint: string,
  program: string,
): string {
  const seeds = [wallet, program, mint].map(key => new PublicKey(key).toBuffer())
  return PublicKey.findProgramAddressSync(seeds, new PublicKey(ASSOCIATED))[0].toBase58()
}
