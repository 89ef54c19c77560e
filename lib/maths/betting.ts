/**
 * Evidence that may be looked at as often as one likes. Each bet multiplies the wealth of somebody
 * who starts with 1 and may not lose more than it; if the mean is not above what is claimed, wealth
 * is expected to grow by nothing, so the chance that it is ever 1/α or more is at most α (Ville
 * 1939), however often and whenever it is looked at. Bets on bounded means: Waudby-Smith & Ramdas,
 * “Estimating means of bounded random variables by betting”, JRSS B 86 (2024); detectors of a
 * change made of them: Shin, Ramdas & Rinaldo, “E-detectors”, NEJSDS 2 (2024).
 */

/**
 * Stakes, each for a share of the first wealth. They are fixed beforehand, so the wealth depends on
 * which values came and not on their order: a label that is loaded late changes nothing.
 */
const STAKES: readonly number[] = [0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95]

/** ln of the mean of e^x, without leaving the range of numbers. */
function logMeanExp(logs: readonly number[]): number {
  const top = Math.max(...logs)
  if (top === Number.NEGATIVE_INFINITY) return top
  return top + Math.log(logs.reduce((sum, x) => sum + Math.exp(x - top), 0) / logs.length)
}

/** What a value from −1 to 1 is worth to somebody who bets that the mean is above `mean`. */
const payoff = (value: number, mean: number): number => (value - mean) / (1 + Math.abs(mean))

/**
 * ln of the wealth from betting that the mean of values from −1 to 1 is above `mean` (−1 to 1). At
 * or above ln(1/α) the claim that it is not may be given up, at level α, at any look.
 */
export function logWealth(values: ArrayLike<number>, mean = 0): number {
  const logs = STAKES.map(stake => {
    let log = 0
    for (let i = 0; i < values.length; i++) log += Math.log1p(stake * payoff(values[i]!, mean))
    return log
  })
  return logMeanExp(logs)
}

/**
 * What the mean of values from −1 to 1 is above, at every look at once, but for a chance of
 * `alpha`: the lower end of a confidence sequence. −1 while nothing is known.
 */
export function sequenceLow(values: ArrayLike<number>, alpha: number): number {
  const isGivenUp = (mean: number): boolean => logWealth(values, mean) >= -Math.log(alpha)
  if (!isGivenUp(-1)) return -1
  let [low, high] = [-1, 1]
  for (let step = 0; step < 30; step++) {
    const middle = (low + high) / 2
    // Wealth falls with the mean that is bet against.
    if (isGivenUp(middle)) low = middle
    else high = middle
  }
  return low
}

/**
 * ln of the evidence that the mean of the newest values from −1 to 1 has risen above 0: a bettor
 * begins anew at every value (Shiryaev–Roberts). Without a change it takes 1/ε values on average
 * until it first reaches ln(1/ε), so an alarm there is false once in so many values.
 */
export function logChange(values: ArrayLike<number>): number {
  const logs = STAKES.map(stake => {
    let log = Number.NEGATIVE_INFINITY
    for (let i = 0; i < values.length; i++)
      // ln(M + 1) + ln of the bet, without leaving the range of numbers.
      log = Math.max(log, 0) + Math.log1p(Math.exp(-Math.abs(log))) + Math.log1p(stake * values[i]!)
    return log
  })
  return values.length === 0 ? Number.NEGATIVE_INFINITY : logMeanExp(logs)
}
