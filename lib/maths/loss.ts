/**
 * What a label is: 0 or 1, the number of a class, or a number (then there may be several columns).
 */
export type Aim = 'binary' | 'classes' | 'numbers'

/** How far off a model was, row by row. */
export interface Losses {
  /**
   * Squared error: of a probability, summed over the classes (Brier 1950), or the mean over the
   * known numbers.
   */
  loss: Float64Array
  /** 1 where it was right at the threshold or with the most probable class; absent for numbers. */
  right?: Uint8Array
}

/**
 * Measures columns that were said against columns of labels; NaN where one of several numbers is
 * unknown.
 */
export function lossesOf(
  aim: Aim,
  labels: readonly Float64Array[],
  said: readonly Float64Array[],
  threshold = 0.5,
): Losses {
  const [label, first] = [labels[0]!, said[0]!]
  if (aim === 'numbers') return { loss: label.map((_, i) => meanSquare(labels, said, i)) }
  if (aim === 'binary') {
    const right = Uint8Array.from(label, (y, i) => Number(first[i]! >= threshold === (y === 1)))
    return { loss: label.map((y, i) => (first[i]! - y) ** 2), right }
  }
  const loss = label.map((y, i) =>
    said.reduce((sum, column, k) => sum + (column[i]! - (k === y ? 1 : 0)) ** 2, 0),
  )
  return { loss, right: Uint8Array.from(label, (y, i) => Number(likeliest(said, i) === y)) }
}

function meanSquare(
  labels: readonly Float64Array[],
  said: readonly Float64Array[],
  row: number,
): number {
  let [sum, known] = [0, 0]
  for (const [k, column] of labels.entries()) {
    const error = (said[k]?.[row] ?? Number.NaN) - column[row]!
    if (Number.isNaN(error)) continue
    sum += error ** 2
    known++
  }
  return sum / known
}

/** The class with the highest probability. */
export function likeliest(columns: readonly Float64Array[], row: number): number {
  let best = 0
  for (let k = 1; k < columns.length; k++) {
    if (columns[k]![row]! > columns[best]![row]!) best = k
  }
  return best
}

/** Mean of a column, rows counted as often as their weight says. */
export function meanOf(values: ArrayLike<number>, weight?: Float64Array): number {
  let [sum, total] = [0, 0]
  for (let i = 0; i < values.length; i++) {
    const w = weight === undefined ? 1 : weight[i]!
    sum += w * values[i]!
    total += w
  }
  return sum / total
}
