import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { replaceFile } from '../base/atomic-write.ts'
import { show, UsageError } from '../base/errors.ts'
import { didYouMean } from '../base/suggest.ts'

/** What a version is in use for. `previous` is what a rollback goes back to. */
export const ALIASES = ['production', 'shadow', 'previous'] as const
export type Alias = (typeof ALIASES)[number]
export type Aliases = Partial<Record<Alias, string>>

/** A model name with its folder `<root>/<name>`. */
export interface Entry {
  name: string
  dir: string
  versions: readonly string[]
  aliases: Aliases
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/**
 * All models below the given roots, by name; an earlier root hides a later one's model of the same
 * name.
 */
export function listModels(roots: readonly string[]): Map<string, Entry> {
  const found = new Map<string, Entry>()
  for (const root of roots) {
    for (const name of folders(root)) {
      if (!found.has(name)) found.set(name, entryOf(root, name))
    }
  }
  return found
}

function entryOf(root: string, name: string): Entry {
  const dir = join(root, name)
  const versions = folders(dir).filter(version => existsSync(join(dir, version, 'bundle.json')))
  return { name, dir, versions, aliases: readAliases(dir) }
}

const folders = (dir: string): string[] =>
  existsSync(dir)
    ? readdirSync(dir, { withFileTypes: true })
        .filter(each => each.isDirectory() && NAME.test(each.name))
        .map(each => each.name)
        .sort()
    : []

/** The aliases of a model folder. Throws UsageError when the file is damaged. */
export function readAliases(dir: string): Aliases {
  const path = join(dir, 'aliases.json')
  if (!existsSync(path)) return {}
  try {
    const value = JSON.parse(readFileSync(path, 'utf8')) as unknown
    const entries = Object.entries(value as object)
    if (entries.every(([alias, version]) => isAlias(alias) && NAME.test(String(version))))
      return Object.fromEntries(entries)
  } catch {
    throw new UsageError(`${path}: not JSON; set it again with: sluice models alias`)
  }
  throw new UsageError(`${path}: expected production, shadow and previous with a version each`)
}

const isAlias = (text: string): text is Alias => (ALIASES as readonly string[]).includes(text)

/** One change of aliases; kept in `history.ndjson`, which only grows. */
export interface Change {
  at: number
  action: 'alias' | 'promote' | 'rollback'
  reason: string
  before: Aliases
  after: Aliases
}

/**
 * Swaps the aliases of a model folder as one step. The history line is written first, so no change
 * goes unrecorded.
 */
export function writeAliases(dir: string, change: Change): void {
  appendFileSync(join(dir, 'history.ndjson'), `${JSON.stringify(change)}\n`, {
    flush: true,
  } as object)
  replaceFile(join(dir, 'aliases.json'), `${JSON.stringify(change.after)}\n`)
}

/**
 * Aliases after `version` became production: what was there becomes previous, a shadow of that
 * version ends.
 */
export function promoted(before: Aliases, version: string): Aliases {
  const { production, shadow, previous } = before
  const after: Aliases = { production: version }
  const old = production === version ? previous : production
  if (old !== undefined) after.previous = old
  if (shadow !== undefined && shadow !== version) after.shadow = shadow
  return after
}

/** Aliases after going back to previous. Throws UsageError when there is none. */
export function rolledBack(before: Aliases): Aliases {
  if (before.previous === undefined)
    throw new UsageError('there is no previous version to go back to')
  const after: Aliases = { production: before.previous }
  if (before.production !== undefined) after.previous = before.production
  if (before.shadow !== undefined) after.shadow = before.shadow
  return after
}

/** Finds `name`, `name@version` or `name@alias`. Throws UsageError naming what exists. */
export function findVersion(
  models: Map<string, Entry>,
  wanted: string,
): { entry: Entry; version: string } {
  const [name, tag = 'production'] = wanted.split('@') as [string, string?]
  const entry = models.get(name)
  if (entry === undefined)
    throw new UsageError(`no model ${show(name)}${didYouMean(name, [...models.keys()])}`)
  const version = isAlias(tag) ? entry.aliases[tag] : tag
  if (version === undefined)
    throw new UsageError(
      `${name} has no ${tag} version; see: sluice models list, then: sluice models promote ` +
        `${name}@VERSION`,
    )
  if (!entry.versions.includes(version))
    throw new UsageError(
      `${name} has no version ${show(version)}${didYouMean(version, [...entry.versions])}`,
    )
  return { entry, version }
}

/**
 * Where models are looked for: the given folder only, or else `$SLUICE_HOME/models` (yours) before
 * the `models` folder of the package (shipped).
 */
export function modelRoots(given: string | undefined, home: string): string[] {
  return given === undefined ? [join(home, 'models'), shippedModels()] : [given]
}

/**
 * The `models` folder beside the package.json of the product, from source and from the bundled
 * build alike.
 */
export function shippedModels(from = dirname(fileURLToPath(import.meta.url))): string {
  const path = join(from, 'package.json')
  const isRoot = existsSync(path) && JSON.parse(readFileSync(path, 'utf8')).name === 'sluice'
  if (isRoot || dirname(from) === from) return join(from, 'models')
  return shippedModels(dirname(from))
}
