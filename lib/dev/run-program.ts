import { spawn } from 'node:child_process'

/** What a program did. */
export interface Outcome {
  /** Exit code, or null when it was ended by a signal. */
  code: number | null
  /** Everything that it printed. */
  text: string
  seconds: number
}

/** No program that a round starts runs longer. */
const MOST_MS = 120_000
/** What does not end when asked is ended. */
const PATIENCE_MS = 5000

/**
 * Runs a program in a process group of its own and keeps what it prints. An abort, or two minutes,
 * ends the whole group: a runner of tests has children of its own.
 */
export function runProgram(
  file: string,
  words: readonly string[],
  { signal }: { signal: AbortSignal },
): Promise<Outcome> {
  const startedAt = performance.now()
  const child = spawn(file, words, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  child.stdout.on('data', chunk => (text += chunk))
  child.stderr.on('data', chunk => (text += chunk))
  let hard: NodeJS.Timeout | undefined
  const end = (): void => {
    endGroup(child.pid, 'SIGINT')
    hard ??= setTimeout(() => endGroup(child.pid, 'SIGKILL'), PATIENCE_MS)
  }
  const timer = setTimeout(() => {
    text += `\nended after ${MOST_MS / 1000} s\n`
    end()
  }, MOST_MS)
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) end()
  return new Promise(resolve => {
    const done = (code: number | null, said: string): void => {
      clearTimeout(timer)
      clearTimeout(hard)
      signal.removeEventListener('abort', end)
      resolve({ code, text: said, seconds: (performance.now() - startedAt) / 1000 })
    }
    child.once('error', error => done(null, error.message))
    child.once('close', code => done(code, text))
  })
}

function endGroup(pid: number | undefined, how: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, how)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error // Else it has just ended.
  }
}
