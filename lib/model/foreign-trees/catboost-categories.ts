import { DataError, show, UsageError } from '../../base/errors.ts'
import { type Fields, fieldsAt, numbersAt, objectsAt } from './json-fields.ts'

/** A question about one category: which whole numbers answer it otherwise than all the rest. */
interface CategorySplit {
  /** Place of the feature in a row. */
  feature: number
  members: number[]
  /** Whether the members go right, where the split is true; else all others do. */
  isTrueForMembers: boolean
}

/** Reads the splits of one model that ask for categories. */
export type ReadCategorySplit = (split: Fields) => CategorySplit

/**
 * Categories of CatBoost (catboost/libs/model/model_export/resources/ctr_calcer.py): a split asks
 * whether a category is one value, or whether a statistic of the training rows with that category
 * exceeds a border. Of one feature both are a set of categories, and the file names the values
 * behind its hashes. Throws UsageError for statistics of several features at once and for
 * categories that are words, which no line can hold.
 */
export function categoriesIn(model: Fields): ReadCategorySplit {
  const info = fieldsAt(model, 'features_info')
  const list = (key: string): Fields[] =>
    info[key] === undefined || info[key] === null ? [] : objectsAt(info, key)
  const places = new Map(
    list('categorical_features').map(each => [
      Number(each.feature_index),
      Number(each.flat_feature_index),
    ]),
  )
  const words = new Map(list('cat_features_hash').map(each => [unsigned(each.hash), each.value]))
  const placeOf = (index: unknown): number => {
    const place = places.get(Number(index))
    if (place === undefined) throw new DataError(`no categorical feature ${index}`)
    return place
  }
  const statistics = statisticsIn(list('ctrs'), startOf(info))
  return split => {
    if (split.split_type === 'OneHotFeature') {
      const feature = placeOf(split.cat_feature_index)
      const members = [numberOf(words.get(unsigned(split.value)), feature)]
      return { feature, members, isTrueForMembers: true }
    }
    if (split.split_type !== 'OnlineCtr')
      throw new UsageError(`a CatBoost model with splits of the kind ${split.split_type}`)
    const { ctr, border } = borderOf(statistics, split)
    const feature = placeOf(onlyFeatureOf(ctr))
    return setOf(ctr, border, { model, feature, words })
  }
}

const unsigned = (hash: unknown): number => Number(hash) >>> 0

/** The whole number that a category is. */
function numberOf(word: unknown, feature: number): number {
  const value = Number(word)
  if (String(value) === word && Number.isInteger(value) && Math.abs(value) <= 2 ** 24) return value
  const what =
    word === undefined ? 'a category that the file does not name' : `the category ${show(word)}`
  throw new UsageError(
    `a CatBoost model whose feature ${feature} has ${what}: a line holds numbers; train with ` +
      'whole numbers as categories, and save the model with pool=',
  )
}

/** Splits are numbered: borders of the numbers, then single values, then statistics. */
function startOf(info: Fields): number {
  const countOf = (key: string, of: string): number =>
    info[key] === undefined
      ? 0
      : objectsAt(info, key).reduce((sum, each) => sum + lengthOf(each[of]), 0)
  return countOf('float_features', 'borders') + countOf('categorical_features', 'values')
}

const lengthOf = (list: unknown): number => (Array.isArray(list) ? list.length : 0)

interface Statistic {
  ctr: Fields
  from: number
  borders: number[]
}

function statisticsIn(ctrs: readonly Fields[], start: number): Statistic[] {
  let from = start
  return ctrs.map(ctr => {
    const borders = numbersAt(ctr, 'borders')
    from += borders.length
    return { ctr, from: from - borders.length, borders }
  })
}

