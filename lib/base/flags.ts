/**
 * Flags as data. Each is declared once; parsing, `--help`, completions, the README reference,
 * configuration and environment names all follow. A `parse` only validates text: it never touches
 * files, clock or network.
 */
export interface Flag<T = unknown> {
  kind:
    | 'number'
    | 'integer'
    | 'text'
    | 'file'
    | 'bool'
    | 'choice'
    | 'list'
    | 'duration'
    | 'bytes'
    | 'sol'
  doc: string
  /** Placeholder in help, e.g. `N` or `FILE`. */
  value: string
  default?: T
  /** Text of the default in help, as a user would type it. */
  shown?: string
  /** Environment variable, beside the generic SLUICE_<COMMAND>_<FLAG>. */
  env?: string
  choices?: readonly string[]
  /** What the names are of that it takes: completions look for those that there are. */
  names?: Names
  /** A switch of every command that stands for this flag where one of its words follows. */
  also?: string
  /** Title under which help, man page and reference list it. */
  group?: string
  /** A secret may stand here by mistake: it is shown, and told, as the name of a file only. */
  mayBeSecret?: boolean
  /** Only believed on the command line: danger is never switched on by a file or an environment. */
  argvOnly?: boolean
  /** Returns the value, or throws an Error whose message completes “expected …”. */
  parse(text: string): T
}
export type Flags = Record<string, Flag>
/** Things with names that a completion can look up in the home folder. */
export type Names = 'models' | 'journals'
/** What each flag is worth when nobody sets it; undefined where it has no default. */
export const defaultsOf = <F extends Flags>(flags: F): Values<F> =>
  Object.fromEntries(Object.entries(flags).map(([name, flag]) => [name, flag.default])) as Values<F>
export type Values<F extends Flags> = { [K in keyof F]: F[K] extends Flag<infer T> ? T : never }

interface Options<T> {
  default?: T
  mayBeSecret?: boolean
  env?: string
  value?: string
  names?: Names
}
interface Bounds {
  min?: number
  max?: number
}
/** With a default the value is always there. */
type Of<T, O> = O extends { default: T } ? Flag<T> : Flag<T | undefined>

function flag<T, O extends Options<T>>(
  kind: Flag['kind'],
  doc: string,
  value: string,
  options: O & { shown?: string },
  parse: (text: string) => T,
): Of<T, O> {
  const { default: fallback, env, shown, names, mayBeSecret } = options
  const made: Flag<T> = { kind, doc, value: options.value ?? value, parse }
  if (names !== undefined) made.names = names
  if (mayBeSecret !== undefined) made.mayBeSecret = mayBeSecret
  if (fallback !== undefined) made.default = fallback
  if (env !== undefined) made.env = env
  made.shown = shown ?? (fallback === undefined ? '' : String(fallback))
  return made as unknown as Of<T, O>
}

const reject = (expected: string): never => {
  throw new Error(expected)
}
const range = ({ min, max }: Bounds): string =>
  min !== undefined && max !== undefined
    ? ` from ${min} to ${max}`
    : min !== undefined
      ? ` of at least ${min}`
      : max !== undefined
        ? ` of at most ${max}`
        : ''

function bounded(value: number, what: string, bounds: Bounds): number {
  const { min = -Number.MAX_VALUE, max = Number.MAX_VALUE } = bounds
  return value >= min && value <= max ? value : reject(what + range(bounds))
}

const DECIMAL = /^-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$/

/** A decimal number. */
export const num = <const O extends Options<number> & Bounds>(doc: string, options: O = {} as O) =>
  flag<number, O>('number', doc, 'N', options, text =>
    DECIMAL.test(text)
      ? bounded(Number(text), 'a number', options)
      : reject(`a number${range(options)}`),
  )
/** A whole number. */
export const int = <const O extends Options<number> & Bounds>(doc: string, options: O = {} as O) =>
  flag<number, O>('integer', doc, 'N', options, text =>
    /^-?\d{1,15}$/.test(text)
      ? bounded(Number(text), 'a whole number', options)
      : reject(`a whole number${range(options)}`),
  )
/** A whole number, or `auto`: what a line, or what is read, tells. */
export const intOrAuto = <const O extends Options<number | 'auto'> & Bounds>(
  doc: string,
  options: O = {} as O,
) =>
  flag<number | 'auto', O>('integer', doc, 'N|auto', options, text =>
    text === 'auto'
      ? 'auto'
      : /^-?\d{1,15}$/.test(text)
        ? bounded(Number(text), 'auto or a whole number', options)
        : reject(`auto or a whole number${range(options)}`),
  )
/** Any text. */
export const text = <const O extends Options<string> & { pattern?: RegExp; expected?: string }>(
  doc: string,
  options: O = {} as O,
) =>
  flag<string, O>('text', doc, 'TEXT', options, value =>
    options.pattern === undefined || options.pattern.test(value)
      ? value
      : reject(options.expected ?? `text like ${options.pattern}`),
  )
/** A path. */
export const file = <const O extends Options<string>>(doc: string, options: O = {} as O) =>
  flag<string, O>('file', doc, 'FILE', options, value =>
    value.includes('\0') ? reject('a path') : value,
  )
