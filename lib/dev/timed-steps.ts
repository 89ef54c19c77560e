import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tell } from '../cli/log.ts'

/**
 * Runs targets of the Makefile one after another, as far as they hold, and prints what took how
 * long. Stops at the first that fails, with its name and exit 1.
 *
 *     node --import tsx lib/dev/timed-steps.ts types lint docs-check test
 */
const startedAt = performance.now()
const took: string[] = []
for (const target of process.argv.slice(2)) {
  const before = performance.now()
  const child = spawn('make', [target], { stdio: 'inherit' })
  const [code] = (await once(child, 'close')) as [number | null]
  took.push(`${target} ${secondsSince(before)} s`)
  if (code !== 0) {
    process.exitCode = 1
    took.push(`${target} failed`)
    break
  }
}
tell(`check: ${took.join(' · ')} · together ${secondsSince(startedAt)} s`)

function secondsSince(before: number): string {
  return ((performance.now() - before) / 1000).toFixed(1)
}
