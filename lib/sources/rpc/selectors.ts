/**
 * Accounts that only creations write to: their logs are creations and nothing else (docs of each
 * program).
 */
export const SELECTORS: readonly [address: string, dex: string][] = [
  ['TSLvdd1pWpHVjahSpsvCXUbgwsL3JAcvokwaKt1eokM', 'pump.fun'],
  ['39azUYFWPz3VHgKCf3VChUwbpURdCHRxjWVowf5jUJjg', 'pump.fun'],
  ['7YttLkHDoNj9wyDur5pM1ejNaAvT9X4eqaYcHQqtj2G5', 'raydium-amm'],
  ['DNXgeM9EiiaAbaWvwjHj9fQQLAX5ZsfHyvmYUNRAdNC8', 'raydium-cpmm'],
]

/** True of an account that only creations write to. */
export const isSelector = (address: string): boolean =>
  SELECTORS.some(([selector]) => selector === address)
