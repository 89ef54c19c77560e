/** Σ 1/(k·ln² k) over k = 2, 3, …: all shares that looks are given. */
const ALL_LOOKS = 2.10974

/**
 * How the chance of a false alarm, `alpha`, is shared: half to the tokens that come, half to the
 * windows; each half evenly among the numbers tested (Bonferroni).
 *
 * Capital of a fair bet that is an alarm: it comes that far once in 2·tests/alpha versions without
 * drift, however long and often they are looked at (Ville’s inequality).
 */
export const evidenceLimit = (alpha: number, tests: number): number => (2 * tests) / alpha

/**
 * What the p value of a number must not pass in the look with a number, counted from 1. Looks share
 * their half as 1/(k·ln² k), k = look + 1, whose sum is finite (alpha spending, Lan & DeMets 1983):
 * so they may go on for ever, and depend on one another as they like.
 */
export const windowLimit = (alpha: number, tests: number, look: number): number =>
  alpha / 2 / tests / ((look + 1) * Math.log(look + 1) ** 2 * ALL_LOOKS)

/** The same where there is one look and no more, as at a file. */
export const onceLimit = (alpha: number, tests: number): number => alpha / tests
