/** What aggregators call exchanges, and how lines call them: the names of decode/programs.ts. */
const NAMES: Record<string, string> = {
  pumpfun: 'pump.fun',
  'pump-fun': 'pump.fun',
  pump_fun: 'pump.fun',
  pump_dot_fun: 'pump.fun',
  pumpswap: 'pumpswap',
  'pump-amm': 'pumpswap',
  raydium: 'raydium-amm',
  'raydium-clmm': 'raydium-clmm',
  'raydium-cpmm': 'raydium-cpmm',
  'raydium clmm': 'raydium-clmm',
  'raydium cp': 'raydium-cpmm',
  'raydium launchlab': 'launchlab',
  'raydium-launchlab': 'launchlab',
  launchlab: 'launchlab',
  bonk: 'launchlab',
  'meteora dlmm': 'meteora-dlmm',
  'meteora damm v2': 'meteora-damm2',
  'meteora-damm-v2': 'meteora-damm2',
  'meteora-dbc': 'meteora-dbc',
  whirlpool: 'orca',
  orca: 'orca',
}

/**
 * Name of an exchange, with the pool type where the aggregator says it apart; undefined for what is
 * no name.
 */
export function dexName(name: unknown, type?: unknown): string | undefined {
  if (typeof name !== 'string' || name.length > 64) return undefined
  const plain = name.toLowerCase()
  const kind = typeof type === 'string' ? `${plain} ${type.toLowerCase()}`.slice(0, 100) : plain
  const own = (key: string): string | undefined =>
    Object.hasOwn(NAMES, key) ? NAMES[key] : undefined
  const found = own(kind.replace(' ', '-')) ?? own(kind) ?? own(plain)
  if (found !== undefined) return found
  const slug = kind.replace(/[^a-z0-9._-]+/g, '-').replace(/^[^a-z0-9]+/, '')
  return slug === '' ? undefined : slug
}
