import { DataError } from '../../base/errors.ts'
import { combinations } from '../../maths/combinations.ts'
import type { Groups, TrainFlags } from '../train-flags.ts'

/** Row positions of the parts of a split, each in order of time. */
export interface Split {
  train: Int32Array
  valid: Int32Array
  test: Int32Array
}

/**
 * Shares of rows; the rest is training. A training row whose label is known only after the next
 * part begins would leak it: it is purged.
 */
interface SplitOptions extends Partial<Pick<TrainFlags, 'valid' | 'test' | 'horizon' | 'embargo'>> {
  /** Group (mint) per row: a group of a later part is removed from the earlier ones. */
  groups?: Int32Array
}

/**
 * Train, then valid, then test, in order of time. Boundaries fall between times, never inside one.
 * Purging (López de Prado 2018, ch. 7): rows within `horizon` before a boundary are dropped;
 * embargo: so are rows within `embargo` after.
 */
export function splitByTime(time: Float64Array, options: SplitOptions = {}): Split {
  const { valid = 0.15, test = 0.15 } = options
  const order = byTime(time)
  const validFrom = boundary(time, order, 1 - valid - test)
  const testFrom = boundary(time, order, 1 - test)
  const between = (from: number, to: number): Int32Array => part(time, order, from, to, options)
  return disjoint(
    {
      train: between(Number.NEGATIVE_INFINITY, validFrom),
      valid: between(validFrom, testFrom),
      test: between(testFrom, Number.POSITIVE_INFINITY),
    },
    options.groups,
  )
}

/**
 * Walk-forward: the time span is cut into folds + 1 pieces of equal row counts; fold k trains on
 * pieces 0 … k (its last part of share `valid` is the validation slice) and tests on piece k+1.
 */
export function walkForward(
  time: Float64Array,
  folds: number,
  options: SplitOptions = {},
): Split[] {
  const { valid = 0.15 } = options
  const order = byTime(time)
  return Array.from({ length: folds }, (_, k) => {
    const share = (k + 1) / (folds + 1)
    const cuts = [share * (1 - valid), share, (k + 2) / (folds + 1)].map(at =>
      boundary(time, order, at),
    )
    const [validFrom, testFrom, end] = cuts as [number, number, number]
    return disjoint(
      {
        train: part(time, order, Number.NEGATIVE_INFINITY, validFrom, options),
        valid: part(time, order, validFrom, testFrom, options),
        test: part(time, order, testFrom, k + 1 === folds ? Number.POSITIVE_INFINITY : end, {
          ...options,
          horizon: 0,
        }),
      },
      options.groups,
    )
  })
}

/** A split of combinatorial cross-validation: rows learned from, and those of each tested group. */
export interface GroupSplit extends Pick<Split, 'train' | 'valid'> {
  tested: { group: number; rows: Int32Array }[]
}

/**
 * Purged combinatorial cross-validation (López de Prado 2018, ch. 12): rows are cut by time into
 * `groups` of equal row counts, and every way to test `tested` of them is a split that learns from
 * all others, earlier and later. A row whose label is known only after a tested stretch begins is
 * purged; so is one within the horizon of the last row of a tested stretch, and then the embargo.
 * The last share `valid` of the rows learned from is the validation slice. @throws DataError when
 * the times cannot be cut into so many groups.
 */
export function combinatorial(
  time: Float64Array,
  { groups: count, tested: k }: Groups,
  options: SplitOptions = {},
): GroupSplit[] {
  const order = byTime(time)
  const edges = Array.from({ length: count }, (_, g) => boundary(time, order, g / count))
  edges[0] = Number.NEGATIVE_INFINITY
  const groupOf = (i: number): number => edges.findLastIndex(edge => time[i]! >= edge)
  const members = Array.from({ length: count }, (_, g) => order.filter(i => groupOf(i) === g))
  const empty = members.findIndex(rows => rows.length === 0)
  if (empty >= 0)
    throw new DataError(`of ${count} groups by time, group ${empty + 1} has no rows`, {
      field: 'folds',
    })
  return combinations(count, k).map(chosen => {
    const tested = chosen.map(group => ({ group, rows: members[group]! }))
    const stretches = tested.map(({ rows }) => ({
      from: time[rows[0]!]!,
      to: time[rows.at(-1)!]!,
    }))
    const others = order.filter(
      i => !chosen.includes(groupOf(i)) && isClear(time[i]!, stretches, options),
    )
    const test = Int32Array.from(tested.flatMap(({ rows }) => [...rows]))
    const { train } = disjoint({ train: others, valid: new Int32Array(), test }, options.groups)
    return { ...learnedFrom(time, train, options), tested }
  })
}

/** Whether the labels of a row and of the tested rows cannot know of one another. */
const isClear = (
  t: number,
  stretches: readonly { from: number; to: number }[],
  { horizon = 0, embargo = 0 }: SplitOptions,
): boolean =>
  stretches.every(({ from, to }) => (t < from ? t + horizon < from : t > to + horizon + embargo))

/** Training rows, and the last of them for validation. */
function learnedFrom(
  time: Float64Array,
  rows: Int32Array,
  options: SplitOptions,
): Pick<Split, 'train' | 'valid'> {
  const back = (part: Int32Array): Int32Array => part.map(i => rows[i]!)
  const { groups } = options
  const own = groups === undefined ? {} : { groups: rows.map(i => groups[i]!) }
  const found = splitByTime(
    Float64Array.from(rows, i => time[i]!),
    { ...options, ...own, test: 0 },
  )
  return { train: back(found.train), valid: back(found.valid) }
}

const byTime = (time: Float64Array): Int32Array =>
  Int32Array.from(time, (_, i) => i).sort((i, j) => time[i]! - time[j]! || i - j)

/** The time at which a share of the rows has passed. */
function boundary(time: Float64Array, order: Int32Array, share: number): number {
  const at = Math.round(share * order.length)
  return at >= order.length ? Number.POSITIVE_INFINITY : time[order[at]!]!
}

function part(
  time: Float64Array,
  order: Int32Array,
  from: number,
  to: number,
  options: SplitOptions,
): Int32Array {
  const { horizon = 0, embargo = 0 } = options
  const start = Number.isFinite(from) ? from + embargo : from
  return order.filter(i => {
    const t = time[i]!
    return (
      t >= start && t < to && t + horizon < (Number.isFinite(to) ? to : Number.POSITIVE_INFINITY)
    )
  })
}

/** Removes from each part the groups that a later part holds. */
function disjoint(split: Split, groups: Int32Array | undefined): Split {
  if (groups === undefined) return split
  const of = (rows: Int32Array): Set<number> => new Set(Array.from(rows, i => groups[i]!))
  const inTest = of(split.test)
  const valid = split.valid.filter(i => !inTest.has(groups[i]!))
  const inValid = of(valid)
  const train = split.train.filter(i => !inTest.has(groups[i]!) && !inValid.has(groups[i]!))
  return { train, valid, test: split.test }
}
