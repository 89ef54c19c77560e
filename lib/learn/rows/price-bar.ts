import { defaultsOf } from '../../base/flags.ts'
import type { Bundle } from '../../model/bundle.ts'
import { networkFlags } from '../../train/train-flags.ts'

/** Bars that a price model counts in, ms: what its bundle says, else those of `train`. */
export function barOf({ algorithm }: Bundle): number {
  const { bar } = algorithm.settings
  return typeof bar === 'number' ? bar : defaultsOf(networkFlags).bar
}
