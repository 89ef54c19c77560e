import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export interface Done {
  stdout: string
  stderr: string
  code: number | null
  signal: NodeJS.Signals | null
}

export interface RunOptions {
  input?: string | Buffer
  env?: Record<string, string>
  home?: string
  /** Called with the child once it runs; may write to stdin itself (then no input is given). */
  drive?: (child: ReturnType<typeof spawn>) => void | Promise<void>
  timeoutMs?: number
  /** Told of each piece of output, which is then not kept. */
  countOnly?: (bytes: number) => void
}

/** A home folder that is gone after the test. */
export function makeHome(t: { after(fn: () => void): void }): string {
  const home = mkdtempSync(join(tmpdir(), 'sluice-home-'))
  t.after(() => rmSync(home, { recursive: true, force: true }))
  return home
}

export const testEnv = (
  home: string,
  env: Record<string, string> = {},
): Record<string, string> => ({
  PATH: `${ROOT}dist/bin:${process.env.PATH}`,
  HOME: home,
  SLUICE_HOME: home,
  // Node 22.1 and later keep what they have compiled there: thousands of starts share it.
  ...(process.env.NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE }),
  ...env,
})

/**
 * Runs the built program, or a shell line (`sh`), as a user would. Without a home each run gets a
 * fresh one.
 */
export async function sluice(argv: readonly string[], options: RunOptions = {}): Promise<Done> {
  return start(process.execPath, [join(ROOT, 'dist/bin/sluice'), ...argv], options)
}
export async function sh(line: string, options: RunOptions = {}): Promise<Done> {
  return start('bash', ['-c', `set -o pipefail; ${line}`], options)
}

async function start(file: string, argv: readonly string[], options: RunOptions): Promise<Done> {
  const home = options.home ?? mkdtempSync(join(tmpdir(), 'sluice-home-'))
  try {
    return await finished(file, argv, home, options)
  } finally {
    if (options.home === undefined) rmSync(home, { recursive: true, force: true })
  }
}

function finished(
  file: string,
  argv: readonly string[],
  home: string,
  options: RunOptions,
): Promise<Done> {
  const child = spawn(file, argv, {
    cwd: ROOT,
    env: testEnv(home, options.env),
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout.on('data', chunk =>
    options.countOnly ? options.countOnly(chunk.length) : out.push(chunk),
  )
  child.stderr.on('data', chunk => err.push(chunk))
  child.stdin.on('error', () => undefined) // The child may be done before it has read everything.
  const timer = setTimeout(() => {
    child.kill('SIGKILL')
    // A process that it has started may go on and hold these: the test is over all the same.
    child.stdout.destroy()
    child.stderr.destroy()
  }, options.timeoutMs ?? 60_000)
  if (options.drive) void options.drive(child)
  else child.stdin.end(options.input ?? '')
  return new Promise(resolve => {
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve({
        stdout: Buffer.concat(out).toString(),
        stderr: Buffer.concat(err).toString(),
        code,
        signal,
      })
    })
  })
}

/** Processes that run in a home, by its place in their environment, and what they were called. */
export function processesOf(home: string): { pid: number; argv: string[] }[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(pid => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`SLUICE_HOME=${home}\0`))
          return []
        const argv = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0').slice(0, -1)
        return argv.length > 0 ? [{ pid: Number(pid), argv }] : []
      } catch {
        return [] // It has just ended, or is of another user.
      }
    })
}

/** Waits for something to become true, in steps of 50 ms. */
export async function until(isTrue: () => boolean, ms: number): Promise<boolean> {
  for (let waited = 0; waited < ms && !isTrue(); waited += 50) await sleep(50)
  return isTrue()
}
