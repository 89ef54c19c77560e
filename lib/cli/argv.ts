import { parseArgs } from 'citty'
import { show, UsageError } from '../base/errors.ts'
import { type Flag, type Flags, kebab } from '../base/flags.ts'
import { didYouMean } from '../base/suggest.ts'
import type { Args, Command } from './command.ts'

/** What the command line said, still as text: values per flag, and positional arguments. */
export interface Given {
  flags: Map<string, string>
  args: string[]
}

/**
 * Parses a command line. citty does the splitting; everything that it would let through is refused
 * before it sees it: unknown flags (it runs with the default), stray words (`--live false` is
 * live), a missing value (`Number('')` is 0), a flag given twice (the last one wins). Throws
 * UsageError with one line.
 */
export function parseArgv(command: Command, flags: Flags, argv: readonly string[]): Given {
  const { tokens, args } = fence(flags, argv, command.args?.isRest === true)
  const values = mergeLists(flags, tokens)
  const parsed: Record<string, unknown> = parseArgs(
    [...values].map(([name, value]) => `--${name}=${value}`),
    Object.fromEntries([...values.keys()].map(name => [name, { type: 'string' }])),
  )
  checkPositionals(command, args)
  return {
    flags: new Map([...values.keys()].map(name => [keyOf(flags, name)!, String(parsed[name])])),
    args,
  }
}

/** One value per flag. Only lists may be given several times. */
function mergeLists(flags: Flags, tokens: readonly [string, string][]): Map<string, string> {
  const values = new Map<string, string>()
  for (const [name, value] of tokens) {
    const before = values.get(name)
    if (before !== undefined && flags[keyOf(flags, name)!]?.kind !== 'list')
      throw new UsageError(`--${name}: given twice`)
    values.set(name, before === undefined ? value : `${before},${value}`)
  }
  return values
}

const keyOf = (flags: Flags, name: string): string | undefined =>
  Object.keys(flags).find(key => kebab(key) === name)

/** Turns argv into name=value pairs and positionals, refusing whatever was not declared. */
function fence(
  flags: Flags,
  argv: readonly string[],
  isRest: boolean,
): { tokens: [string, string][]; args: string[] } {
  const tokens: [string, string][] = []
  const args: string[] = []
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!
    if (word === '--') {
      args.push(...argv.slice(i + 1))
      break
    }
    if (!word.startsWith('-') || word === '-') {
      args.push(...(isRest ? argv.slice(i) : [word]))
      if (isRest) break
      continue
    }
    const spelled = otherName(flags, word, argv[i + 1])
    if (spelled !== undefined) {
      tokens.push(spelled.token)
      i += spelled.took
      continue
    }
    const { name, value, takesNext } = readFlag(flags, word)
    if (!takesNext) tokens.push([name, value!])
    else tokens.push([name, valueAfter(flags, name, argv[++i])])
  }
  return { tokens, args }
}

/** `--quiet last` of a command whose flag with that word may also be called so. */
function otherName(
  flags: Flags,
  word: string,
  next: string | undefined,
): { token: [string, string]; took: number } | undefined {
  const [, name = '', , told] = /^--([a-z-]+)(=(.*))?$/.exec(word) ?? []
  const key = Object.keys(flags).find(each => flags[each]!.also === name)
  const value = told ?? next
  if (key === undefined || value === undefined || !flags[key]!.choices?.includes(value))
    return undefined
  return { token: [kebab(key), value], took: told === undefined ? 1 : 0 }
}

function readFlag(
  flags: Flags,
  word: string,
): { name: string; value: string | undefined; takesNext: boolean } {
  if (!word.startsWith('--'))
    throw new UsageError(
      `unknown flag ${show(word).replaceAll('"', '')}; flags start with two dashes`,
    )
  const equals = word.indexOf('=')
  const name = word.slice(2, equals < 0 ? undefined : equals)
  const value = equals < 0 ? undefined : word.slice(equals + 1)
  const positive = name.startsWith('no-') ? keyOf(flags, name.slice(3)) : undefined
  const key = keyOf(flags, name) ?? positive
  const flag = key === undefined ? undefined : flags[key]!
  if (flag === undefined || (positive === key && !isSwitchedOff(flag, value))) {
    throw new UsageError(
      'unknown flag ' +
        `--${show(name).slice(1, -1)}${didYouMean(name, Object.keys(flags).map(kebab), '--')}`,
    )
  }
  if (key === positive) return { name: name.slice(3), value: 'false', takesNext: false }
  if (flag.kind === 'bool') return { name, value: value ?? 'true', takesNext: false }
  if (value === '') throw new UsageError(`--${name}: needs a value`)
  return { name, value, takesNext: value === undefined }
}

/** `--no-x` exists only for switches that are on by default: there is no double negation. */
const isSwitchedOff = (flag: Flag, value: string | undefined): boolean =>
  flag.kind === 'bool' && flag.default === true && value === undefined

function valueAfter(flags: Flags, name: string, next: string | undefined): string {
  const flag = flags[keyOf(flags, name)!]!
  const isNumber = /^-[\d.]/.test(next ?? '') && (flag.kind === 'number' || flag.kind === 'integer')
  if (next === undefined || next === '' || (next.startsWith('-') && next !== '-' && !isNumber)) {
    throw new UsageError(`--${name}: needs a value`)
  }
  return next
}

function checkPositionals(command: Command, args: readonly string[]): void {
  const { min = 0, max = Number.POSITIVE_INFINITY, name = '', actions } = command.args ?? { max: 0 }
  if (actions === undefined) checkCount(args, { name, min, max })
  else checkAction(name, actions, args)
}

function checkCount(
  args: readonly string[],
  { name, min, max }: { name: string; min: number; max: number },
): void {
  if (args.length > max) {
    const stray = show(args[max]).slice(1, -1)
    throw new UsageError(`unexpected argument ${stray}${max === 0 ? '' : ` after ${name}`}`)
  }
  if (args.length < min) throw new UsageError(`needs ${name}`)
}

/** The first argument is an action, the others are as many as it takes. */
function checkAction(
  name: string,
  actions: NonNullable<Args['actions']>,
  [word, ...rest]: readonly string[],
): void {
  const known = Object.keys(actions)
  if (word === undefined) throw new UsageError(`needs ${name}: one of ${known.join(', ')}`)
  if (!Object.hasOwn(actions, word))
    throw new UsageError(
      `${show(word).slice(1, -1)}: expected one of ${known.join(', ')}${didYouMean(word, known)}`,
    )
  const words = actions[word]!.args.split(' ').filter(each => each !== '')
  const min = words.filter(each => !each.startsWith('[')).length
  try {
    checkCount(rest, { name: words.join(' '), min, max: words.length })
  } catch (error) {
    throw new UsageError(`${word}: ${(error as Error).message}`)
  }
}

/** Value of a flag from text; the message names flag, expectation and what was found. */
export function parseFlag(
  label: string,
  flag: Flag,
  text: string,
  shown: (text: string) => string = show,
): unknown {
  try {
    return flag.parse(text)
  } catch (error) {
    throw new UsageError(`${label}: expected ${(error as Error).message}, got ${shown(text)}`)
  }
}
