import { join } from 'node:path'
import { messageOf, show, UsageError } from '../base/errors.ts'
import { type Flag, type Flags, kebab } from '../base/flags.ts'
import { readText } from '../base/read-text.ts'
import { noteSecret, noteUnlessFile, shownSetting } from '../base/secrets.ts'
import { didYouMean } from '../base/suggest.ts'
import { type Given, parseFlag } from './argv.ts'
import type { Command } from './command.ts'
import { isPlace } from './common-flags.ts'

export type Origin = 'flag' | 'environment' | 'config' | 'default' | 'unset'
/** Where each effective value came from. */
interface Resolved {
  values: Record<string, unknown>
  /** The same as they were typed: `10s` where the value is 10000. */
  texts: Record<string, string>
  origins: Record<string, Origin>
}
export type Environment = Record<string, string | undefined>
/** `$SLUICE_HOME/config.json`: one object per command, flags in camelCase, and `alert`. */
export type Config = Record<string, Record<string, unknown>>

/** Settings that belong to no single command. */
export const SHARED_SETTINGS: Record<string, Record<string, string>> = {
  alert: { command: 'program that gets each alert as one line on stdin' },
  live: {
    enabled: 'true lets `execute --live` trade for real',
    keypair: 'key file of the wallet, as solana-keygen writes it, mode 600',
    wallet: 'address that the key file must belong to',
    rpc: 'Solana node: an address, or a file of mode 600 with one that holds a key',
    rpcPerMinute: 'calls a minute that the node allows (600)',
    witness:
      'a second node, of somebody else, like rpc: without it a transaction that did not land has ' +
      'one witness where the chain does not finalize at once',
    allowPublicRpc: 'true accepts the public node, which drops transactions and limits calls',
    genesis: 'genesis hash of the chain (mainnet-beta)',
    exchange:
      'jupiter-v1 or jupiter-v2, whose swaps are put together and guarded here, or ' +
      'jupiter-v2-order, whose transactions are signed as they come, without a guard (jupiter-v1)',
    transactionVersion:
      '0 or 1: version of the transactions that are put together here (0 where it has room, ' +
      'else 1 where the chain takes it)',
    jupiter: 'address of Jupiter (https://api.jup.ag)',
    jupiterKey: 'file of mode 600 with the key of Jupiter',
    jupiterPerMinute: 'calls a minute that Jupiter allows (300)',
    programs: 'programs beside Jupiter that a swap may call',
    caps:
      '{perTrade, perDay, total} in SOL as strings: most that may be spent, whatever the flags ' +
      'say',
    tip: 'SOL for a tip in each swap, as a string (none)',
    tipAccounts: 'accounts that may be tipped',
    checks:
      '{maxTransferFeeBps, minLpBurned, maxTop10, without: [names]}: limits of the checks ' +
      'before each buy, and those left out',
    relay: 'block engine that gets the transactions too, as an address',
  },
}

/** Settings of these that a secret may stand in: of a hook always, else where no file is named. */
const HOOKS: readonly string[] = ['command']
export const GUARDED: readonly string[] = [
  ...HOOKS,
  'keypair',
  'rpc',
  'witness',
  'jupiter',
  'jupiterKey',
  'relay',
]

/** Section with the plugins that every command takes, by path or name. */
export const PLUGINS = 'plugins'

/**
 * Reads and checks the configuration. A missing file is an empty one. Throws UsageError naming file
 * and key.
 */
export function readConfig(home: string, commands: readonly string[]): Config {
  const path = join(home, 'config.json')
  let text: string
  try {
    text = readText(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw new UsageError(`${path}: ${messageOf(error)}`)
  }
  let config: unknown
  try {
    config = JSON.parse(text)
  } catch (error) {
    // What the parser quotes of the text may be a key.
    const reason = messageOf(error)
    throw new UsageError(`${path}: not JSON${reason.includes('"') ? '' : ` (${reason})`}`)
  }
  noteGuarded(config)
  return checkSections(path, config, [...commands, ...Object.keys(SHARED_SETTINGS), PLUGINS])
}

function noteGuarded(config: unknown): void {
  if (!isPlainObject(config)) return
  for (const section of Object.keys(SHARED_SETTINGS)) {
    const settings = config[section]
    if (!isPlainObject(settings)) continue
    for (const key of GUARDED)
      if (HOOKS.includes(key)) noteSecret(settings[key])
      else noteUnlessFile(settings[key])
  }
}

function checkSections(path: string, config: unknown, known: readonly string[]): Config {
  if (!isPlainObject(config))
    throw new UsageError(`${path}: expected an object with one key per command`)
  for (const [section, settings] of Object.entries(config)) {
    if (!known.includes(section))
      throw new UsageError(
        `${path}: unknown key ${show(section)}${insteadOf(section) ?? didYouMean(section, known)}`,
      )
    if (!isPlainObject(settings))
      throw new UsageError(`${path}: ${section}: expected an object of settings`)
    if (section === PLUGINS) checkPlugins(path, settings)
    const shared = SHARED_SETTINGS[section]
    if (shared) checkKeys(path, section, Object.keys(settings), Object.keys(shared))
  }
  return config as Config
}

/** Each plugin is named with the sha256 of its file: other bytes than those read are not run. */
function checkPlugins(path: string, plugins: Record<string, unknown>): void {
  for (const [plugin, sha256] of Object.entries(plugins))
    if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256))
      throw new UsageError(
        `${path}: plugins: ${show(plugin)}: expected the sha256 of the file as 64 hex digits, ` +
          `got ${show(sha256)}`,
      )
}

