import type { Rec } from '../records/record.ts'
import { makeCandleFamily } from './families/candle-family.ts'
import type { MarketRegime } from './families/market-regime.ts'
import { makeOpportunityFamily } from './families/opportunity-family.ts'
import { makePoolFamily } from './families/pool-family.ts'
import { makeTabularFamily } from './families/tabular-family.ts'
import { makeWhaleFamily } from './families/whales-family.ts'
import { makeAdmission } from './kit/admission.ts'
import type { Entries, Family, FeatureOptions } from './kit/family.ts'
import type { Tape } from './kit/state-tape.ts'
import { makeFacts } from './kit/token-facts.ts'
import type { SetName } from './sets.ts'

/** Everything known of one token. */
export interface Mint {
  lastTs: number
  see(rec: Rec, entries: Entries): void
  visit(tape: Tape): void
}

/** The state of a token with the families that the chosen sets need. */
export function makeMint(options: FeatureOptions, shares: MarketRegime | undefined): Mint {
  const wants = (...names: SetName[]): boolean => names.some(name => options.sets.includes(name))
  const families: Family[] = []
  const admission = makeAdmission(options.count)
  const facts = wants('sequence', 'tabular', 'whales') ? makeFacts() : undefined
  if (facts !== undefined) families.push({ see: rec => void facts.see(rec), visit: facts.visit })
  if (wants('sequence', 'price', 'volatility'))
    families.push(makeCandleFamily(options, facts ?? makeFacts()))
  if (facts !== undefined && wants('tabular')) families.push(makeTabularFamily(options, facts))
  if (facts !== undefined && wants('whales')) families.push(makeWhaleFamily(options, facts))
  if (wants('pool', 'regime')) families.push(makePoolFamily(options, shares))
  if (wants('opportunity')) families.push(makeOpportunityFamily(options))
  const mint: Mint = {
    lastTs: Number.NEGATIVE_INFINITY,
    see: (rec, entries) => {
      mint.lastTs = rec.ts
      if (!admission.admits(rec)) return
      for (const family of families) family.see(rec, entries)
    },
    visit: tape => {
      mint.lastTs = tape.number(mint.lastTs)
      admission.visit(tape)
      for (const family of families) family.visit(tape)
    },
  }
  return mint
}
