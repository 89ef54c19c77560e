import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../base/errors.ts'
import { tell } from '../cli/log.ts'
import { bundleTests } from './bundle-tests.ts'
import { readSources } from './source-graph.ts'
import { type Choice, chooseTests } from './test-choice.ts'
import { inOrder } from './test-order.ts'
import { makeTestsHome } from './tests-home.ts'

/** Above this the run of all tests must be made shorter before anything is added. */
const LIMIT_S = 360

/**
 * Runs the tests that the words of the command line name, or all of them, compiled together before.
 * Ends with 1 when one fails, 2 when a word names none.
 */
const words = process.argv.slice(2).join(',')
const startedAt = performance.now()
try {
  const choice = chooseTests(words, readSources())
  const code = await runTests(choice)
  process.exitCode ??= code
  const took = (performance.now() - startedAt) / 1000
  tell(`${choice.files.length} test files in ${took.toFixed(0)} s`)
  if (took > LIMIT_S) tell(`that is more than ${LIMIT_S} s: make the longest tests shorter`)
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  tell(error.message)
  process.exitCode = 2
}

async function runTests({ files, cases }: Choice): Promise<number> {
  process.once('SIGINT', () => {}) // Sent to the whole group: the tests end, then we tidy up.
  const folder = await bundleTests(files)
  const home = makeTestsHome(process.env)
  try {
    const compiled = inOrder(files).map(name => join(folder, name.replace(/ts$/, 'js')))
    const argv = ['--enable-source-maps', join(folder, 'lib/dev/test-process.js'), folder]
    const env = { ...home.env, ...(cases && { SLUICE_TEST_CASES: cases.join(',') }) }
    const child = spawn(process.execPath, [...argv, ...compiled], { stdio: 'inherit', env })
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
    if (signal !== null) tell(`tests ended by ${signal}`)
    return code ?? 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
    tellLeft(home.left())
  }
}

function tellLeft(paths: readonly string[]): void {
  if (paths.length === 0) return
  tell(`a test wrote to the default home of the user: ${paths.join(' ')}`)
  process.exitCode = 1
}
