/** Ways to take `k` of `n` things: n! / (k! (n − k)!), exact while it fits 53 bits. */
export function combinationCount(n: number, k: number): number {
  let count = 1
  for (let i = 1; i <= k; i++) count = (count * (n - k + i)) / i
  return count
}

/** Every way to take `k` of the numbers from `from` to n − 1, ascending, in order of the list. */
export function combinations(n: number, k: number, from = 0): number[][] {
  if (k === 0) return [[]]
  const found: number[][] = []
  for (let first = from; first <= n - k; first++)
    for (const rest of combinations(n, k - 1, first + 1)) found.push([first, ...rest])
  return found
}
