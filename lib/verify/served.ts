import type { Rec } from '../records/record.ts'
import type { Transform } from './transform.ts'

/** A feature set that was served otherwise than it is computed now. */
interface Mismatch {
  /** Line of the recording, from 1. */
  line: number
  id: string
  set: string
  /** First field that differs, as a path. */
  field: string
  served: unknown
  computed: unknown
}

/**
 * Computes features again from the raw parts of a recording and compares them with what it holds,
 * set by set and bit by bit, from line `from` on (earlier ones only build up state). Gives the
 * number of sets compared and the first mismatch.
 */
export async function compareServed(
  transform: Transform,
  raws: readonly string[],
  from = 1,
): Promise<{ compared: number; mismatch: Mismatch | undefined }> {
  const served = raws.map(raw => JSON.parse(raw) as Rec)
  const again = await transform(
    served.map(rec =>
      JSON.stringify(rec, (key, value) => (key === 'features' ? undefined : value)),
    ),
  )
  let compared = 0
  for (let i = from - 1; i < served.length; i++) {
    const mine = (JSON.parse(again[i] ?? '{}') as Rec).features ?? {}
    const theirs = served[i]?.features ?? {}
    for (const set of new Set([...Object.keys(theirs), ...Object.keys(mine)])) {
      compared++
      const difference = firstDifference(theirs[set], mine[set], '')
      if (difference !== undefined)
        return { compared, mismatch: { line: i + 1, id: served[i]?.id ?? '', set, ...difference } }
    }
  }
  return { compared, mismatch: undefined }
}

type Difference = Pick<Mismatch, 'field' | 'served' | 'computed'>

function firstDifference(
  served: unknown,
  computed: unknown,
  field: string,
): Difference | undefined {
  if (
    typeof served !== 'object' ||
    typeof computed !== 'object' ||
    served === null ||
    computed === null
  )
    return Object.is(served, computed) ? undefined : { field, served, computed }
  const [a, b] = [new Map(Object.entries(served)), new Map(Object.entries(computed))]
  for (const key of new Set([...a.keys(), ...b.keys()])) {
    const difference = firstDifference(
      a.get(key),
      b.get(key),
      field === '' ? key : `${field}.${key}`,
    )
    if (difference !== undefined) return difference
  }
  return undefined
}
