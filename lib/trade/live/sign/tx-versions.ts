import type { ChainProfile } from '../../chain-profile.ts'

/** Versions of transactions that are made here. */
export type TxVersion = 0 | 1

/**
 * In which order versions are tried: what is set alone; else 0 where it has room, and 1, which has
 * more, where the chain takes it.
 */
export const versionsOf = (
  wanted: TxVersion | undefined,
  { transactionVersion }: ChainProfile,
): readonly TxVersion[] =>
  wanted !== undefined ? [wanted] : transactionVersion >= 1 ? [0, 1] : [0]
