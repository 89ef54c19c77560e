import { spawn } from 'node:child_process'
import { accessSync, closeSync, constants, openSync, readdirSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { messageOf, UsageError } from '../base/errors.ts'

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

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return [] // PATH may name what is not there or cannot be listed.
  }
}

/** Signals that are asked of us and meant for the program. */
const PASSED = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGUSR2'] as const

/**
 * Runs a program in our place: same arguments, stdin, stdout, stderr and environment. Gives its
 * exit code; when a signal ended it, the same signal ends us. Throws UsageError when it cannot be
 * started. /
 */
export async function runOutside(program: string, argv: readonly string[]): Promise<number> {
  const child = spawn(program, argv, { stdio: 'inherit' })
  const fromTerminal = hasTerminal() ? ['SIGINT', 'SIGQUIT'] : []
  const pass = (signal: NodeJS.Signals): void => {
    // The terminal tells every process of the foreground itself; a second Ctrl-C means “at once”.
    if (!fromTerminal.includes(signal)) child.kill(signal)
  }
  for (const signal of PASSED) process.on(signal, pass)
  try {
    const [code, signal] = await ended(child, program)
    if (signal === null) return code!
    for (const each of PASSED) process.removeListener(each, pass)
    process.kill(process.pid, signal)
    return 70
  } finally {
    for (const signal of PASSED) process.removeListener(signal, pass)
  }
}

const ended = (
  child: ReturnType<typeof spawn>,
  program: string,
): Promise<[number | null, NodeJS.Signals | null]> =>
  new Promise((resolve, reject) => {
    child.on('error', error =>
      reject(new UsageError(`${program} cannot be run: ${messageOf(error)}`)),
    )
    child.on('exit', (code, signal) => resolve([code, signal]))
  })

function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'))
    return true
  } catch {
    return false // No terminal controls us: nobody but our sender has told the program.
  }
}
