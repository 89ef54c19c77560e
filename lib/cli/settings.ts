import { UsageError } from '../base/errors.ts'
import type { Flag } from '../base/flags.ts'
import { shownSecret, withoutSecrets } from '../base/secrets.ts'
import { didYouMean } from '../base/suggest.ts'
import type { Registry } from './command.ts'
import { allFlags } from './common-flags.ts'
import {
  type Environment,
  GUARDED,
  type Origin,
  PLUGINS,
  readConfig,
  resolve,
  SHARED_SETTINGS,
} from './config.ts'
import type { Home } from './home.ts'
import { extended } from './named-plugins.ts'

/** One effective setting. */
interface Setting {
  command: string
  setting: string
  value: unknown
  from: Origin
}

/** Kinds whose values are held in other units than they are typed in. */
const MEASURES: readonly Flag['kind'][] = ['duration', 'bytes', 'sol']

/**
 * Settings in force for the named commands (all when none is named), leaving out those that are
 * unset. Durations, sizes and amounts are text, as they were typed, so that no digit is lost and
 * they can be typed again; everything else keeps its type.
 */
export async function effectiveSettings(
  registry: Registry,
  names: readonly string[],
  env: Environment,
  { path: home, from }: Home,
): Promise<Setting[]> {
  const known = Object.keys(registry)
  const wrong = names.find(name => !known.includes(name))
  if (wrong !== undefined)
    throw new UsageError(`no such command ${wrong}${didYouMean(wrong, known)}`)
  const config = readConfig(home, known)
  const rows: Setting[] = [
    {
      command: '',
      setting: 'home',
      value: home,
      from,
    },
  ]
  for (const name of names.length > 0 ? names : known) {
    const { default: own } = await registry[name]!()
    const command = await extended(own, [], { env, commands: known })
    const flags = allFlags(command.kind, command.flags)
    const { values, texts, origins } = resolve(command, flags, {
      given: { flags: new Map(), args: [] },
      env,
      config,
      home,
    })
    for (const [setting, value] of Object.entries(values)) {
      const { kind, mayBeSecret } = flags[setting]!
      const typed = MEASURES.includes(kind) ? texts[setting] : value
      const shown = mayBeSecret ? shownSecret(typed) : plain(typed)
      rows.push({ command: name, setting, value: shown, from: origins[setting]! })
    }
  }
  if (names.length === 0)
    for (const [setting, value] of Object.entries(config[PLUGINS] ?? {}))
      rows.push({ command: PLUGINS, setting, value, from: 'config' })
  for (const [section, keys] of Object.entries(SHARED_SETTINGS)) {
    for (const setting of Object.keys(keys)) {
      const value = config[section]?.[setting]
      if (value === undefined || names.length > 0) continue
      const shown = GUARDED.includes(setting) ? shownSecret(value) : plain(value)
      rows.push({ command: section, setting, value: shown, from: 'config' })
    }
  }
  return rows
}

/** Any other value; an address that stands in one keeps its host. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  return typeof value === 'string' ? withoutSecrets(value) : value
}
