import { SETS, type SetName } from '../features/sets.ts'
import type { Bundle } from './bundle.ts'

const idsOf = (set: string): readonly string[] =>
  SETS[set as SetName].features.map(({ name, version, unit }) => `${name}@${version}:${unit}`)

/** A feature of the bundle that the set of the same name no longer has in that version; undefined when all are there. */
export function goneFeature({ inputs }: Bundle): { set: string; feature: string } | undefined {
  for (const { set, features = [] } of inputs.filter(input => Object.hasOwn(SETS, input.set))) {
    const ids = idsOf(set)
    const feature = features.find(id => !ids.includes(id))
    if (feature !== undefined) return { set, feature }
  }
  return undefined
}

/** Whether a hash on a line is that of the set as this version makes it: then a checked model finds its features by name. */
export const isCurrentHash = (set: string, hash: string): boolean =>
  Object.hasOwn(SETS, set) && SETS[set as SetName].hash === hash
