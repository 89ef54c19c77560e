import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { messageOf, UsageError } from '../base/errors.ts'

/** Lines of an NDJSON file, plain or gzipped. Throws a UsageError naming the file. */
export function readFileLines(path: string): string[] {
  try {
    const bytes = readFileSync(path)
    const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
    return text.split('\n').filter(line => line.trim() !== '')
  } catch (cause) {
    throw new UsageError(`${path}: ${messageOf(cause)}`)
  }
}
