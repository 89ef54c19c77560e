import { DataError, show } from '../base/errors.ts'
import { explain, fits } from '../records/check.ts'
import type { Rec } from '../records/record.ts'
import type { Line } from './line.ts'
import { EVERY_PART } from './line.ts'
import { countKeys, countKeysInText } from './span.ts'

/**
 * Parses one line of NDJSON. Throws a DataError when it is not a record: bad JSON, a key given
 * twice, a bad envelope.
 */
export function parseLine(raw: string, no: number): Line {
  let rec: Rec
  try {
    rec = JSON.parse(raw)
  } catch (error) {
    throw new DataError(`not JSON: ${show(raw, 40)} (${jsonReason(error)})`)
  }
  if (typeof rec !== 'object' || rec === null || Array.isArray(rec)) {
    throw new DataError(`expected an object, got ${show(rec, 40)}`)
  }
  refuseDuplicates(raw, rec)
  if (!fits('envelope', rec)) explain('envelope', rec)
  return { raw, rec, checked: undefined, no }
}

/**
 * Two values under one key: JSON.parse keeps the last, jq the last, other readers the first. We
 * trust neither.
 */
function refuseDuplicates(raw: string, rec: Rec): void {
  let keys: number
  try {
    keys = countKeys(rec)
  } catch (error) {
    throw new DataError((error as RangeError).message)
  }
  if (keys !== countKeysInText(raw)) throw new DataError('a key is given twice')
}

/** The reason of V8’s message without its echo of the input. */
const jsonReason = (error: unknown): string =>
  String((error as Error).message)
    .replace(/, ?"?\.{0,3}".*$/s, '')
    .replace(/[^\x20-\x7e]/g, '?')
    .slice(0, 80)

/**
 * Checks the parts that a step reads, each once per line even in a fused run. Throws a DataError.
 */
export function checkParts(line: Line, reads: readonly string[]): void {
  if (line.checked === EVERY_PART) return
  const { rec } = line
  for (const part of reads) {
    const value = (rec as unknown as Record<string, unknown>)[part]
    if (value === undefined || line.checked?.has(part)) continue
    if (!fits(part, value)) explain(part, value)
    line.checked ??= new Set()
    line.checked.add(part)
  }
}
