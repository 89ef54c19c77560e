import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where the compiled tests lie; not there when a test is run from its source. */
declare const TEST_BUNDLE: string | undefined

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/**
 * The words after `node` that start a program of test/: its compiled form in a run of compiled
 * tests, else its source through tsx, which takes a second longer to start.
 */
export function childArgs(source: URL): string[] {
  const path = fileURLToPath(source)
  if (typeof TEST_BUNDLE === 'undefined') return ['--import', import.meta.resolve('tsx'), path]
  return [join(TEST_BUNDLE, relative(ROOT, path).replace(/\.ts$/, '.js'))]
}