/** On or off; `--no-x` when it is on by default. */
export const bool = <const O extends Options<boolean> & { argvOnly?: boolean }>(
  doc: string,
  options: O = {} as O,
): Flag<boolean> => {
  const made = flag<boolean, { default: boolean }>(
    'bool',
    doc,
    '',
    { ...options, default: options.default ?? false },
    value => (value === 'true' ? true : value === 'false' ? false : reject('true or false')),
  )
  if (options.argvOnly) made.argvOnly = true
  return made
}
/** One of a list of words. */
export const choice = <const T extends string, const O extends Options<T> & { also?: string }>(
  doc: string,
  choices: readonly T[],
  options: O = {} as O,
): Of<T, O> => {
  const made = flag<T, O>('choice', doc, choices.join('|'), options, value =>
    choices.includes(value as T) ? (value as T) : reject(`one of ${choices.join(', ')}`),
  )
  made.choices = choices
  if (options.also !== undefined) made.also = options.also
  return made
}
/** Comma-separated words; repeating the flag adds to the list. */
export const list = <const O extends Options<readonly string[]>>(
  doc: string,
  options: O & { choices?: readonly string[] } = {} as O,
): Of<readonly string[], O> => {
  const shown = options.default === undefined ? {} : { shown: options.default.join(',') }
  const made = flag<readonly string[], O>('list', doc, 'A,B', { ...options, ...shown }, value => {
    const words = value.split(',').map(word => word.trim())
    if (words.includes('')) reject('words separated by commas')
    const wrong = words.find(
      word => options.choices !== undefined && !options.choices.includes(word),
    )
    return wrong === undefined ? words : reject(`any of ${options.choices?.join(', ')}`)
  })
  if (options.choices) made.choices = options.choices
  return made
}

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * A duration like 250ms, 10s, 5m, 2h, 7d; the value is in milliseconds. `bareMs` lets a bare number
 * stand for milliseconds, for settings whose environment name says so.
 */
export const duration = <
  const O extends { default?: string; env?: string; bareMs?: boolean } & {
    min?: string
    max?: string
  },
>(
  doc: string,
  options: O = {} as O,
) => {
  const { default: fallback, min, max, env } = options
  const bounds: Bounds = {}
  if (min !== undefined) bounds.min = milliseconds(min)
  if (max !== undefined) bounds.max = milliseconds(max)
  const range = min || max ? ` (${min ?? '0'} to ${max ?? 'any'})` : ''
  const words = `a duration like 10s or 5m${range}`
  const parse = (value: string): number => {
    const ms = milliseconds(options.bareMs && /^\d+$/.test(value) ? `${value}ms` : value)
    return Number.isNaN(ms) ||
      ms < (bounds.min ?? 0) ||
      ms > (bounds.max ?? Number.MAX_SAFE_INTEGER)
      ? reject(words)
      : ms
  }
  const given: Options<number> & { shown?: string } = env === undefined ? {} : { env }
  if (fallback !== undefined)
    Object.assign(given, { default: milliseconds(fallback), shown: fallback })
  return flag<number, Options<number>>('duration', doc, 'TIME', given, parse) as unknown as Of<
    number,
    O extends { default: string } ? { default: number } : Record<never, never>
  >
}

/** Milliseconds of `10s`; NaN when it is not a duration. A bare 0 is a duration. */
export function milliseconds(value: string): number {
  if (value === '0') return 0
  const found = /^(\d{1,9}(?:\.\d{1,6})?)(ms|s|m|h|d)$/.exec(value)
  return found ? Math.round(Number(found[1]) * UNITS[found[2]!]!) : Number.NaN
}

const SIZES: Record<string, number> = { B: 1, KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 }

/** A size like 512MB or 5GB (powers of 1024); the value is in bytes. */
export const bytes = <const O extends { default?: string }>(doc: string, options: O = {} as O) => {
  const parse = (value: string): number => {
    const found = /^(\d{1,9}(?:\.\d{1,3})?)(B|KB|MB|GB|TB)$/.exec(value)
    return found
      ? Math.round(Number(found[1]) * SIZES[found[2]!]!)
      : reject('a size like 512MB or 5GB')
  }
  const given: Options<number> & { shown?: string } =
    options.default === undefined ? {} : { default: parse(options.default), shown: options.default }
  return flag<number, Options<number>>('bytes', doc, 'SIZE', given, parse) as unknown as Of<
    number,
    O extends { default: string } ? { default: number } : Record<never, never>
  >
}

/** An amount of SOL typed as a decimal; the value is in lamports, exact. */
export const sol = <const O extends { default?: string; env?: string } & { max?: string }>(
  doc: string,
  options: O = {} as O,
) => {
  const { default: fallback, max, env } = options
  const limit = max === undefined ? undefined : lamports(max)
  const parse = (value: string): bigint => {
    const amount = lamports(value)
    if (amount === undefined || (limit !== undefined && amount > limit))
      reject(`an amount of SOL like 0.1${max ? ` up to ${max}` : ''}`)
    return amount!
  }
  const given: Options<bigint> & { shown?: string } = env === undefined ? {} : { env }
  if (fallback !== undefined) Object.assign(given, { default: parse(fallback), shown: fallback })
  return flag<bigint, Options<bigint>>('sol', doc, 'SOL', given, parse) as unknown as Of<
    bigint,
    O extends { default: string } ? { default: bigint } : Record<never, never>
  >
}

/**
 * Lamports of a decimal amount of SOL; undefined when it is not one or has more than nine decimals.
 */
export function lamports(value: string): bigint | undefined {
  const found = /^(\d{1,12})(?:\.(\d{1,9}))?$/.exec(value)
  return found
    ? BigInt(found[1]!) * 1_000_000_000n + BigInt((found[2] ?? '').padEnd(9, '0'))
    : undefined
}

/**
 * The same flags under a title of their own in help, man page and reference. Titles stand there in
 * the order of their first flags; flags without one come first of all.
 */
export const grouped = <const F extends Flags>(title: string, flags: F): F =>
  Object.fromEntries(
    Object.entries(flags).map(([key, flag]) => [key, { ...flag, group: title }]),
  ) as F

/** `minScore` → `min-score`. */
export const kebab = (name: string): string =>
  name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
/** `min-score` → `minScore`. */
export const camel = (name: string): string =>
  name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
