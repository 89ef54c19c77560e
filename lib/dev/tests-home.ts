import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * An environment whose default home is an empty folder, for a run of tests, with a folder for
 * locks of wallets and for what node 22.1 and later have compiled: each command starts hundreds of
 * times. `left` removes both and returns what was written to the home: a test that names none would
 * write into that of whoever runs it.
 */
export function makeTestsHome(env: NodeJS.ProcessEnv): {
  env: NodeJS.ProcessEnv
  left(): string[]
} {
  const data = mkdtempSync(join(tmpdir(), 'sluice-tests-data-'))
  const cache = mkdtempSync(join(tmpdir(), 'sluice-tests-cache-'))
  const { SLUICE_HOME: _, SLUICE_ENV_FILE: __, ...rest } = env
  return {
    env: {
      ...rest,
      XDG_DATA_HOME: data,
      XDG_STATE_HOME: join(cache, 'state'),
      NODE_COMPILE_CACHE: join(cache, 'compiled'),
    },
    left() {
      const found = readdirSync(data, { recursive: true, encoding: 'utf8' }).sort()
      for (const folder of [data, cache]) rmSync(folder, { recursive: true, force: true })
      return found
    },
  }
}
