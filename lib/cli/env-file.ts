import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { UsageError } from '../base/errors.ts'
import type { Environment } from './config.ts'

/**
 * The environment with the names of a `.env` file added; what is set already wins. Only the file
 * named by `--env-file` or SLUICE_ENV_FILE is read, never one that happens to lie in a folder.
 * Throws UsageError when it cannot be read, or when others can write it: it names key files and
 * limits, so whoever writes it trades with this wallet. Its values are in no message.
 */
export function withEnvFile(env: Environment, given?: string): Environment {
  const path = given ?? env.SLUICE_ENV_FILE
  if (!path) return env
  const label = given === undefined ? 'SLUICE_ENV_FILE' : '--env-file'
  const text = readPrivate(path, label)
  const odd = oddLine(text)
  if (odd > 0) throw new UsageError(`${label}: ${path}, line ${odd}: expected NAME=value`)
  const missing = Object.entries(parseEnv(text)).filter(([name]) => env[name] === undefined)
  return missing.length === 0 ? env : { ...env, ...Object.fromEntries(missing) }
}

/**
 * Number of the first line that sets nothing, 0 when there is none. parseEnv takes such a line for
 * a part of the next name, which would then be missing.
 */
function oddLine(text: string): number {
  // A quoted value may go on over lines.
  const bare = text.replace(/=[ \t]*(["'`])[\s\S]*?\1/g, value => `=${value.replace(/[^\n]/g, '')}`)
  return (
    bare
      .split('\n')
      .findIndex(line => !/^\s*($|#|(export\s+)?[A-Za-z_][A-Za-z0-9_]*[ \t]*=|['"`])/.test(line)) +
    1
  )
}

const MAX_BYTES = 2 ** 20

function readPrivate(path: string, label: string): string {
  let fd: number | undefined
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK) // A pipe would wait for ever.
    // Of the open file, so that it cannot be another one by the time it is read.
    const stat = fstatSync(fd)
    if (!stat.isFile()) throw new UsageError(`${label}: ${path} is not a file`)
    if ((stat.mode & 0o022) !== 0)
      throw new UsageError(`${label}: ${path} can be written by others; chmod 600 it`)
    if (stat.size > MAX_BYTES) throw new UsageError(`${label}: ${path} is longer than 1 MiB`)
    return readFileSync(fd, 'utf8')
  } catch (error) {
    if (error instanceof UsageError) throw error
    const { code = 'error' } = error as NodeJS.ErrnoException
    throw new UsageError(`${label}: cannot read ${path}: ${code}`)
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}
