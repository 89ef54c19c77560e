/**
 * One class per what the operator must do next; the exit code is that answer (README, “The laws”).
 * Thrown anywhere, caught only in lib/cli/door/cli.ts.
 */
export class Failure extends Error {
  readonly code: number = 70
  override readonly name: string = 'Failure'
}

/** The answer is no (only with --check). */
export class Negative extends Failure {
  override readonly code = 1
}

/** Fix the call, the configuration or the model. */
export class UsageError extends Failure {
  override readonly code = 2
}

/** Look at the data. Names line, field and value. */
export class DataError extends Failure {
  override readonly code = 3
  line: number | undefined
  /** What that number counts: rows where a file has no lines. */
  unit: 'line' | 'row' = 'line'
  /** File or stage that the line number counts in; absent for stdin. */
  place: string | undefined
  readonly field: string | undefined
  constructor(
    reason: string,
    where: { line?: number | undefined; field?: string | undefined } = {},
  ) {
    super(reason)
    this.line = where.line
    this.field = where.field
  }
  /** `line 17: prediction.moon.p: expected …, got …` */
  override toString(): string {
    const place = this.place ? `${this.place}: ` : ''
    const at = this.line === undefined ? place : `${place}${this.unit} ${this.line}: `
    return at + (this.field === undefined ? '' : `${this.field}: `) + this.message
  }
}

/** Try again later. */
export class TemporaryError extends Failure {
  override readonly code = 4
}

/** A human is needed: kill switch, loss limit, unknown order outcome. */
export class HaltError extends Failure {
  override readonly code = 5
}

/**
 * Exit code of any thrown thing. A full disk, files or memory that are used up are nobody’s bug,
 * whoever meets them: try again later. A folder where a file belongs, or one that must not be
 * written, is the operator’s to put right, as is a package that was left out of an installation, or
 * that a plugin wants.
 */
export function exitCodeOf(error: unknown): number {
  if (error instanceof Failure) return error.code
  if (missingPackage(error) !== undefined) return 2
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException
  if (syscall !== undefined && OUT_OF_PLACE.has(code ?? '')) return 2
  return error instanceof Error && EXHAUSTED.test(error.message) ? 4 : 70
}

const EXHAUSTED = new RegExp(
  '\\b(ENOSPC|EDQUOT|EMFILE|ENFILE|ENOMEM)\\b|No space left on device|Too many open files|' +
    '^Out of Memory Error',
)

/** What the system says where something else stands at a path than belongs there, or is closed. */
const OUT_OF_PLACE = new Set([
  'EACCES',
  'EEXIST',
  'EISDIR',
  'ELOOP',
  'ENAMETOOLONG',
  'ENOTDIR',
  'ENXIO',
  'EPERM',
  'EROFS',
  'ESPIPE',
])

/** What Node says of an import whose package is not there, without the path of our own chunk. */
function missingPackage(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  if (error.code !== 'ERR_MODULE_NOT_FOUND') return undefined
  return /^Cannot find package '([^']+)'/.exec(error.message)?.[1]
}

/** An error on its way from one thread or process of ours to another. */
export interface ToldError {
  code: number
  message: string
  field?: string | undefined
}

/** What is told of any thrown thing. */
export function toldOf(error: unknown): ToldError {
  const isData = error instanceof DataError
  return {
    code: exitCodeOf(error),
    message: isData && error.line === undefined ? error.message : messageOf(error),
    field: isData && error.line === undefined ? error.field : undefined,
  }
}

/** The error that was told, as its class. */
export function errorOf({ code, message, field }: ToldError): Failure {
  if (code === 3) return new DataError(message, { field })
  if (code === 2) return new UsageError(message)
  return code === 4 ? new TemporaryError(message) : new Failure(message)
}

/** Shortens an untrusted value for a message: one line, printable, bounded. */
export function show(value: unknown, max = 60): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : describe(value)
  const clean = text.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    '?',
  )
  return clean.length > max ? `${clean.slice(0, max - 1)}…` : clean
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number') return String(value)
  return JSON.stringify(value) ?? String(value)
}

/** Text of any thrown thing, without a stack. */
export function messageOf(error: unknown): string {
  if (error instanceof DataError) return error.toString()
  const missing = missingPackage(error)
  if (missing !== undefined) return `needs the package ${missing}, which is not installed`
  if (error instanceof Error) return error.message
  return show(error)
}
