import type { Line } from '../stream/line.ts'
import { mergePart } from '../stream/line.ts'
import type { Step } from '../stream/step.ts'
import { makeMarketRegime } from './families/market-regime.ts'
import { makeWalletRanking } from './families/wallet-ranking.ts'
import type { Entries, FeatureOptions } from './kit/family.ts'
import type { Tape } from './kit/state-tape.ts'
import { makeMint } from './mint-features.ts'
import { makeStore } from './token-store.ts'

/** Key of the ranking in a saved state: no mint holds a space. */
const RANKING = ' wallets'

export interface FeatureStep extends Step {
  line(line: Line, emit: (line: Line) => void): void
  /**
   * Every token with a function that records or restores it; market-wide states have keys that are
   * no mint.
   */
  tokens(): Iterable<[string, (tape: Tape) => void]>
  /** The state of a token to restore into; '' and the one of the ranking are market-wide. */
  restoring(key: string): (tape: Tape) => void
}

/**
 * Adds `features.<set>` to every line that a chosen set is put on and due; all other lines leave as
 * they came. The sets of a token are functions of earlier lines of that token and this one (the set
 * `regime`, and smart money by `smartRanking`: of all tokens).
 */
export function makeFeatures(
  given: FeatureOptions & { maxTokens: number; smartRanking: number | undefined },
): FeatureStep {
  const ranking =
    given.smartRanking === undefined ? undefined : makeWalletRanking(given.smartRanking)
  const options = ranking === undefined ? given : { ...given, smartWallets: ranking }
  const shares = options.sets.includes('regime') ? makeMarketRegime() : undefined
  const store = makeStore(() => makeMint(options, shares), options.maxTokens, options.count)
  return {
    line: (line, emit) => {
      const { rec } = line
      ranking?.advance(rec.ts)
      if (rec.kind === 'tick') store.advance(rec.ts)
      if (rec.mint !== undefined) {
        const entries: Entries = {}
        store.of(rec.mint, rec.ts).see(rec, entries)
        if (rec.warm !== true && hasEntries(entries)) mergePart(line, 'features', entries)
      }
      ranking?.see(rec)
      emit(line)
    },
    *tokens() {
      if (shares !== undefined) yield ['', shares.visit]
      if (ranking !== undefined) yield [RANKING, ranking.visit]
      for (const [key, mint] of store.entries()) yield [key, mint.visit]
    },
    restoring: key => {
      if (key === '') return shares?.visit ?? (() => {})
      if (key === RANKING) return ranking?.visit ?? (() => {})
      const mint = makeMint(options, shares)
      store.put(key, mint)
      return mint.visit
    },
  }
}

function hasEntries(entries: Entries): boolean {
  for (const _ in entries) return true
  return false
}
