/**
 * One row of each token per period, drawn by a hash of its position, in the given order: rows of
 * one token are dependent, and a window of live data holds one row per token too. Without groups or
 * period every row is its own.
 */
export function onePerToken(
  rows: Int32Array,
  groups: Int32Array | undefined,
  time: Float64Array,
  periodMs: number,
): { rows: Int32Array; tokens: number } {
  if (groups === undefined) return { rows, tokens: rows.length }
  const best = new Map<string, { row: number; rank: number }>()
  const tokens = new Set<number>()
  for (const row of rows) {
    const group = groups[row]!
    tokens.add(group)
    const key = `${group} ${Math.floor(time[row]! / periodMs)}`
    const rank = scramble(row)
    const held = best.get(key)
    if (held === undefined || rank < held.rank) best.set(key, { row, rank })
  }
  const kept = new Set([...best.values()].map(({ row }) => row))
  return { rows: rows.filter(row => kept.has(row)), tokens: tokens.size }
}

/** Murmur3’s finaliser: spreads row numbers over 32 bits, the same on every machine. */
function scramble(row: number): number {
  let h = row + 0x9e3779b9
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** Time at the start of data in which every token that is there already seems to have just come. */
export const OLD_TOKENS_MS = 3_600_000

/**
 * The first row of each token, in the order of time; ties by position. Tokens of the first hour are
 * left out where most of the tokens came later: they were there before the data began. Without
 * groups every row is its own.
 */
export function firstPerToken(
  groups: Int32Array | undefined,
  time: Float64Array,
  rows: number,
): Int32Array {
  const first = new Map<number, number>()
  let start = Number.POSITIVE_INFINITY
  for (let row = 0; row < rows; row++) {
    const group = groups?.[row] ?? row
    const held = first.get(group)
    if (held === undefined || time[row]! < time[held]!) first.set(group, row)
    start = Math.min(start, time[row]!)
  }
  const all = [...first.values()]
  const later = all.filter(row => time[row]! >= start + OLD_TOKENS_MS)
  const kept = later.length * 2 >= all.length ? later : all
  return Int32Array.from(kept.sort((a, b) => a - b))
}
