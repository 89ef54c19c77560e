import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** The built program, which starts as fast as the installed one. */
const PROGRAM = `${ROOT}dist/main.js`

export const start = (home: string, argv: readonly string[]): ChildProcess =>
  spawn(process.execPath, [PROGRAM, ...argv], {
    cwd: ROOT,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: home, SLUICE_HOME: home },
  })

/** Waits for the end; the text of stderr tells why it failed. */
export async function ended(child: ChildProcess): Promise<{ code: number | null; stderr: string }> {
  let stderr = ''
  child.stderr?.on('data', data => (stderr += data))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stderr }
}

export const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** How many seeded runs: a few in every test run, SLUICE_SOAK_RUNS for a long one. */
export const runs = (few: number): number => Number(process.env.SLUICE_SOAK_RUNS ?? few)
