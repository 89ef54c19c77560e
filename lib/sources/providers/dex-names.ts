/**
 * What providers call an exchange, and its one name: that of decode/programs.ts where the chain
 * itself is heard there. Words are in small letters, parted by spaces.
 */
const NAMES: Record<string, readonly string[]> = {
  'pump.fun': ['pump.fun', 'pumpfun', 'pump fun', 'pump dot fun'],
  pumpswap: ['pumpswap', 'pump swap', 'pump amm', 'pump.fun amm', 'pumpfun amm'],
  'raydium-amm': ['raydium', 'raydium amm', 'raydium v4', 'raydium amm v4'],
  'raydium-cpmm': ['raydium cpmm', 'raydium cp', 'raydium cp swap'],
  'raydium-clmm': ['raydium clmm', 'raydium clamm', 'raydium concentrated'],
  launchlab: [
    'launchlab',
    'raydium launchlab',
    'raydium launchpad',
    'bonk',
    'letsbonk.fun',
    'letsbonk',
    'letsbonkfun',
  ],
  'meteora-dlmm': ['meteora dlmm', 'meteora lbclmm'],
  'meteora-damm1': [
    'meteora damm1',
    'meteora dyn',
    'meteora damm',
    'meteora damm v1',
    'meteora dynamic amm',
    'meteora pools',
  ],
  'meteora-damm2': [
    'meteora damm2',
    'meteora dyn2',
    'meteora damm v2',
    'meteora dammv2',
    'meteora cp amm',
  ],
  'meteora-dbc': ['meteora dbc', 'meteoradbc', 'met dbc', 'dynamic bonding curve'],
  orca: ['orca', 'orca wp', 'orca v2', 'whirlpool', 'orca whirlpool', 'orca whirlpools'],
}

/** Words that mean something else with one provider. */
const OWN: Record<string, Record<string, string>> = {
  geckoterminal: { meteora: 'meteora-dlmm' },
  // Its label of the dynamic pools; the others have words of their own.
  jupiter: { meteora: 'meteora-damm1' },
  pumpportal: { pump: 'pump.fun' },
}

const BY_WORD = new Map(
  Object.entries(NAMES).flatMap(([name, words]) => words.map(word => [word, name] as const)),
)

const MAX_NAME = 64
const MAX_TYPE = 40

/** `Raydium_CLMM` and `raydium-clmm` are `raydium clmm`. */
const plain = (word: string): string =>
  word
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ')
    .trim()

/**
 * The one name of an exchange, with the types of its pool where the provider says them apart; a
 * name that is not in the table is made plain (`Some Dex` → `some-dex`), and undefined for what is
 * none.
 */
export function dexName(name: unknown, type?: unknown, provider = ''): string | undefined {
  if (typeof name !== 'string' || name.length > MAX_NAME) return undefined
  const word = plain(name)
  const types = (Array.isArray(type) ? type : [type]).flatMap(each =>
    typeof each === 'string' && each !== '' ? [plain(each.slice(0, MAX_TYPE))] : [],
  )
  for (const each of types) {
    const found = BY_WORD.get(`${word} ${each}`)
    if (found !== undefined) return found
  }
  const own = Object.hasOwn(OWN, provider) ? OWN[provider] : undefined
  const found = own !== undefined && Object.hasOwn(own, word) ? own[word] : BY_WORD.get(word)
  if (found !== undefined) return found
  const slug = [word, ...types.slice(0, 1)]
    .join(' ')
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+|-+$/g, '')
  return slug === '' ? undefined : slug
}
