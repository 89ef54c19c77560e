import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { messageOf, UsageError } from '../base/errors.ts'

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
