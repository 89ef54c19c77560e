import { createHash } from 'node:crypto'
import type { Whole } from './fit-tabular.ts'

/**
 * Hex sha256 over names, features, labels and times: the same rows in the same order give the same
 * hash.
 */
export function dataHash({ table, label, time, weight }: Whole): string {
  const hash = createHash('sha256').update(JSON.stringify(table.names))
  const bytes = (values: Float32Array | Float64Array) =>
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  for (const column of table.columns) hash.update(bytes(column))
  hash.update(bytes(label)).update(bytes(time))
  if (weight !== undefined) hash.update(bytes(weight))
  return hash.digest('hex')
}
