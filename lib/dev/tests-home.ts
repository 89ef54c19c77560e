import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * An environment whose default home is an empty folder, for a run of tests. `left` removes it and
 * returns what was written there: a test that names no home would write into that of whoever runs
 * it.
 */
export function makeTestsHome(env: NodeJS.ProcessEnv): {
  env: NodeJS.ProcessEnv
  left(): string[]
} {
  const data = mkdtempSync(join(tmpdir(), 'sluice-tests-data-'))
  const { SLUICE_HOME: _, SLUICE_ENV_FILE: __, ...rest } = env
  return {
    env: { ...rest, XDG_DATA_HOME: data },
    left() {
      const found = readdirSync(data, { recursive: true, encoding: 'utf8' }).sort()
      rmSync(data, { recursive: true, force: true })
      return found
    },
  }
}
