import { accessSync, constants, readdirSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Commands that are programs of their own: an executable `sluice-foo` on PATH is `sluice foo`. */
const PREFIX = 'sluice-'
const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/

/**
 * Folders of PATH. An empty entry, which POSIX keeps for the current folder, is mostly a slip (a
 * trailing colon) and would run what lies where one happens to be: only `.` says so. /
 */
const foldersOf = (path: string | undefined): string[] =>
  (path ?? '').split(delimiter).filter(folder => folder !== '')

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false // Not there, not ours to run, or a link to nothing: the next folder may do.
  }
}

/** The program of `sluice NAME`: the first on PATH, or undefined. */
export function programOnPath(name: string, path: string | undefined): string | undefined {
  if (!NAME.test(name)) return undefined
  return foldersOf(path)
    .map(folder => join(folder, PREFIX + name))
    .find(isProgram)
}

/** Names of all such programs, sorted, each once. */
export function namesOnPath(path: string | undefined): string[] {
  const names = new Set<string>()
  for (const folder of foldersOf(path)) {
    for (const file of filesIn(folder)) {
      const name = file.startsWith(PREFIX) ? file.slice(PREFIX.length) : ''
      if (NAME.test(name) && isProgram(join(folder, file))) names.add(name)
    }
  }
  return [...names].sort()
}

/** What PATH adds to the overview; nothing where it adds nothing. */
export function overviewOfPath(path: string | undefined, known: readonly string[]): string {
  const rows = namesOnPath(path)
    .filter(name => !known.includes(name))
    .map(name => `  ${name.padEnd(15)}runs sluice-${name}\n`)
  return rows.length === 0 ? '' : `\nOn PATH:\n${rows.join('')}`
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return [] // PATH may name what is not there or cannot be listed.
  }
}
