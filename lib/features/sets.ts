import type { Flags, Values } from '../base/flags.ts'
import { type CandleOptions, candleFamily, type candleFlags } from './families/candle-family.ts'
import { opportunityFamily } from './families/opportunity-family.ts'
import { type PoolOptions, poolFamily } from './families/pool-family.ts'
import type { regimeFlags } from './families/pool-state.ts'
import { sizesFamily } from './families/sizes-family.ts'
import type { smartFlags } from './families/smart-money.ts'
import { type TabularOptions, tabularFamily } from './families/tabular-family.ts'
import { type WhaleOptions, whaleFamily, type whaleSetFlags } from './families/whales-family.ts'
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
  sizesFamily,
] as const

/** What these families are told. */
export type OurOptions = CandleOptions & TabularOptions & WhaleOptions & PoolOptions

/** What the flags of these families are worth. */
export type OurFlags = Values<
  typeof candleFlags & typeof smartFlags & typeof whaleSetFlags & typeof regimeFlags
>

/**
 * The flags of some families together. Throws a RangeError where two families, or one and `taken`,
 * call a flag the same.
 */
export function familyFlags(families: readonly FeatureFamily[], taken: readonly string[]): Flags {
  const all: Flags = {}
  for (const { sets, flags = {} } of families)
    for (const [key, flag] of Object.entries(flags)) {
      if (Object.hasOwn(all, key) || taken.includes(key))
        throw new RangeError(`set ${sets[0]?.name}: there is a flag ${key} already`)
      all[key] = flag
    }
  return all
}

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
