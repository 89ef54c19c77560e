import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'

/** Where alert lines go. */
interface AlertHook {
  send(line: string): void
  /** Waits for what is under way. */
  flush(): Promise<void>
}

/**
 * A program that takes longer is ended; a flood of alerts beyond this many waiting ones goes to
 * stderr.
 */
const LONGEST_MS = 10_000
const MOST_WAITING = 100

/**
 * Gives each alert line to `command` (a shell command line, alert on its stdin), one after the
 * other. Without a command, and when it fails, the line goes to stderr instead, so that no alert is
 * lost silently.
 */
export function makeAlertHook(
  command: string | undefined,
  stderr: (line: string) => void,
): AlertHook {
  let queue: Promise<void> = Promise.resolve()
  let waiting = 0
  return {
    send(line) {
      if (command === undefined || waiting >= MOST_WAITING) {
        stderr(line)
        return
      }
      waiting++
      queue = queue.then(async () => {
        const problem = await give(command, line)
        waiting--
        if (problem !== undefined) stderr(`${line}\nalert.command: ${problem}`)
      })
    },
    flush: () => queue,
  }
}

/**
 * What the command says of its failure, for our own message: secrets of its line may be quoted in
 * it, as by a shell that does not find a program, and are taken out there.
 */
const MOST_SAID = 1000
const LAST_WORDS_MS = 50
const quoted = (said: string): string => (said === '' ? '' : `: ${said.slice(0, MOST_SAID).trim()}`)

/** Runs the command once; what went wrong, or undefined. */
function give(command: string, line: string): Promise<string | undefined> {
  return new Promise(resolve => {
    const child = spawn(command, { shell: true, stdio: ['pipe', 'ignore', 'pipe'] })
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => {
      if (said.length < MOST_SAID) said += chunk
    })
    const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_MS)
    const end = (problem: string | undefined): void => {
      clearTimeout(timer)
      resolve(problem)
    }
    child.on('error', error => end(error.message))
    // What it leaves running in the background may hold its stderr open: nobody waits for that.
    child.on('exit', (code, signal) => {
      ;(child.stderr as Socket).unref()
      if (code === 0) end(undefined)
      else
        setTimeout(
          () => end(`ended with ${signal ?? `exit ${code}`}${quoted(said)}`),
          LAST_WORDS_MS,
        )
    })
    // A command that does not read its input has been told all the same.
    child.stdin.on('error', () => undefined)
    child.stdin.end(`${line}\n`)
  })
}
