import { DataError, TemporaryError, UsageError } from '../../base/errors.ts'

/** Errors of the engine that lie in the SQL, by the words before “Error”. */
const OF_SQL = new Set([
  'Parser',
  'Syntax',
  'Binder',
  'Catalog',
  'Conversion',
  'Out of Range',
  'Mismatch Type',
  'Invalid Input',
  'Invalid type',
  'Constraint',
  'Decimal',
  'Divide by Zero',
  'Expression',
  'Not implemented',
  'Sequence',
])
/** Errors that lie in a file. */
const OF_DATA = new Set(['IO', 'Serialization', 'Invalid'])
/** An `Invalid Input` that tells of what was read, not of what was asked. */
const OF_FILE =
  /\bin file\b|Malformed JSON|CSV Error|[Pp]arquet|Failed to read file|reading file|utf-?8|unicode/i

/**
 * What the engine says in its first line, as the class of what is to be done about it: another
 * query or a flag that allows more (UsageError), another file (DataError), more room on the disk
 * (TemporaryError). What it says of itself (INTERNAL, FATAL) stays as it is.
 */
export function queryError(
  error: unknown,
  { memory, temporaryMost }: { memory: string; temporaryMost?: string | undefined },
): unknown {
  const text = error instanceof Error ? error.message : ''
  const line = text
    .replace(/^Failed to extract statements: /, '')
    .split('\n')[0]!
    .trim()
  const kind = /^([A-Za-z][A-Za-z ]*?) Error\b/.exec(line)?.[1]
  if (kind === undefined || !isNative(error)) return error
  if (kind === 'Out of Memory') {
    return /max_temp_directory_size/.test(text)
      ? new UsageError(`more than --temp-disk ${temporaryMost} is needed: ${line}`)
      : new UsageError(`more than --memory ${memory} is needed: ${line}`)
  }
  if (kind === 'Permission')
    return new UsageError(`${line} (--file FILE or --allow DIR lets a query read more)`)
  if (/No space left|\bENOSPC\b|Disk quota/.test(line)) return new TemporaryError(line)
  if (OF_DATA.has(kind) || (kind === 'Invalid Input' && OF_FILE.test(line)))
    return new DataError(line)
  return OF_SQL.has(kind) ? new UsageError(line) : error
}

/** Our own errors say already what they mean. */
const isNative = (error: unknown): error is Error =>
  error instanceof Error && Object.getPrototypeOf(error) === Error.prototype
