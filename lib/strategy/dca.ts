import { hold, makeMean, opinion, strategy } from './bar-strategy.ts'

const EVERY_MS = 3_600_000
const MEAN_BARS = 48
/** Deeper than this below the mean is no discount but a collapse. */
const COLLAPSE = 0.4

/**
 * Dollar-cost averaging: one buy per hour, only below the exponential mean of 48 closes, surer the
 * larger the discount (confidence = 0.5 + 1.5 × discount, up to 0.8); more than 40 % below the mean
 * it stays out. Never sells: the exits of the position do. Warm after 48 bars.
 */
export const dca = strategy({
  name: 'dca',
  version: 1,
  isDefault: true,
  doc: 'one buy per hour below the mean of 48 closes, surer the larger the discount',
  make() {
    const mean = makeMean(MEAN_BARS)
    let boughtTs = Number.NEGATIVE_INFINITY
    return {
      update({ close }, ts) {
        const usual = mean.value()
        mean.update(close)
        if (usual === undefined) return undefined
        const discount = usual > 0 ? 1 - close / usual : 0
        if (discount > COLLAPSE) return hold('collapse')
        if (!(discount > 0) || ts - boughtTs < EVERY_MS) return hold()
        boughtTs = ts
        return opinion('buy', Math.min(0.8, 0.5 + 1.5 * discount), ['discount'])
      },
    }
  },
})
