/**
 * Return from one price to another, rounded to 10⁻¹² so that 1.05 / 1 is +5 % and not a hair more.
 */
export const changeOf = (from: number, to: number): number =>
  Math.round((to / from - 1) * 1e12) / 1e12 + 0
