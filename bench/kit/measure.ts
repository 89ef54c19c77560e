import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'

/** What one run of a program took. */
export interface Measured {
  seconds: number
  /** Peak resident memory in MB; 0 where there is no /proc. */
  peakMb: number
  stdoutBytes: number
  stderr: string
}

/**
 * Runs a program on a file and throws when it fails. Output is counted and dropped, or goes to a
 * file.
 */
export async function measure(
  argv: readonly string[],
  input: string,
  output?: string,
): Promise<Measured> {
  const stdin = openSync(input, 'r')
  const stdout = output === undefined ? 'pipe' : openSync(output, 'w')
  const startedAt = performance.now()
  const child = spawn(argv[0]!, argv.slice(1), { stdio: [stdin, stdout, 'pipe'] })
  let [stdoutBytes, peakMb, stderr] = [0, 0, '']
  child.stdout?.on('data', chunk => {
    stdoutBytes += chunk.length
  })
  child.stderr?.on('data', chunk => {
    stderr += chunk
  })
  const timer = setInterval(() => {
    peakMb = Math.max(peakMb, peakOf(child.pid!))
  }, 20)
  const code = await new Promise<number | null>(resolve => child.on('close', resolve))
  const seconds = (performance.now() - startedAt) / 1000
  clearInterval(timer)
  closeSync(stdin)
  if (typeof stdout === 'number') closeSync(stdout)
  if (code !== 0) throw new Error(`${argv.join(' ')}: exit ${code}: ${stderr.slice(0, 500)}`)
  return { seconds, peakMb, stdoutBytes, stderr }
}

function peakOf(pid: number): number {
  try {
    return (
      Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
    )
  } catch {
    return 0 // The program has just ended, or there is no /proc.
  }
}

/** The median run of an odd number of runs, by time. */
export async function medianRun(times: number, run: () => Promise<Measured>): Promise<Measured> {
  const all: Measured[] = []
  for (let i = 0; i < times; i++) all.push(await run())
  return all.sort((a, b) => a.seconds - b.seconds)[Math.floor(times / 2)]!
}
