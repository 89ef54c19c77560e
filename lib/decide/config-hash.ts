import { createHash } from 'node:crypto'

/**
 * First eight hex digits of the sha256 over all thresholds, in key order: decisions of one
 * configuration share it.
 */
export function configHash(values: Record<string, unknown>): string {
  const text = Object.keys(values)
    .sort()
    .map(key => `${key}=${plain(values[key])}`)
    .join('\n')
  return createHash('sha256').update(text).digest('hex').slice(0, 8)
}

const plain = (value: unknown): string =>
  typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? 'nothing')
