import { PROGRAMS, WSOL } from '../decode/programs.ts'

/**
 * Accounts of a program that are pools against SOL: by length and by bytes at a place (base58), as
 * nodes filter them.
 */
export interface PoolFilter {
  name: string
  program: string
  filters: readonly ({ dataSize: number } | { memcmp: { offset: number; bytes: string } })[]
}

const at = (offset: number, bytes: string) => ({ memcmp: { offset, bytes } })
const pools = (
  dex: keyof typeof PROGRAMS,
  dataSize: number,
  offset: number,
  ...more: ReturnType<typeof at>[]
) => ({
  name: `${dex} ${offset}`,
  program: PROGRAMS[dex],
  filters: [{ dataSize }, at(offset, WSOL), ...more],
})

/**
 * By exchange. SOL may be either side of a Raydium pool: of two orders each has its own
 * subscription. LaunchLab names no account that only creations write to, so its curves that still
 * sell (status 0, base58 `1`) are looked at. pump.fun has millions of accounts of several lengths:
 * its selector account tells of new ones instead.
 */
export const POOL_FILTERS = {
  launchlab: [pools('launchlab', 429, 237, at(17, '1'))],
  'raydium-amm': [pools('raydium-amm', 752, 432), pools('raydium-amm', 752, 400)],
  'raydium-cpmm': [pools('raydium-cpmm', 637, 200), pools('raydium-cpmm', 637, 168)],
  'raydium-clmm': [pools('raydium-clmm', 1544, 105), pools('raydium-clmm', 1544, 73)],
  'meteora-dlmm': [pools('meteora-dlmm', 904, 120), pools('meteora-dlmm', 904, 88)],
  'meteora-damm2': [pools('meteora-damm2', 1112, 200), pools('meteora-damm2', 1112, 168)],
  orca: [pools('orca', 653, 181), pools('orca', 653, 101)],
} as const satisfies Record<string, readonly PoolFilter[]>
