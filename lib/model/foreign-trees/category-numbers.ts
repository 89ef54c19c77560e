import { show, UsageError } from '../../base/errors.ts'
import type { Forest } from './foreign-forest.ts'

/** Most whole numbers from the lowest to the highest category of one feature. */
const MOST_SPAN = 65_536
/** In place of a list: lines hold the codes that pandas gave. */
const CODES = 'codes'

/**
 * A forest that pandas coded, asking for what stands on lines in place of the codes. Whole numbers
 * (and yes and no, 1 and 0) stand for themselves, as in the table that Python was given. Of words a
 * line holds their places in the list that was `given` for the feature, or their codes where
 * `codes` was: which word a number is, nobody may guess. `names` are the features in order. Throws
 * UsageError where that is not said, or not of what the file holds.
 */
export function withCategories(
  forest: Forest,
  names: readonly string[],
  given: ReadonlyMap<string, readonly string[]>,
): Forest {
  const { coded = new Map() } = forest
  const held = [...coded.keys()].map(feature => names[feature] ?? String(feature))
  const odd = [...given.keys()].find(name => !held.includes(name))
  if (odd !== undefined)
    throw new UsageError(
      `--categories: pandas coded no feature ${show(odd)} of this model` +
        (held.length === 0 ? '' : `, but ${held.join(', ')}`),
    )
  if (coded.size === 0) return forest
  const notes: string[] = []
  const numbers = new Map<number, readonly number[]>()
  for (const [feature, categories] of coded) {
    const name = names[feature] ?? String(feature)
    const list = given.get(name)
    const told = numbersOf(name, categories, list)
    numbers.set(feature, told)
    notes.push(noteOf(name, categories, told))
  }
  return {
    ...forest,
    // What lies between two categories is none of them.
    rounding: 'none',
    lookups: forest.lookups.map(({ feature, members }) => {
      const told = numbers.get(feature)
      // A code beyond the list is that of no row.
      return {
        feature,
        members: told === undefined ? members : members.flatMap(code => told[code] ?? []),
      }
    }),
    notes: [...forest.notes, ...notes],
  }
}

/** What a line holds for each code. */
function numbersOf(
  name: string,
  categories: readonly (string | number)[],
  list: readonly string[] | undefined,
): number[] {
  if (list?.length === 1 && list[0] === CODES) return categories.map((_, code) => code)
  if (list !== undefined) {
    const missing = categories.find(each => !list.includes(String(each)))
    if (missing !== undefined)
      throw new UsageError(`--categories: ${name} has ${show(missing)}, too`)
    if (new Set(list).size < list.length)
      throw new UsageError(`--categories: ${name} names one of them twice`)
    return categories.map(each => list.indexOf(String(each)))
  }
  const values = categories.map(Number)
  const span = values.reduce((max, x) => Math.max(max, x), 0) - Math.min(0, ...values)
  const isNumber = categories.every(each => typeof each === 'number' && Number.isInteger(each))
  if (isNumber && span <= MOST_SPAN) return values
  const words = categories.slice(0, 20).map(String).join(',')
  throw new UsageError(
    `${name} is a category of pandas (${words}${categories.length > 20 ? ', …' : ''}), and lines ` +
      `hold numbers: say which, --categories ${name}=${CODES} for those of pandas (0 is ` +
      `${show(categories[0])}), or --categories ${name}=WORD,WORD,… for places in a list of yours`,
  )
}

function noteOf(
  name: string,
  categories: readonly (string | number)[],
  numbers: readonly number[],
): string {
  const isItself = categories.every((each, code) => each === numbers[code])
  const all = categories.map((each, code) =>
    isItself ? String(each) : `${numbers[code]} is ${show(each)}`,
  )
  const more = all.length > 20 ? ` and ${all.length - 20} more` : ''
  return `Categories of ${name} on a line: ${all.slice(0, 20).join(', ')}${more}.`
}
