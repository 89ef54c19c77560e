import { makeEwma } from '../../indicators/ewma.ts'
import { known } from '../kit/family.ts'
import { featureSet } from '../kit/feature-set.ts'
import type { BarSet } from './sequence-family.ts'

/** GARCH(1,1) parameters of log returns. */
export interface Garch {
  mu: number
  omega: number
  alpha: number
  beta: number
}

export const VOLATILITY = featureSet({
  name: 'volatility',
  kinds: ['candle'],
  ready: '101 candles',
  rows: `
return@1 | fraction | 2 candles | candle.close
  ln(close / last close)
ewmaSigma@1 | fraction | 2 candles | candle.close
  square root of the exponentially weighted mean of squared log returns, λ = 0.94
garchSigma@1 | fraction | 2 candles | candle.close
  square root of the GARCH(1,1) variance of the next bar, by the parameters of a model; absent
  without them`,
})

/** Returns without which neither a fit nor a forecast is worth making. */
const LEAST = 100
/** RiskMetrics decay (J.P. Morgan 1996). */
const LAMBDA = 0.94

/**
 * Set `volatility`: the last log return and the volatility state of the next bar. With GARCH(1,1)
 * parameters h ← ω + α·(r − μ)² + β·h, started at the long-run variance ω/(1 − α − β), else at the
 * first squared return.
 */
export function makeVolatility(garch: Garch | undefined): BarSet {
  const ewma = makeEwma(LAMBDA)
  let count = 0
  let last = Number.NaN
  let h = Number.NaN

  const advance = (r: number): void => {
    if (garch === undefined) return
    const square = (r - garch.mu) ** 2
    const persistence = garch.alpha + garch.beta
    const before = Number.isNaN(h)
      ? persistence < 1
        ? garch.omega / (1 - persistence)
        : square
      : h
    h = garch.omega + garch.alpha * square + garch.beta * before
  }
  return {
    update: (_candle, logReturn) => {
      if (logReturn === undefined) return
      count++
      last = logReturn
      ewma.update(logReturn * logReturn)
      advance(logReturn)
    },
    features: (_candle, bars) => {
      const { hash } = VOLATILITY
      const isReady = count >= LEAST
      const variance = ewma.value()
      return {
        hash,
        ready: isReady,
        bars,
        ...(isReady ? {} : { reason: `needs ${LEAST} returns, has ${count}` }),
        values: known({
          return: last,
          ewmaSigma: variance === undefined ? undefined : Math.sqrt(variance),
          garchSigma: Math.sqrt(h),
        }),
      }
    },
    visit: tape => {
      count = tape.number(count)
      last = tape.number(last)
      h = tape.number(h)
      tape.part(ewma)
    },
  }
}
