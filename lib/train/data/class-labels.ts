import { DataError, show, UsageError } from '../../base/errors.ts'

/**
 * Labels of yes and no as 1 and 0: numbers, true and false, or two words of which `positive` is the
 * yes. Throws UsageError when words need --positive, DataError for any other label, by row.
 */
export function binaryLabels(
  words: readonly string[],
  positive: string | undefined,
  field: string,
): Float64Array {
  if (positive !== undefined) {
    const kinds = new Set(words)
    if (!kinds.has(positive))
      throw new UsageError(
        `--positive ${positive}: the column ${field} holds ${[...kinds]
          .slice(0, 5)
          .map(word => show(word))
          .join(', ')}`,
      )
    return Float64Array.from(words, word => (word === positive ? 1 : 0))
  }
  const label = Float64Array.from(words, labelNumber)
  const bad = label.findIndex(y => y !== 0 && y !== 1)
  if (bad < 0) return label
  const kinds = [...new Set(words)]
  if (kinds.length === 2 && label.every(y => Number.isNaN(y)))
    throw new UsageError(
      `the column ${field} holds ${kinds.map(word => show(word)).join(' and ')}: name the ` +
        'one that counts as 1 with --positive',
    )
  throw new DataError(`row ${bad + 1} is ${show(words[bad])}, expected 0 or 1`, { field })
}

/** Class numbers of words from a list, or of the numbers themselves. Throws DataError by row. */
export function classLabels(
  words: readonly string[],
  labels: readonly string[],
  field: string,
): Float64Array {
  return Float64Array.from(words, (word, i) => {
    const k = labels.indexOf(word)
    const y = k >= 0 ? k : Number(word)
    if (!Number.isInteger(y) || y < 0 || y >= labels.length || word === '')
      throw new DataError(`row ${i + 1} is ${show(word)}, expected one of ${labels.join(', ')}`, {
        field,
      })
    return y
  })
}

/** Labels that are numbers. Throws DataError by row. */
export function numberLabels(words: readonly string[], field: string): Float64Array {
  return Float64Array.from(words, (word, i) => {
    const y = Number(word)
    if (!Number.isFinite(y) || word === '')
      throw new DataError(`row ${i + 1} is ${show(word)}, expected a number`, { field })
    return y
  })
}

const labelNumber = (word: string): number =>
  word === 'true' ? 1 : word === 'false' ? 0 : word === '' ? Number.NaN : Number(word)
