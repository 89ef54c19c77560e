import { createHash } from 'node:crypto'
import { accessSync, constants, readFileSync, realpathSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { show, UsageError } from '../base/errors.ts'

/** Files beyond this are data, not programs. */
const MAX_BYTES = 256 * 2 ** 20

/** What a program is: its words, and the SHA-256 of every file among them. */
interface ProgramIdentity {
  words: readonly string[]
  /** Hex, by the word that names the file; the program itself first. */
  files: Readonly<Record<string, string>>
}

/**
 * Identity of a program and its arguments: the program is found as a shell would (a word with a
 * slash is a path, another is looked up on PATH); arguments that name a file (`python3 mine.py`)
 * count as well. Throws a UsageError for a program that is not there or cannot be run.
 */
export function identify(words: readonly string[], path: string | undefined): ProgramIdentity {
  const [program = '', ...rest] = words
  const files: Record<string, string> = { [program]: hashOf(locate(program, path)) }
  for (const word of rest) if (isFile(word)) files[word] ??= hashOf(word)
  return { words, files }
}

/** Path of a program. Throws a UsageError where there is none. */
export function locate(program: string, path: string | undefined): string {
  const places = program.includes('/')
    ? [program]
    : (path ?? '').split(delimiter).map(folder => join(folder === '' ? '.' : folder, program))
  const found = places.find(isFile)
  if (found === undefined) throw new UsageError(`cannot run ${show(program)}: no such program`)
  try {
    accessSync(found, constants.X_OK)
  } catch {
    throw new UsageError(`cannot run ${show(program)}: it is not executable (chmod +x)`)
  }
  return realpathSync(found)
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    return false // Not there, or not to be looked at: then it is a word like any other.
  }
}

function hashOf(path: string): string {
  if (statSync(path).size > MAX_BYTES)
    throw new UsageError(`${path}: larger than ${MAX_BYTES / 2 ** 20} MB, no program to hash`)
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}
