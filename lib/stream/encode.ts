/**
 * JSON text of a value that we made. JSON.stringify turns NaN, Infinity and holes into `null`,
 * which would read as "unknown" downstream; since we never write null on purpose, its appearance is
 * the (cheap) sign to look for one.
 */
export function encode(value: unknown, name = ''): string {
  const text = JSON.stringify(value)
  if (text.includes('null')) refuseNull(value, name)
  return text
}

function refuseNull(value: unknown, path: string): void {
  if (value === null)
    throw new TypeError(`${path || 'record'}: null is never written; leave the key out`)
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new TypeError(`${path}: ${value} is not a number to write`)
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      if (value[i] === undefined) throw new TypeError(`${path}[${i}]: undefined in a list`)
      refuseNull(value[i], `${path}[${i}]`)
    }
  } else if (typeof value === 'object') {
    for (const [key, item] of Object.entries(value)) refuseNull(item, path ? `${path}.${key}` : key)
  }
}
