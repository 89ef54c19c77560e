import { createHash } from 'node:crypto'
import type { BundleInput } from '../model/bundle.ts'

/** The input `features` of a model on a set that is not one of ours: version 1, unit `number`, hash over the list. */
export async function inputOf(set: string, names: readonly string[]): Promise<BundleInput> {
  const features = names.map(name => `${name}@1:number`)
  const hash = createHash('sha256').update(features.join('\n')).digest('hex').slice(0, 12)
  return { name: 'features', set, hash, features }
}
