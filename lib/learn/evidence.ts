import { lossesOf } from '../maths/loss.ts'
import type { LoadedBundle } from '../model/files.ts'
import { aimOf } from '../model/heads.ts'
import type { Paired } from './promotion-judge.ts'
import { knownUntil } from './recipe/recipe.ts'
import type { Matured, ReadMatured } from './rows/matured.ts'
import { type Labelled, labelsOf, laterRows, scoreRows } from './rows/score-rows.ts'

/** Where outcomes come from. */
export interface Evidence {
  /** Labelled rows that versions can be asked about now; absent where there are none. */
  labelled: Labelled | undefined
  matured: ReadMatured
  /** A degraded version stays in production where no other does better. */
  keepsDegraded?: boolean
}

/**
 * Newest tokens by which versions are judged where their predictions do not mature, or one of them
 * fails.
 */
export const RECENT = 1000

/**
 * What the first head of a version said of one row per token, and the one on trial; what came of
 * it.
 */
export interface Seen extends Pick<Paired, 'aim' | 'labels'> {
  time: Float64Array
  champion: Float64Array[]
  challenger: Float64Array[]
}

interface Asked {
  champion: LoadedBundle
  /** The version on trial beside it. */
  challenger?: LoadedBundle | undefined
  /** The champion is itself on trial: nothing is in production. */
  isOnTrial?: boolean
  /** Rows later than this, event time in ms. */
  since: number
}

/**
 * What versions said, from one of two places: while lines flowed, or what they say now about the
 * labelled rows after `since`, which neither has seen. The features of these rows are the bytes
 * that would have been scored. The rows are taken when there are more than twice as many of them as
 * of matured predictions; what either shows has no say in it.
 */
export async function seenBy(
  { labelled, matured }: Evidence,
  { champion, challenger, isOnTrial = false, since }: Asked,
): Promise<Seen> {
  const known = Math.max(
    knownUntil(champion.bundle),
    challenger === undefined ? 0 : knownUntil(challenger.bundle),
    since,
  )
  const rows = labelled === undefined ? new Int32Array() : laterRows(labelled, known)
  const all = await matured(champion.bundle, challenger?.bundle.version, isOnTrial)
  const live = all?.filter(({ ts }) => ts > since) ?? []
  if (labelled === undefined || (live.length > 0 && 2 * live.length >= rows.length))
    return liveSeen(live, aimOf(champion.bundle.heads[0]?.name ?? ''))
  // A trial counts from its beginning, whoever is in use by the newest.
  const asked = challenger === undefined && !isOnTrial ? rows.slice(-2 * RECENT) : rows
  return {
    aim: labelled.aim,
    time: Float64Array.from(asked, i => labelled.time[i]!),
    labels: labelsOf(labelled, asked),
    champion: await scoreRows(champion, labelled, asked),
    challenger: challenger === undefined ? [] : await scoreRows(challenger, labelled, asked),
  }
}

function liveSeen(live: readonly Matured[], aim: Seen['aim']): Seen {
  const columns = (of: (row: Matured) => readonly number[]): Float64Array[] =>
    Array.from({ length: live[0] === undefined ? 0 : of(live[0]).length }, (_, k) =>
      Float64Array.from(live, row => of(row)[k]!),
    )
  return {
    aim,
    time: Float64Array.from(live, row => row.ts),
    labels: [Float64Array.from(live, row => row.label)],
    champion: columns(row => row.said),
    challenger: columns(row => row.shadow ?? []),
  }
}

/** Losses of the version in use, by the threshold of its first head. */
export const lossesOfSeen = ({ aim, labels, champion }: Seen, { bundle }: LoadedBundle) =>
  lossesOf(aim, labels, champion, bundle.heads[0]?.threshold)