function borderOf(all: readonly Statistic[], split: Fields): { ctr: Fields; border: number } {
  const at = Number(split.split_index)
  const found = all.find(({ from, borders }) => at >= from && at < from + borders.length)
  const border = found?.borders[at - found.from]
  if (found === undefined || border !== split.border)
    throw new DataError(`the split ${at} has no border of a statistic`, { field: 'split_index' })
  return { ctr: found.ctr, border: Math.fround(Number(border)) }
}

function onlyFeatureOf(ctr: Fields): unknown {
  const [first, ...more] = objectsAt(ctr, 'elements')
  if (first?.combination_element === 'cat_feature_value' && more.length === 0)
    return first.cat_feature_index
  throw new UsageError(
    'a CatBoost model with statistics of several features at once (combinations): no tree can ' +
      'say them; train with max_ctr_complexity=1',
  )
}

interface Around {
  model: Fields
  feature: number
  /** Values by their hash. */
  words: ReadonlyMap<number, unknown>
}

function setOf(ctr: Fields, border: number, { model, feature, words }: Around): CategorySplit {
  const table = fieldsAt(model, 'ctr_data', String(ctr.identifier))
  const held = table.hash_map
  const stride = Number(table.hash_stride)
  if (!Array.isArray(held) || !(stride > 1) || held.length % stride !== 0)
    throw new DataError('expected hashes and counts', { field: 'hash_map' })
  const keys = new Map([...words].map(([hash, word]) => [keyOf(hash), word]))
  const total = Number(table.counter_denominator)
  const isAbove = (counts: readonly number[]): boolean => statisticOf(ctr, counts, total) > border
  const isRestAbove = isAbove(new Array(stride - 1).fill(0))
  const members = new Set<number>()
  for (let at = 0; at < held.length; at += stride) {
    const key = String(held[at])
    if (key === EMPTY) continue
    const value = numberOf(keys.get(key), feature)
    if (isAbove(held.slice(at + 1, at + stride).map(Number)) !== isRestAbove) members.add(value)
  }
  return { feature, members: [...members], isTrueForMembers: !isRestAbove }
}

/** A place of the table that holds no category. */
const EMPTY = String(2n ** 64n - 1n)
const FACTOR = 0x4906ba494954cb65n

/** The key of a category in a table of one feature (CalcHash of 0 and the hash as int32). */
function keyOf(hash: number): string {
  const wide = BigInt.asUintN(64, BigInt(hash | 0))
  return String(BigInt.asUintN(64, FACTOR * BigInt.asUintN(64, FACTOR * wide)))
}

/** (good + prior) / (all + weight of the prior), moved and scaled, in float32 throughout. */
function statisticOf(ctr: Fields, counts: readonly number[], denominator: number): number {
  const [good, all] = goodAndAll(ctr, counts, denominator)
  const of = (key: string): number => Math.fround(Number(ctr[key]))
  const [prior, weight, shift, scale] = [
    of('prior_numerator'),
    of('prior_denomerator'),
    of('shift'),
    of('scale'),
  ]
  const part = Math.fround(Math.fround(good + prior) / Math.fround(all + weight))
  const value = Math.fround(Math.fround(part + shift) * scale)
  if (Number.isNaN(value)) throw new DataError('a statistic that is no number', { field: 'ctrs' })
  return value
}

function goodAndAll(ctr: Fields, counts: readonly number[], denominator: number): [number, number] {
  const sum = (list: readonly number[]): number => list.reduce((total, x) => total + x, 0)
  const class_ = Number(ctr.target_border_idx)
  const type = String(ctr.ctr_type)
  if (type === 'Counter' || type === 'FeatureFreq') return [counts[0]!, denominator]
  if (type === 'BinarizedTargetMeanValue' || type === 'FloatTargetMeanValue')
    return [Math.fround(counts[0]!), counts[1]!]
  if (type === 'Buckets') return [counts[class_]!, sum(counts)]
  if (type === 'Borders') return [sum(counts.slice(class_ + 1)), sum(counts)]
  throw new UsageError(`a CatBoost model with statistics of the kind ${type}`)
}
