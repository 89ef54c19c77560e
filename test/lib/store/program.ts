import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/**
 * Bundles the program once per test file, so that it starts as fast as the installed one. Returns
 * its path.
 */
export async function bundle(name: string): Promise<string> {
  const outdir = `${ROOT}dist/test-${name}`
  await build({
    entryPoints: [`${ROOT}cmd/main.ts`],
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    target: 'node20',
    outExtension: { '.js': '.mjs' },
    logLevel: 'error',
  })
  return `${outdir}/main.mjs`
}

export const start = (program: string, home: string, argv: readonly string[]): ChildProcess =>
  spawn(process.execPath, [program, ...argv], {
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
