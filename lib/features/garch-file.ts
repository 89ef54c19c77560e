import { messageOf, UsageError } from '../base/errors.ts'
import { readText } from '../base/read-text.ts'
import type { Garch } from './families/volatility-family.ts'

const NAMES = ['mu', 'omega', 'alpha', 'beta'] as const

/**
 * Reads the parameters of a volatility model from its bundle.json (algorithm.settings). Throws a
 * UsageError naming the file and the parameter that is missing or cannot be one: ω ≥ 0, α ≥ 0, β ≥
 * 0, α + β ≤ 1.
 */
export function readGarch(path: string): Garch {
  const refuse = (reason: string): never => {
    throw new UsageError(`--garch ${path}: ${reason}`)
  }
  let settings: Record<string, unknown> | undefined
  try {
    settings = JSON.parse(readText(path))?.algorithm?.settings
  } catch (cause) {
    refuse(messageOf(cause))
  }
  const [mu, omega, alpha, beta] = NAMES.map(name => {
    const value = settings?.[name]
    return typeof value === 'number' && Number.isFinite(value)
      ? value
      : refuse(`${name} is not a number`)
  }) as [number, number, number, number]
  if (omega < 0 || alpha < 0 || beta < 0 || alpha + beta > 1 + 1e-12)
    refuse(
      `omega ${omega}, alpha ${alpha}, beta ${beta} is no GARCH(1,1): none below 0, alpha + ` +
        'beta at most 1',
    )
  return { mu, omega, alpha, beta }
}
