import { normalCdf, normalQuantile } from '../maths/normal.ts'

/** Cells of [0, 1] in which a bet pays one factor. */
export const CELLS = 20

/** Shifts of the middle, in σ, and spreads that are bet on. */
const SHIFTS = [-2, -1, -0.5, -0.25, 0.25, 0.5, 1, 2]
const SPREADS = [0.5, 2 / 3, 1.5, 2]
/** Tenths of the range that are bet on, as where a value got stuck. */
const TENTHS = 10
const STAKE = 0.5

/**
 * Bets against p values that are uniform: for each a density over the cells of [0, 1], whose mean
 * is 1, so that nobody gains by it on average while there is no drift. A shift by δ or a spread s
 * is the likelihood ratio of a normal law so moved, cell by cell exactly; the rest puts half its
 * stake on one tenth. Since the smallest shift is ¼ σ, a lasting change below ⅛ σ never pays: what
 * is too small to matter is no alarm, however many tokens there are.
 */
export const BETS: readonly Float64Array[] = [
  ...SHIFTS.map(shift => ratio(z => normalCdf(z - shift))),
  ...SPREADS.map(spread => ratio(z => normalCdf(z / spread))),
  ...Array.from({ length: TENTHS }, (_, tenth) =>
    Float64Array.from(
      { length: CELLS },
      (_, cell) =>
        // A cell on the border belongs to both by its parts.
        1 - STAKE + STAKE * TENTHS * overlap(cell, tenth),
    ),
  ),
]

function ratio(cdf: (z: number) => number): Float64Array {
  const at = Array.from({ length: CELLS + 1 }, (_, cell) => cdf(normalQuantile(cell / CELLS)))
  return Float64Array.from({ length: CELLS }, (_, cell) => (at[cell + 1]! - at[cell]!) * CELLS)
}

/** Share of a cell that lies in a tenth. */
function overlap(cell: number, tenth: number): number {
  const from = Math.max(cell, (tenth * CELLS) / TENTHS)
  const to = Math.min(cell + 1, ((tenth + 1) * CELLS) / TENTHS)
  return Math.max(0, to - from)
}
