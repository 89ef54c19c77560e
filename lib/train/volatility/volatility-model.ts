import { SETS } from '../../features/sets.ts'
import { normalDensity, normalQuantile } from '../../maths/normal.ts'
import type { BundleInput } from '../../model/bundle.ts'
import { encodeModel } from '../../onnx/encode-model.ts'
import { makeGraph } from '../../onnx/graph.ts'
import { nextVariance, tailRisk } from './garch-forecast.ts'
import type { GarchParameters } from './garch-likelihood.ts'

/** Bars ahead that are forecast. */
export const STEPS = 12
const LEVEL = 0.95
const NAMES = ['ewmaSigma', 'garchSigma']

/** What a volatility model reads: the state of the next bar, as the features keep it. */
export const volatilityInput = (): BundleInput => ({
  name: 'features',
  set: 'volatility',
  hash: SETS.volatility.hash,
  features: NAMES.map(name => {
    const found = SETS.volatility.features.find(feature => feature.name === name)
    return `${name}@${found?.version}:${found?.unit}`
  }),
})

/**
 * The file of a volatility model: `features` [N, 2] (ewmaSigma, garchSigma) → `sigma` [N, 12],
 * `var95` and `es95` [N, 1] of the next bar. The forecast starts from the GARCH variance of the
 * line, or from the EWMA one where that is unknown.
 */
export function volatilityGraph({ mu, omega, alpha, beta }: GarchParameters): Uint8Array {
  const graph = makeGraph('volatility')
  const features = graph.input('features', ['N', NAMES.length])
  const column = (k: number): string => graph.op('Gather', [features, graph.ints([k])], { axis: 1 })
  const [ewma, garch] = [column(0), column(1)]
  const first = graph.op('Where', [graph.op('IsNaN', [garch]), ewma, garch])
  const variance = graph.op('Mul', [first, first])
  const { slope, shift } = forecastLine({ mu, omega, alpha, beta })
  const ahead = graph.op('Add', [
    graph.op('Mul', [variance, graph.floats(slope, [1, STEPS])]),
    graph.floats(shift, [1, STEPS]),
  ])
  graph.emit('Sqrt', [ahead], ['sigma'])
  graph.output('sigma', ['N', STEPS])
  const z = normalQuantile(1 - LEVEL)
  const loss = (name: string, factor: number): void => {
    graph.emit('Sub', [graph.op('Mul', [first, graph.scalar(factor)]), graph.scalar(mu)], [name])
    graph.output(name, ['N', 1])
  }
  loss('var95', -z)
  loss('es95', normalDensity(z) / (1 - LEVEL))
  return encodeModel(graph)
}

/**
 * E h_{t+k} = (α+β)^{k−1} h_{t+1} + ω (1 + (α+β) + … + (α+β)^{k−2}): a line in the variance of the
 * next bar.
 */
function forecastLine({ omega, alpha, beta }: GarchParameters): {
  slope: number[]
  shift: number[]
} {
  const persistence = alpha + beta
  const [slope, shift] = [[1], [0]]
  for (let k = 1; k < STEPS; k++) {
    slope.push(slope[k - 1]! * persistence)
    shift.push(shift[k - 1]! * persistence + omega)
  }
  return { slope, shift }
}

/** What a model said of returns that it had not seen. */
interface VolatilityTest {
  returns: number
  /** Sum of ln density per return, of the model and of the EWMA with λ = 0.94. */
  logDensity: Float64Array
  ewmaLogDensity: Float64Array
  /** Returns below minus the value at risk. */
  breaches: number
}

const EWMA: GarchParameters = { mu: 0, omega: 0, alpha: 0.06, beta: 0.94 }

/** Runs the recursion over a series and judges the forecasts of the returns from `from` on. */
export function judgeSeries(
  returns: Float64Array,
  at: Float64Array,
  from: number,
  model: GarchParameters,
): VolatilityTest {
  const own: number[] = []
  const ewma: number[] = []
  let breaches = 0
  const before = returns.filter((_, k) => at[k]! < from)
  // A series that begins with the test has nothing before it but its first return.
  const known = before.length > 0 ? before : returns.slice(0, 1)
  const start = known.reduce((sum, r) => sum + r * r, 0) / known.length
  let [h, e] = [start, start]
  for (const [k, r] of returns.entries()) {
    if (at[k]! >= from) {
      own.push(logDensity(r, model.mu, h))
      ewma.push(logDensity(r, 0, e))
      if (r < -tailRisk(model.mu, h, LEVEL).valueAtRisk) breaches++
    }
    h = nextVariance(model, h, r)
    e = nextVariance(EWMA, e, r)
  }
  return {
    returns: own.length,
    logDensity: Float64Array.from(own),
    ewmaLogDensity: Float64Array.from(ewma),
    breaches,
  }
}

const logDensity = (r: number, mu: number, h: number): number =>
  -0.5 * (Math.log(2 * Math.PI * h) + (r - mu) ** 2 / h)