/** Sections of other bots’ configuration, and the commands whose settings take their place. */
const OTHER_SECTIONS: Readonly<Record<string, string>> = {
  dataCollection: 'features, sampler, sync',
  inference: 'predict, gate',
  training: 'train-export, retrain',
}

/** Where the handbook says what to use for a section of another bot. */
function insteadOf(section: string): string | undefined {
  const ours = Object.hasOwn(OTHER_SECTIONS, section) ? OTHER_SECTIONS[section] : undefined
  return ours && `; use settings of ${ours} (pipelines/README.md, Settings of other bots)`
}

function checkKeys(
  path: string,
  section: string,
  keys: readonly string[],
  known: readonly string[],
): void {
  const wrong = keys.find(key => !known.includes(key))
  if (wrong !== undefined)
    throw new UsageError(
      `${path}: ${section}: unknown key ${show(wrong)}${didYouMean(wrong, known)}`,
    )
}

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Environment name of any flag: SLUICE_GATE_MIN_SCORE. */
export const envName = (command: string, key: string): string =>
  `SLUICE_${command}_${kebab(key)}`.replaceAll('-', '_').toUpperCase()

/** Where values of flags come from. */
interface From {
  given: Given
  env: Environment
  config: Config
  /** Folder of config.json, to name it in errors. */
  home?: string
}

/**
 * Effective flag values: command line over environment over configuration over default. Throws
 * UsageError.
 */
export function resolve(
  command: Command,
  all: Flags,
  { given, env, config, home = '' }: From,
): Resolved {
  const flags = Object.fromEntries(Object.entries(all).filter(([key]) => !isPlace(key)))
  const section = config[command.name] ?? {}
  const path = join(home, 'config.json')
  checkKeys(path, command.name, Object.keys(section), Object.keys(flags))
  refuseUnknownEnv(command.name, flags, env)
  const values: Record<string, unknown> = {}
  const texts: Record<string, string> = {}
  const origins: Record<string, Origin> = {}
  for (const [key, flag] of Object.entries(flags)) {
    const [origin, value, text] = settle([command.name, key], flag, { given, env, section, path })
    if (value !== undefined) values[key] = value
    if (text !== undefined) texts[key] = text
    if (flag.mayBeSecret === true && origin !== 'default') noteUnlessFile(text)
    origins[key] = origin
  }
  return { values, texts, origins }
}

/** Where one value may come from; `path` is the file of the section. */
interface Places {
  given: Given
  env: Environment
  section: Record<string, unknown>
  path: string
}

function settle(
  [command, key]: readonly [string, string],
  flag: Flag,
  { given, env, section, path }: Places,
): [Origin, unknown, (string | undefined)?] {
  const typed = given.flags.get(key)
  if (typed !== undefined) return ['flag', parseFlag(`--${kebab(key)}`, flag, typed), typed]
  const names = [envName(command, key), ...(flag.env === undefined ? [] : [flag.env])]
  const name = flag.argvOnly
    ? undefined
    : names.find(each => env[each] !== undefined && env[each] !== '')
  if (name !== undefined)
    return ['environment', parseFlag(name, flag, env[name]!, shownSetting), env[name]!]
  if (key in section) {
    if (flag.argvOnly)
      throw new UsageError(`${path}: ${command}.${key}: only believed on the command line`)
    const text = settingText(section[key])
    return ['config', parseFlag(`${path}: ${command}.${key}`, flag, text, shownSetting), text]
  }
  return flag.default === undefined ? ['unset', undefined] : ['default', flag.default, flag.shown]
}

const settingText = (value: unknown): string =>
  Array.isArray(value)
    ? value.map(String).join(',')
    : typeof value === 'object'
      ? show(value)
      : String(value)

/** A mistyped SLUICE_GATE_… would silently leave the default in force. */
function refuseUnknownEnv(command: string, flags: Flags, env: Environment): void {
  const prefix = envName(command, '')
  const known = Object.keys(flags).map(key => envName(command, key))
  for (const name of Object.keys(env)) {
    if (name.startsWith(prefix) && !known.includes(name)) {
      throw new UsageError(
        `unknown environment variable ${show(name).slice(1, -1)}${didYouMean(name, known)}`,
      )
    }
  }
}
