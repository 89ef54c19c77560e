/**
 * Finds where a top-level key's value stands in the text of a JSON object, as [from, to).
 * The text must be valid JSON without duplicate keys (the reader has made sure of both).
 */
export function spanOf(raw: string, key: string): [from: number, to: number] {
  const wanted = JSON.stringify(key)
  let at = raw.indexOf('{') + 1
  for (;;) {
    at = skipSpace(raw, at)
    const keyEnd = endOfString(raw, at)
    const isWanted = matches(raw.slice(at, keyEnd), wanted, key)
    const from = skipSpace(raw, skipSpace(raw, keyEnd) + 1)
    const to = endOfValue(raw, from)
    if (isWanted) return [from, to]
    at = skipSpace(raw, to)
    if (raw.charCodeAt(at) !== 44) throw new Error(`no key ${key}`)
    at++
  }
}

function matches(text: string, wanted: string, key: string): boolean {
  return text === wanted || (text.includes('\\') && JSON.parse(text) === key)
}

function skipSpace(raw: string, at: number): number {
  let i = at
  for (
    let c = raw.charCodeAt(i);
    c === 32 || c === 9 || c === 13 || c === 10;
    c = raw.charCodeAt(i)
  )
    i++
  return i
}

/** Index just behind the closing quote of the string that opens at `at`. */
function endOfString(raw: string, at: number): number {
  let i = at
  for (;;) {
    i = raw.indexOf('"', i + 1)
    let slashes = 0
    while (raw.charCodeAt(i - 1 - slashes) === 92) slashes++
    if (slashes % 2 === 0) return i + 1
  }
}

function endOfValue(raw: string, from: number): number {
  const first = raw.charCodeAt(from)
  if (first === 34) return endOfString(raw, from)
  if (first !== 123 && first !== 91) {
    let i = from
    for (let c = first; c !== 44 && c !== 125 && c > 32; c = raw.charCodeAt(i)) i++
    return i
  }
  let depth = 0
  for (let i = from; ; i++) {
    const c = raw.charCodeAt(i)
    if (c === 34) i = endOfString(raw, i) - 1
    else if (c === 123 || c === 91) depth++
    else if ((c === 125 || c === 93) && --depth === 0) return i + 1
  }
}

/**
 * Keys in the text of a JSON object, at every depth: each key is followed by the only colons
 * outside strings.
 */
export function countKeysInText(raw: string): number {
  let keys = 0
  for (let i = 0; i < raw.length; i++) {
    const c = raw.charCodeAt(i)
    if (c === 34) i = endOfString(raw, i) - 1
    else if (c === 58) keys++
  }
  return keys
}

/** Deeper nesting than any record has; the limit keeps hostile input from exhausting the stack. */
export const MAX_DEPTH = 64

/**
 * Keys in a parsed value, at every depth. Fewer than in its text = a key was given twice and one
 * value lost. Throws RangeError beyond MAX_DEPTH.
 */
export function countKeys(value: unknown, depth = 0): number {
  if (typeof value !== 'object' || value === null) return 0
  if (depth > MAX_DEPTH) throw new RangeError(`nested deeper than ${MAX_DEPTH}`)
  let keys = 0
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object') keys += countKeys(item, depth + 1)
    return keys
  }
  for (const key in value) {
    keys++
    const item = (value as Record<string, unknown>)[key]
    if (typeof item === 'object') keys += countKeys(item, depth + 1)
  }
  return keys
}
