import { DataError } from '../../base/errors.ts'

export type Fields = Record<string, unknown>

/** Whether a value out of JSON is an object. */
export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The object at a path of keys. Throws DataError naming the key that holds none. */
export function fieldsAt(from: unknown, ...path: string[]): Fields {
  let at = from
  for (const key of ['', ...path]) {
    if (key !== '') at = (at as Fields)[key]
    if (!isFields(at)) throw new DataError('expected an object', { field: key || 'model' })
  }
  return at as Fields
}

/** A list of numbers; flags count as 0 and 1. Throws DataError naming `key` for anything else. */
export function numbersAt(from: Fields, key: string): number[] {
  const list = from[key]
  if (!Array.isArray(list)) throw new DataError('expected a list of numbers', { field: key })
  return list.map(x => {
    if (typeof x !== 'number' && typeof x !== 'boolean')
      throw new DataError('expected a list of numbers', { field: key })
    return Number(x)
  })
}

/** A list of objects. Throws DataError naming `key` for anything else. */
export function objectsAt(from: Fields, key: string): Fields[] {
  const list = from[key]
  if (!Array.isArray(list) || !list.every(isFields))
    throw new DataError('expected a list of objects', { field: key })
  return list
}
