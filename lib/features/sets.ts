import { type CandleOptions, candleFamily } from './families/candle-family.ts'
import { opportunityFamily } from './families/opportunity-family.ts'
import { type PoolOptions, poolFamily } from './families/pool-family.ts'
import { type TabularOptions, tabularFamily } from './families/tabular-family.ts'
import { type WhaleOptions, whaleFamily } from './families/whales-family.ts'
import type { FeatureFamily } from './kit/family.ts'
import type { FeatureSetDefinition } from './kit/feature-set.ts'

/**
 * Every family of features, in the order in which they see a line and are saved. The only list of
 * them; each declares its sets.
 */
export const FAMILIES = [
  candleFamily,
  tabularFamily,
  whaleFamily,
  poolFamily,
  opportunityFamily,
] as const

/** What these families are told. */
export type OurOptions = CandleOptions & TabularOptions & WhaleOptions & PoolOptions

type OurSet = (typeof FAMILIES)[number]['sets'][number]
export type SetName = OurSet['name']

/** The sets of some families, those that are computed without being named first. */
export function setsOf(families: readonly FeatureFamily[]): FeatureSetDefinition[] {
  const all = families.flatMap(({ sets }) => sets)
  return [...all.filter(set => set.isDefault), ...all.filter(set => !set.isDefault)]
}

/** All sets by name. */
export const SETS = Object.fromEntries(
  setsOf(FAMILIES).map(set => [set.name, set]),
) as unknown as Readonly<Record<SetName, FeatureSetDefinition>>
export const SET_NAMES = Object.keys(SETS) as SetName[]
/** Sets computed when none are named: those that models are trained on. */
export const DEFAULT_SETS = SET_NAMES.filter(name => SETS[name].isDefault)
