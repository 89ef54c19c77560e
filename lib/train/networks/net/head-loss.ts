import type { LossOptions } from '../../autodiff/losses.ts'
import type { Head } from './network.ts'

/** ℓ(z, y) of one head, as `maskedLoss` computes it in the graph. */
export function lossOf(
  { kind }: Head,
  z: number,
  y: number,
  { delta, focal }: LossOptions,
): number {
  if (kind === 'regression') {
    const d = z - y
    const c = Math.min(Math.max(d, -delta), delta)
    return c * (d - c / 2)
  }
  const ce = Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - z * y
  return focal === 0 ? ce : Math.abs(1 / (1 + Math.exp(-z)) - y) ** focal * ce
}
