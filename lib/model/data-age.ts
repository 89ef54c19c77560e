import { UsageError } from '../base/errors.ts'
import type { Bundle } from './bundle.ts'

/**
 * Sequence numbers stand where a data set has no times; nothing on this chain is older than 2020.
 */
const EARLIEST = Date.UTC(2020, 0)

/**
 * Last moment of the data that a model was made from, ms UTC; by its version when the data have no
 * times.
 */
export function trainedUntil({ data, version }: Bundle): number | undefined {
  const ends = Object.values(data.parts).flatMap(({ to }) =>
    to !== undefined && to >= EARLIEST ? [to] : [],
  )
  if (ends.length > 0) return Math.max(...ends)
  const [day] = /^20\d\d-\d\d-\d\d/.exec(version) ?? []
  const at = day === undefined ? Number.NaN : Date.parse(`${day}T00:00:00Z`)
  return Number.isNaN(at) ? undefined : at
}

/**
 * The moment after which a model is older than `maxAgeMs`; undefined without a limit. Throws
 * UsageError when its age is not known, or when that moment is before `now` (left out where only
 * event time counts).
 */
export function expiryOf(
  bundle: Bundle,
  maxAgeMs: number | undefined,
  now: number | undefined,
): number | undefined {
  if (maxAgeMs === undefined) return undefined
  const name = `${bundle.name}@${bundle.version}`
  const until = trainedUntil(bundle)
  if (until === undefined)
    throw new UsageError(
      `${name}: its age is not known, so --max-model-age cannot hold; leave it out with --model`,
    )
  const expiresAt = until + maxAgeMs
  if (now !== undefined && now > expiresAt)
    throw new UsageError(
      `${name}: its data end on ${new Date(until).toISOString().slice(0, 10)}, longer ago ` +
        'than --max-model-age; train it anew, leave it out with --model, or allow more',
    )
  return expiresAt
}
