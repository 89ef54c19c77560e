import { Compile } from 'typebox/compile'
import { messageOf, UsageError } from '../../base/errors.ts'
import { readText } from '../../base/read-text.ts'
import { type Bundle, Peers } from '../../model/bundle.ts'

const validator = Compile(Peers)

/**
 * Figures of other programs for the card. Throws UsageError naming the file when it is not such a
 * list.
 */
export function readPeers(path: string): NonNullable<Bundle['peers']> {
  let value: unknown
  try {
    value = JSON.parse(readText(path))
  } catch (error) {
    throw new UsageError(`${path}: ${messageOf(error).split('\n')[0]}`)
  }
  if (validator.Check(value)) return value as NonNullable<Bundle['peers']>
  const first = [...validator.Errors(value)][0]
  throw new UsageError(
    `${path}: ${first?.instancePath.slice(1).replaceAll('/', '.') || 'list'} ${first?.message}`,
  )
}
