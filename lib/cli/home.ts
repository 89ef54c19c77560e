import { existsSync, readdirSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { UsageError } from '../base/errors.ts'
import type { Environment } from './config.ts'
import { tell } from './log.ts'

/** The folder of state, journals, models and the database. */
export interface Home {
  /** Always absolute, so that a change of folder cannot move it. */
  path: string
  from: 'flag' | 'environment' | 'default'
}

/**
 * The home of a run: `--home`, else SLUICE_HOME, else `sluice` in the user's XDG data folder. A
 * relative XDG_DATA_HOME is passed over, as the XDG base directory specification asks. Throws
 * UsageError where nothing says whose folder it would be.
 */
export function homeOf(env: Environment, given?: string, cwd = process.cwd()): Home {
  if (given !== undefined) return { path: resolve(cwd, given), from: 'flag' }
  if (env.SLUICE_HOME) return { path: resolve(cwd, env.SLUICE_HOME), from: 'environment' }
  const { XDG_DATA_HOME: data = '', HOME: user = '' } = env
  if (isAbsolute(data)) return { path: join(data, 'sluice'), from: 'default' }
  if (isAbsolute(user)) return { path: join(user, '.local/share/sluice'), from: 'default' }
  throw new UsageError(
    'no home for state and journals: HOME is not set; say --home DIR or SLUICE_HOME=DIR',
  )
}

/** Files and folders that only a home has. */
const MARKS = ['config.json', 'sluice.duckdb', 'watch.ndjson', 'KILL', 'ML_OFF'] as const

/**
 * `data` in the current folder, where it holds a ledger, journals, a configuration or switches and
 * nobody named a home: it was the default once, so it may be the one that is meant.
 */
export function passedOver({ path, from }: Home, cwd = process.cwd()): string | undefined {
  const data = join(cwd, 'data')
  if (from !== 'default' || data === path) return undefined
  const isHome =
    MARKS.some(name => existsSync(join(data, name))) ||
    namesIn(join(data, 'ledger')).some(name => name.endsWith('.ndjson')) ||
    namesIn(join(data, 'journal')).some(name => namesIn(join(data, 'journal', name)).length > 0)
  return isHome ? data : undefined
}

const namesIn = (dir: string): string[] => {
  try {
    return readdirSync(dir)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return []
    throw new UsageError(`${dir}: ${code}; say which home is meant: --home DIR or SLUICE_HOME=DIR`)
  }
}

/** The two ways out where `data` in the current folder could be the home as well. */
export const homeChoices = ({ path }: Home, data: string): string =>
  `${data} holds a ledger, journals or a configuration, but the home is ${path} where none is ` +
  `named: to go on with the old one say SLUICE_HOME=${data} (or --home ${data}), to use the new ` +
  `one say --home ${path}` +
  // Into a folder that is there already it would be moved as a folder of its own.
  (existsSync(path) ? '' : `, or move the old one there: mv ${data} ${path}`)

const said = new Set<string>()

/** Says a line about the home on stderr, once in the life of this process. */
export function tellOnce(text: string): void {
  if (said.has(text)) return
  said.add(text)
  tell(text)
}
