import { createHash } from 'node:crypto'
import { DataError, show, UsageError } from '../../base/errors.ts'
import { columnNames, type Rows, repeatedIds } from '../../table/read-table.ts'

/** Name of the column that says when a label was known, in our own sets and lines. */
export const UNTIL = 'availableAt'

/** Whether a table says when its labels were known. */
export const holdsUntil = async (file: string): Promise<boolean> =>
  (await columnNames(file)).includes(UNTIL)

/**
 * Throws UsageError for a feature named twice, DataError for rows that repeat an id: they would
 * stand on two sides of a split.
 */
export async function refuseRepeats(file: string, features: readonly string[] = []): Promise<void> {
  const twice = features.find((name, f) => features.indexOf(name) !== f)
  if (twice !== undefined) throw new UsageError(`--features names ${twice} twice`)
  const found = await repeatedIds(file)
  if (found !== undefined)
    throw new DataError(
      `${found.rows} rows repeat the id of another, such as ${show(found.first)}: a row on ` +
        'two sides of a split flatters; remove them',
      { field: 'id' },
    )
}

/**
 * Longest time that a label needed. Throws DataError for rows later than now, and for labels known
 * before their row or later than now.
 */
export function labelSpan({ time, until, isTimed }: Rows, now: number): number {
  if (!isTimed) return 0
  const ahead = time.findIndex(t => t > now)
  if (ahead >= 0)
    throw new DataError(`row ${ahead + 1} is of ${dayOf(time[ahead])}, which is yet to come`, {
      field: 'time',
    })
  let longest = 0
  until?.forEach((t, i) => {
    const span = t - time[i]!
    if (t > now || span < 0)
      throw new DataError(
        `the label of row ${i + 1} is of ${dayOf(t)}, ` +
          `${span < 0 ? 'before its row' : 'which is yet to come'}`,
        { field: UNTIL },
      )
    longest = Math.max(longest, span)
  })
  return longest
}

/**
 * What somebody should know who learns to tell a rug by the best of the next snapshots; undefined
 * for any other label.
 */
export function rareLabel(label: string, words: readonly string[]): string | undefined {
  if (label !== 'willRug') return undefined
  const known = words.filter(word => word !== '')
  const yes = known.filter(word => ['1', 'true'].includes(word.toLowerCase()))
  return (
    `willRug is true in ${yes.length} of ${known.length} rows: it asks whether even the best ` +
    'of the next snapshots is far below, which almost never happens; --label rug of a timed ' +
    'horizon (label --horizons h1 or h24) asks for the worst price and the liquidity'
  )
}

const dayOf = (ms: number | undefined): string =>
  Math.abs(ms ?? Number.NaN) < 8.64e15 ? new Date(ms!).toISOString() : String(ms)

/**
 * Sentences about columns that cannot teach anything: without a value, with one value in every row,
 * or the same as another in every row. Throws DataError when no other column is left.
 */
export function idleColumns({ table }: Rows): string[] {
  const said = table.columns.flatMap((column, f) => {
    const [first = Number.NaN] = column
    if (!column.every(x => Object.is(x, first))) return []
    return [
      `${table.names[f]} ` +
        `${Number.isNaN(first) ? 'has no value in any row' : `is ${first} in every row`}`,
    ]
  })
  if (said.length === table.columns.length && table.rows > 1)
    throw new DataError(`no feature differs between rows: ${said.join(', ')}`)
  const idle = said.map(text => `nothing is learned from ${text}`)
  return [...idle, ...repeatedColumns(table)]
}

/** Sentences about columns that say in every row what one before them says. */
function repeatedColumns({ names, columns }: Rows['table']): string[] {
  const byHash = new Map<string, number>()
  return columns.flatMap((column, f) => {
    if (column.every(x => Object.is(x, column[0]))) return []
    const bytes = Buffer.from(column.buffer, column.byteOffset, column.byteLength)
    const hash = createHash('sha256').update(bytes).digest('base64')
    const first = byHash.get(hash)
    if (first === undefined) byHash.set(hash, f)
    return first === undefined ? [] : [`${names[f]} is the same as ${names[first]} in every row`]
  })
}
