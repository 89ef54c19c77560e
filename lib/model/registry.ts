import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { replaceFile } from '../base/atomic-write.ts'
import { show, UsageError } from '../base/errors.ts'
import { didYouMean } from '../base/suggest.ts'

/** What a version is in use for. `previous` is what a rollback goes back to. */
export const ALIASES = ['production', 'shadow', 'previous'] as const
export type Alias = (typeof ALIASES)[number]
export type Aliases = Partial<Record<Alias, string>>

/** A model name with its folders `<root>/<name>`. */
export interface Entry {
  name: string
  /** The folder whose aliases are in force: the first that has any. */
  dir: string
  /** Every folder of that name, in the order of the roots. */
  dirs: readonly string[]
  versions: readonly string[]
  aliases: Aliases
}

/** Models by name, and the folders in which they were looked for. */
export type Models = Map<string, Entry> & { roots?: readonly string[] }

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/**
 * All models below the given roots, by name. Versions of all roots count; of two with the same name
 * that of the earlier root is taken. Aliases are those of the first root that has any: what was put
 * to use at home wins, and a version that merely lies there changes nothing of what is in use.
 */
export function listModels(roots: readonly string[]): Models {
  const found: Models = new Map<string, Entry>()
  found.roots = roots
  for (const root of roots) {
    for (const name of folders(root)) {
      if (found.has(name)) continue
      const entry = entryOf(roots, name)
      // A folder may hold the recipe of a model that is not made yet.
      const isMade = entry.versions.length > 0 || Object.keys(entry.aliases).length > 0
      if (isMade) found.set(name, entry)
    }
  }
  return found
}

/** Every NAME and NAME@VERSION below the roots, for completion: no file in them is read. */
export const modelNames = (roots: readonly string[]): string[] => [
  ...new Set(
    roots.flatMap(root =>
      folders(root).flatMap(name => [
        name,
        ...folders(join(root, name)).map(version => `${name}@${version}`),
      ]),
    ),
  ),
]

function entryOf(roots: readonly string[], name: string): Entry {
  const dirs = roots.map(root => join(root, name)).filter(dir => existsSync(dir))
  const dir = dirs.find(each => existsSync(join(each, 'aliases.json'))) ?? dirs[0]!
  const versions = new Set(
    dirs.flatMap(each => folders(each).filter(version => holds(each, version))).sort(),
  )
  return { name, dir, dirs, versions: [...versions], aliases: readAliases(dir) }
}

const holds = (dir: string, version: string): boolean =>
  existsSync(join(dir, version, 'bundle.json'))

/** The folder of a version: the first that holds it. */
export const versionDir = ({ dirs }: Entry, version: string): string =>
  join(dirs.find(dir => holds(dir, version)) ?? dirs[0]!, version)

/**
 * The folder of a model below `root`, ready for a change of its aliases. Copied into it are the
 * aliases in force with their history, and the versions that they and `aliases` name: an upgrade of
 * the program, which brings other versions, then takes away nothing that is in use. What lies
 * elsewhere is not touched. Throws UsageError where the root is that of the program.
 */
export function adopt(entry: Entry, root: string, aliases = entry.aliases): string {
  const own = join(root, entry.name)
  refuseShipped(own)
  mkdirSync(own, { recursive: true })
  for (const version of new Set([...Object.values(entry.aliases), ...Object.values(aliases)]))
    if (!holds(own, version) && entry.versions.includes(version))
      copyVersion(versionDir(entry, version), join(own, version))
  if (entry.dir === own) return own
  for (const file of ['history.ndjson', 'aliases.json'])
    if (existsSync(join(entry.dir, file)))
      replaceFile(join(own, file), readFileSync(join(entry.dir, file)))
  return own
}

