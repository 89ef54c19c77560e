import { existsSync } from 'node:fs'
import { basename, extname, isAbsolute, join } from 'node:path'
import { show, UsageError } from '../base/errors.ts'
import type { NamedPlugins } from '../cli/named-plugins.ts'
import { guarded } from './guards.ts'
import type { Plugin } from './plugin.ts'
import { makeApi } from './plugin-api.ts'
import {
  EXTENSIONS,
  importPlugin,
  type PluginFile,
  readPluginFile,
  thrownBy,
} from './plugin-file.ts'
import { readParts } from './plugin-shape.ts'

/**
 * Loads the plugins that the configuration and a command line name, each once, and gives a line to
 * tell of each that only the command line names: its sha256. Throws a UsageError for a file whose
 * hash is not the one configured, for one that the configuration does not name where `isStrict`,
 * and for one that cannot be loaded.
 */
export async function loadPlugins(
  { words, configured, home }: NamedPlugins,
  isStrict: boolean,
): Promise<{ plugins: Plugin[]; news: string[] }> {
  const folder = join(home, 'plugins')
  const files = new Map<string, PluginFile>()
  const news: string[] = []
  for (const [word, sha256] of Object.entries(configured)) {
    const file = readPluginFile(configuredPath(word, folder))
    if (file.sha256 !== sha256)
      throw new UsageError(
        `config.json: plugins: ${word} is ${file.sha256}, expected ${sha256}; read what has ` +
          'changed, then write the new hash',
      )
    files.set(file.path, file)
  }
  for (const word of words) {
    const file = readPluginFile(pathOf(word, folder))
    if (files.has(file.path)) continue
    if (isStrict)
      throw new UsageError(
        `--plugin ${word}: trading for real takes only plugins that config.json names: ` +
          `"plugins": {${JSON.stringify(file.path)}: "${file.sha256}"}`,
      )
    files.set(file.path, file)
    news.push(`plugin ${file.path}: sha256 ${file.sha256}`)
  }
  refuseNamesakes([...files.values()])
  return { plugins: await Promise.all([...files.values()].map(loadPlugin)), news }
}

/** Runs a plugin that was read, and guards what it adds. Throws UsageError. */
async function loadPlugin(file: PluginFile): Promise<Plugin> {
  const plugin = await loadBare(file)
  return { ...plugin, ...guarded(`plugin ${basename(file.path)}`, plugin) }
}

/** Runs a plugin that was read, and checks the shape of what it adds. Throws UsageError. */
export async function loadBare(file: PluginFile): Promise<Plugin> {
  const { name, path, sha256 } = file
  const made = await importPlugin(file)
  const who = basename(path)
  if (typeof made !== 'function')
    throw new UsageError(
      `plugin ${who}: export default: expected a function (sluice) => ({version, …}), got ` +
        show(made),
    )
  let declared: unknown
  try {
    declared = made(makeApi())
  } catch (error) {
    throw thrownBy(who, error)
  }
  return { name, path, sha256, ...readParts(`plugin ${who}`, declared) }
}

/** A path in the configuration must not depend on where a command is started. */
function configuredPath(word: string, folder: string): string {
  if (isAbsolute(word)) return word
  if (!word.includes('/')) return inFolder(word, folder)
  throw new UsageError(
    `config.json: plugins: ${show(word)}: expected an absolute path, or the name of a file in ` +
      folder,
  )
}

/** A word with an extension is a file before it is a name in the folder of the home. */
function pathOf(word: string, folder: string): string {
  if (word.includes('/')) return word
  const here = extname(word) !== '' && existsSync(word)
  if (!here) return inFolder(word, folder)
  if (existsSync(join(folder, word)))
    throw new UsageError(
      `--plugin ${word}: there is one here and one in ${folder}; say ./${word} or its full path`,
    )
  return word
}

function inFolder(name: string, folder: string): string {
  const names = extname(name) === '' ? EXTENSIONS.map(each => name + each) : [name]
  const found = names.map(each => join(folder, each)).filter(each => existsSync(each))
  if (found.length === 1) return found[0]!
  throw new UsageError(
    found.length === 0
      ? `no plugin ${show(name).slice(1, -1)} in ${folder}`
      : `plugin ${name}: there are ${found.join(' and ')}; say which`,
  )
}

function refuseNamesakes(files: readonly PluginFile[]): void {
  const twice = files.find(({ name }, i) => files.findIndex(file => file.name === name) < i)
  if (twice !== undefined)
    throw new UsageError(`plugin ${twice.name}: two files of this name are named`)
}
