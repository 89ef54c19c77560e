import { boundedTrade, ODD_PRINT } from '../market/odd-print.ts'
import type { Rec } from '../records/record.ts'
import { makeAdmission } from './kit/admission.ts'
import type {
  Entries,
  FeatureFamily,
  FeatureOptions,
  MarketState,
  TokenState,
} from './kit/family.ts'
import type { StateTape } from './kit/state-tape.ts'
import { makeFacts } from './kit/token-facts.ts'

/** Everything known of one token. */
export interface Mint {
  lastTs: number
  see(rec: Rec, entries: Entries): void
  visit(tape: StateTape): void
}

/** What nobody has said anything of: for sets that read no facts. */
const NO_FACTS = makeFacts()

/**
 * The state of a token with the families that the chosen sets need; `markets` holds the states over
 * all tokens, in order of the families.
 */
export function makeMint(
  options: FeatureOptions,
  families: readonly FeatureFamily[],
  markets: readonly (MarketState | undefined)[],
): Mint {
  const states: TokenState[] = []
  const admission = makeAdmission(options.count)
  const wanted = families
    .flatMap(({ sets }) => sets)
    .filter(({ name }) => options.sets.includes(name))
  const facts = wanted.some(({ readsFacts }) => readsFacts) ? makeFacts() : undefined
  if (facts !== undefined) states.push({ see: rec => void facts.see(rec), visit: facts.visit })
  for (const [i, { sets, make }] of families.entries())
    if (sets.some(set => wanted.includes(set)))
      states.push(make(options, { facts: facts ?? NO_FACTS, market: markets[i] }))
  const mint: Mint = {
    lastTs: Number.NEGATIVE_INFINITY,
    see: (rec, entries) => {
      mint.lastTs = rec.ts
      if (!admission.admits(rec)) return
      const seen = boundedTrade(rec)
      if (seen !== rec) options.count(ODD_PRINT)
      for (const state of states) state.see(seen, entries)
    },
    visit: tape => {
      mint.lastTs = tape.number(mint.lastTs)
      admission.visit(tape)
      for (const state of states) state.visit(tape)
    },
  }
  return mint
}