/** Copies the files of a version as one step. What is read-only there is ours to remove here. */
function copyVersion(from: string, to: string): void {
  const copy = join(dirname(to), `.${basename(to)}.${process.pid}.tmp`)
  rmSync(copy, { recursive: true, force: true })
  mkdirSync(copy)
  for (const file of readdirSync(from))
    writeFileSync(join(copy, file), readFileSync(join(from, file)))
  renameSync(copy, to)
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

/** ` (looked in A and B)`, for messages about models that are not there. */
const lookedIn = ({ roots = [] }: Models): string =>
  roots.length === 0 ? '' : ` (looked in ${roots.join(' and ')})`

/** The tag by which a version that says of itself that it is an example is asked for. */
const EXAMPLE = 'example'

/**
 * The newest version whose bundle says that it is an example. Nobody puts one to use but by name,
 * so it needs no alias, and what somebody promotes at home cannot hide it.
 */
function exampleOf(entry: Entry): string | undefined {
  const isExample = (version: string): boolean => {
    try {
      const path = join(versionDir(entry, version), 'bundle.json')
      return (JSON.parse(readFileSync(path, 'utf8')) as { example?: string }).example !== undefined
    } catch {
      return false // Whoever opens it says what is wrong with it.
    }
  }
  return entry.versions.findLast(isExample)
}

/** That no model is in production, and the examples that can be asked for by name. */
export function noneInProduction(models: Models): string {
  const examples = [...models.values()]
    .filter(entry => exampleOf(entry) !== undefined)
    .map(({ name }) => `--model ${name}@${EXAMPLE}`)
  const offer =
    examples.length === 0 ? '' : `; examples, not to be traded on: ${examples.join(', ')}`
  return `no model is in production${lookedIn(models)}${offer}`
}

/**
 * Finds `name`, `name@version`, `name@alias` or `name@example`. Throws UsageError naming what
 * exists.
 */
export function findVersion(models: Models, wanted: string): { entry: Entry; version: string } {
  const [name, tag = 'production'] = wanted.split('@') as [string, string?]
  const entry = models.get(name)
  if (entry === undefined)
    throw new UsageError(
      `no model ${show(name)}${lookedIn(models)}${didYouMean(name, [...models.keys()])}`,
    )
  const version = versionOf(entry, tag)
  if (version === undefined) throw new UsageError(`${name} has no ${tag} version; ${wayTo(entry)}`)
  if (!entry.versions.includes(version))
    throw new UsageError(
      `${name} has no version ${show(version)}${didYouMean(version, [...entry.versions])}`,
    )
  return { entry, version }
}

function versionOf(entry: Entry, tag: string): string | undefined {
  if (isAlias(tag)) return entry.aliases[tag]
  return tag === EXAMPLE && !entry.versions.includes(tag) ? exampleOf(entry) : tag
}

/** What to do where a version is missing. */
function wayTo(entry: Entry): string {
  const { name } = entry
  const promote = `sluice models promote ${name}@VERSION`
  return exampleOf(entry) === undefined
    ? `see: sluice models list, then: ${promote}`
    : `it ships as an example, not to be traded on: ask for it as ${name}@${EXAMPLE}, or put a ` +
        `version of yours to use: ${promote}`
}

/**
 * Where models are looked for: the given folder only, or else `$SLUICE_HOME/models` (yours) before
 * the `models` folder of the package (shipped). Throws UsageError for a given folder that is not
 * there: one that is mistyped is no answer to which models there are. Yours may be: the first model
 * makes it.
 */
export function modelRoots(given: string | undefined, home: string): string[] {
  if (given === undefined) return [join(home, 'models'), shippedModels()]
  if (resolve(given) !== resolve(home, 'models') && !existsSync(given))
    throw new UsageError(`--models (ML_MODELS_PATH): no folder ${given}`)
  return [given]
}

/** Whether the place of a new bundle is said as NAME@VERSION. */
export const isVersionName = (out: string): boolean => /^[^/@]+@[^/@]+$/.test(out)

/**
 * The folder for a new bundle: NAME@VERSION is that version in `$SLUICE_HOME/models`, anything else
 * is a path. Throws UsageError for a path in the models of the program, which only the program
 * brings.
 */
export function bundleFolder(out: string, home: string): string {
  if (isVersionName(out)) return join(home, 'models', ...out.split('@'))
  refuseShipped(out)
  return out
}

function refuseShipped(path: string): void {
  const shipped = shippedModels()
  if (resolve(path).startsWith(`${shipped}${sep}`))
    throw new UsageError(
      `${path} is among the models of the program, which are only read; yours are in ` +
        '$SLUICE_HOME/models: say NAME@VERSION, or leave --models out',
    )
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
