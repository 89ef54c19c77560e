import type { Line } from '../stream/line.ts'
import { mergePart } from '../stream/line.ts'
import type { Step } from '../stream/step.ts'
import type { Entries, FeatureFamily } from './kit/family.ts'
import type { StateTape } from './kit/state-tape.ts'
import { type Mint, makeMint } from './mint-features.ts'
import { FAMILIES, type OurOptions } from './sets.ts'
import { makeStore } from './token-store.ts'

export interface FeatureStep extends Step {
  line(line: Line, emit: (line: Line) => void): void
  /**
   * Every token with a function that records or restores it; market-wide states have keys that are
   * no mint.
   */
  tokens(): Iterable<[string, (tape: StateTape) => void]>
  setBack(ts: number): void
  /** The state to restore into: of all tokens where a family has that key, else of a new token. */
  restoring(key: string): (tape: StateTape) => void
}

/**
 * Adds `features.<set>` to every line that a chosen set is put on and due; all other lines leave as
 * they came. The sets of a token are functions of earlier lines of that token and this one (the set
 * `regime`, and smart money by `smartRanking`: of all tokens). `families` are those of this program
 * or more of the same shape.
 */
export function makeFeatures(
  options: OurOptions & { maxTokens: number },
  families: readonly FeatureFamily[] = FAMILIES,
): FeatureStep {
  const markets = families.map(({ market }) => market?.make(options))
  const byKey = new Map(families.map(({ market }, i) => [market?.key, markets[i]]))
  const known = markets.filter(market => market !== undefined)
  const make = (): Mint => makeMint(options, families, markets)
  const store = makeStore(make, options.maxTokens, options.count)
  return {
    line: (line, emit) => {
      const { rec } = line
      for (const market of known) market.advance?.(rec.ts)
      if (rec.kind === 'tick') store.advance(rec.ts)
      if (rec.mint !== undefined) {
        const entries: Entries = {}
        store.of(rec.mint, rec.ts).see(rec, entries)
        if (rec.warm !== true && hasEntries(entries)) mergePart(line, 'features', entries)
      }
      for (const market of known) market.see?.(rec)
      emit(line)
    },
    setBack: ts => {
      store.setBack(ts)
      for (const market of known) market.setBack?.(ts)
    },
    *tokens() {
      for (const [key, market] of byKey)
        if (key !== undefined && market !== undefined) yield [key, market.visit]
      for (const [key, mint] of store.entries()) yield [key, mint.visit]
    },
    restoring: key => {
      if (byKey.has(key)) return byKey.get(key)?.visit ?? (() => {})
      const mint = make()
      store.put(key, mint)
      return mint.visit
    },
  }
}

function hasEntries(entries: Entries): boolean {
  for (const _ in entries) return true
  return false
}
