import { UsageError } from '../../base/errors.ts'
import { didYouMean } from '../../base/suggest.ts'
import { SETS, type SetName } from '../../features/sets.ts'
import { TENSORS } from '../set-tensors.ts'

/**
 * What other programs call a feature of ours, letters and digits only, and the names that sets of
 * ours have for it; the first that a set has is meant. Names that leave the unit open (age, volume)
 * are not here.
 */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  liquidity: ['liquidity', 'liquidityUsd'],
  liquidityusd: ['liquidity', 'liquidityUsd'],
  marketcap: ['marketCap', 'marketCapUsd'],
  marketcapusd: ['marketCap', 'marketCapUsd'],
  mcap: ['marketCap', 'marketCapUsd'],
  holders: ['holders', 'holderCount'],
  holdercount: ['holders', 'holderCount'],
  agehours: ['ageHours'],
  tokenagehours: ['ageHours'],
  volume24h: ['volume24h', 'volumeUsd24h'],
  volume24husd: ['volume24h', 'volumeUsd24h'],
  volumeh24: ['volume24h', 'volumeUsd24h'],
  rsi: ['rsi14'],
  atr: ['atr14'],
  macdhist: ['macdHistogram'],
  bollingerwidth: ['bbWidth'],
  bbandwidth: ['bbWidth'],
}

const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')

/** Names that a set of ours has, those of its tensor’s columns included. */
export const namesOf = (set: string): string[] =>
  Object.hasOwn(SETS, set)
    ? [...SETS[set as SetName].features.map(({ name }) => name), ...(TENSORS[set]?.columns ?? [])]
    : []

/** The feature of a set that a name stands for: itself, in another spelling, or by another name. */
function ourName(set: string, name: string): string | undefined {
  const own = namesOf(set)
  if (own.includes(name)) return name
  const spelled = own.find(each => plain(each) === plain(name))
  return spelled ?? ALIASES[plain(name)]?.find(each => own.includes(each))
}

/**
 * Names of features as the set calls them. Where none of them is the set’s they are those of
 * another program and stay. Throws UsageError where some are and others are not, or are misspelt.
 */
export function resolved(set: string, names: readonly string[]): string[] {
  const own = namesOf(set)
  const found = names.map(name => ourName(set, name))
  const near = (name: string): string => didYouMean(name, own)
  const odd = names.filter((_, k) => found[k] === undefined)
  const isForeign = odd.length === names.length && odd.every(name => near(name) === '')
  if (own.length === 0 || isForeign) return [...names]
  if (odd.length > 0) throw new UsageError(`set ${set} has no feature ${odd[0]}${near(odd[0]!)}`)
  const kept = found.flatMap(name => name ?? [])
  const twice = kept.find((name, k) => kept.indexOf(name) !== k)
  if (twice !== undefined) throw new UsageError(`the feature ${twice} is named twice`)
  return kept
}
