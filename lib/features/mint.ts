import type { Rec } from '../records/record.ts'
import { makeAdmission } from './admission.ts'
import { makeCandleFamily } from './candle-family.ts'
import { makeFacts } from './facts.ts'
import type { Entries, Family, FeatureOptions } from './family.ts'
import type { MarketRegime } from './market-regime.ts'
import { makeOpportunityFamily } from './opportunity.ts'
import { makePoolFamily } from './pool-family.ts'
import type { SetName } from './sets.ts'
import type { Tape } from './state-tape.ts'
import { makeTabularFamily } from './tabular.ts'
import { makeWhaleFamily } from './whales.ts'

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
  if (wants('sequence', 'price', 'volatility')) families.push(makeCandleFamily(options, facts ?? makeFacts()))
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
