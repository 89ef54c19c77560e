/** Rows of two samples that have a property: `x` of `m` in one, `r` of `n` in the other. */
interface TwoShares {
  x: number
  m: number
  r: number
  n: number
}

/**
 * Fisher’s exact test that two shares are one (Fisher 1935): given how many rows have the property
 * together, those in one sample are hypergeometric. Twice the smaller tail, at most 1; right for
 * samples of any size, however far in the tail.
 */
export function exactTest({ x, m, r, n }: TwoShares): number {
  const marked = x + r
  if (m === 0 || n === 0 || marked === 0 || marked === m + n) return 1
  const mean = (marked * m) / (m + n)
  if (x === mean) return 1
  const isAbove = x > mean
  const end = isAbove ? Math.min(m, marked) : Math.max(0, marked - n)
  let term = 1
  let sum = 1
  for (let k = x; k !== end; ) {
    // Neighbouring terms differ by a ratio of whole numbers: no factorial has to be taken.
    term *= isAbove
      ? ((marked - k) * (m - k)) / ((k + 1) * (n - marked + k + 1))
      : (k * (n - marked + k)) / ((marked - k + 1) * (m - k + 1))
    sum += term
    k += isAbove ? 1 : -1
    if (term < 1e-17 * sum) break
  }
  const log = logChoose(marked, x) + logChoose(m + n - marked, m - x) - logChoose(m + n, m)
  return Math.min(1, 2 * Math.exp(log) * sum)
}

const logChoose = (n: number, k: number): number =>
  logFactorial(n) - logFactorial(k) - logFactorial(n - k)

const EXACT = 256
const table = new Float64Array(EXACT)
for (let k = 2; k < EXACT; k++) table[k] = table[k - 1]! + Math.log(k)

/** ln n!, from a table below 256 and by Stirling’s series above (error below 1e-15). */
export function logFactorial(n: number): number {
  if (n < EXACT) return table[n]!
  const x = n + 1
  const inverse = 1 / (x * x)
  const series = (1 / 12 - inverse * (1 / 360 - inverse / 1260)) / x
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series
}
