import { messageOf, show, UsageError } from '../../base/errors.ts'
import { readText } from '../../base/read-text.ts'
import { didYouMean } from '../../base/suggest.ts'
import { FIELDS, type FieldName, UNCLEAR } from './snapshot-fields.ts'

/** Where a field comes from: a column of the table, or the same text in every row. */
type Origin = { column: string } | { value: string }
export type SnapshotMap = ReadonlyMap<FieldName, Origin>

const NAMES = Object.keys(FIELDS) as FieldName[]
const isField = (name: unknown): name is FieldName =>
  typeof name === 'string' && Object.hasOwn(FIELDS, name)

/**
 * The mapping of a file: an object from columns to fields (or lists of them), as
 * `{"pool_id": "pool", "=9": "quoteDecimals"}`; a key that begins with `=` is a value for every
 * row. Throws a UsageError for what is no such object, for columns that the table has not and for
 * fields that there are not, or twice.
 */
export function readMap(path: string, columns: readonly string[]): SnapshotMap {
  const map = new Map<FieldName, Origin>()
  for (const [column, told] of Object.entries(objectIn(path))) {
    const isValue = column.startsWith('=')
    if (!isValue && !columns.includes(column))
      throw new UsageError(
        `${path}: the table has no column ${show(column)}${didYouMean(column, columns)}`,
      )
    for (const name of Array.isArray(told) ? told : [told]) {
      if (!isField(name))
        throw new UsageError(
          `${path}: ${show(column)}: no field ${show(name)}${didYouMean(String(name), NAMES)}; ` +
            `there are ${NAMES.join(', ')}`,
        )
      if (map.has(name)) throw new UsageError(`${path}: two columns for ${name}`)
      map.set(name, isValue ? { value: column.slice(1) } : { column })
    }
  }
  return checked(map, path)
}

function objectIn(path: string): Record<string, unknown> {
  let told: unknown
  try {
    told = JSON.parse(readText(path))
  } catch (error) {
    throw new UsageError(`${path}: ${messageOf(error)}`)
  }
  if (typeof told !== 'object' || told === null || Array.isArray(told))
    throw new UsageError(`${path}: expected an object from columns to fields, got ${show(told)}`)
  return { ...told }
}

/**
 * The mapping that the usual names of columns propose. Throws a UsageError that names every column
 * which may be more than one thing, with the mapping as far as it is clear.
 */
export function proposeMap(columns: readonly string[]): SnapshotMap {
  const map = new Map<FieldName, Origin>()
  const unclear: string[] = []
  for (const name of NAMES) {
    const usual: readonly string[] = FIELDS[name].usual
    const found = columns.filter(column => usual.includes(column.toLowerCase()))
    if (found.length > 1) unclear.push(`${name} may be ${found.map(c => show(c)).join(' or ')}`)
    if (found.length === 1) map.set(name, { column: found[0]! })
  }
  for (const column of columns) {
    const [, meant] = UNCLEAR.find(([pattern]) => pattern.test(column.toLowerCase())) ?? []
    const isTaken = [...map.values()].some(from => 'column' in from && from.column === column)
    if (meant !== undefined && !isTaken) unclear.push(`${show(column)} may be ${meant}`)
  }
  if (unclear.length > 0)
    throw new UsageError(
      `${unclear.join('; ')}: say what they are in a file for --map, which may begin as ` +
        `${mapText(map)}, and leave out there what is none of these`,
    )
  return checked(map, 'no --map is given, and by the names of columns')
}

/** Whether usual names tell time and pool: such a table may be one of snapshots. */
export const looksLikeSnapshots = (columns: readonly string[]): boolean =>
  (['time', 'pool'] as const).every(name => {
    const usual: readonly string[] = FIELDS[name].usual
    return columns.some(column => usual.includes(column.toLowerCase()))
  })

/** A mapping as its file holds it, on one line. */
export function mapText(map: SnapshotMap): string {
  const byColumn = new Map<string, FieldName[]>()
  for (const [name, from] of map) {
    const key = 'column' in from ? from.column : `=${from.value}`
    byColumn.set(key, [...(byColumn.get(key) ?? []), name])
  }
  const told = [...byColumn].map(([key, names]) => [key, names.length === 1 ? names[0] : names])
  return JSON.stringify(Object.fromEntries(told))
}

/** Refuses what cannot become a market line, or could in two ways. */
function checked(map: Map<FieldName, Origin>, who: string): SnapshotMap {
  for (const name of ['time', 'pool'] as const)
    if (!map.has(name)) throw new UsageError(`${who}: no column is ${name}`)
  for (const side of ['base', 'quote'] as const) {
    if (map.has(`${side}Amount`) && map.has(`${side}Reserve`))
      throw new UsageError(`${who}: ${side}Amount and ${side}Reserve are the same in other units`)
    if (map.has(`${side}Reserve`) && !map.has(`${side}Decimals`))
      throw new UsageError(
        `${who}: ${side}Reserve needs ${side}Decimals: a column, one that --sql joins, or a ` +
          `value for all rows as {"=9": "${side}Decimals"}`,
      )
  }
  return map
}
