import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readFileSync, realpathSync } from 'node:fs'
import * as nodeModule from 'node:module'
import { basename, extname } from 'node:path'
import { messageOf, show, UsageError } from '../base/errors.ts'

/** A program of more bytes is generated, and nobody has read it. */
const MAX_BYTES = 4 * 2 ** 20
/** A module that waits for something at its top level may wait for ever. */
const LOAD_MS = 10_000
export const EXTENSIONS = ['.mjs', '.js', '.ts'] as const

/** A file as it will be run: these very bytes, not what lies there a moment later. */
export interface PluginFile {
  name: string
  path: string
  sha256: string
  text: string
}

/**
 * Reads a plugin. Throws a UsageError when it is no such file, or when somebody else owns or can
 * write it: whoever does would trade with this wallet.
 */
export function readPluginFile(given: string): PluginFile {
  const extension = extname(given)
  if (!(EXTENSIONS as readonly string[]).includes(extension))
    throw new UsageError(`plugin ${given}: expected a file of ${EXTENSIONS.join(', ')}`)
  const bytes = readOwn(given)
  const path = realpathSync(given)
  return {
    name: basename(given, extension),
    path,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    text: bytes.toString('utf8'),
  }
}

function readOwn(path: string): Buffer {
  let fd: number | undefined
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK) // A pipe would wait for ever.
    const stat = fstatSync(fd)
    if (!stat.isFile()) throw new UsageError(`plugin ${path}: is not a file`)
    if ((stat.mode & 0o022) !== 0)
      throw new UsageError(`plugin ${path}: can be written by others; chmod go-w it`)
    if (process.getuid !== undefined && stat.uid !== process.getuid())
      throw new UsageError(`plugin ${path}: belongs to somebody else; chown it`)
    if (stat.size > MAX_BYTES) throw new UsageError(`plugin ${path}: is longer than 4 MB`)
    return readFileSync(fd)
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`plugin ${path}: cannot be read: ${(error as { code?: string }).code}`)
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}

/**
 * Runs a plugin and gives its default export. It is run from its bytes, so that it cannot load
 * files that its hash says nothing of: only modules of Node, by `node:` names. Throws a UsageError
 * with what it threw.
 */
export async function importPlugin({ path, text, sha256 }: PluginFile): Promise<unknown> {
  const file = basename(path)
  refuseForeignImports(file, text)
  const code = Buffer.from(file.endsWith('.ts') ? withoutTypes(file, text) : text)
  // The hash makes it another module once the file has changed.
  const url = `data:text/javascript;base64,${code.toString('base64')}#${file}-${sha256}`
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`has not loaded within ${LOAD_MS / 1000} s`)
    timer = setTimeout(() => reject(error), LOAD_MS)
  })
  try {
    const module = (await Promise.race([import(url), late])) as { default?: unknown }
    return module.default
  } catch (error) {
    throw thrownBy(file, error)
  } finally {
    clearTimeout(timer)
  }
}

/** An import by address, or of what is only known while running. */
const FOREIGN = [
  /\b(?:from|import)\s*['"](?!node:)[a-z][a-z0-9+.-]*:/i,
  /\bimport\s*\(\s*(?!['"](?:node:|\w+['"]))/,
]

/**
 * A file that a plugin imports by its address would run without being part of its hash, so that the
 * same hash could mean two programs. Throws a UsageError with the line of the first such import.
 */
function refuseForeignImports(file: string, text: string): void {
  const places = FOREIGN.map(pattern => text.search(pattern)).filter(at => at >= 0)
  if (places.length === 0) return
  const line = text.slice(0, Math.min(...places)).split('\n').length
  throw new UsageError(
    `plugin ${file}: line ${line}: imports by address or by what is only known while running; ` +
      'its hash says nothing of such a file: only node: modules are imported',
  )
}

/** What a plugin threw as one line of ours, with the place where a parser names one. */
export function thrownBy(file: string, error: unknown): UsageError {
  const place = error instanceof Error ? /^data:[^\n]*:(\d+)\n/.exec(error.stack ?? '') : null
  const at = place === null ? '' : `line ${place[1]}: `
  const words = messageOf(error).replace(/data:text\/javascript;base64,[^\s'"]*/g, file)
  return new UsageError(`plugin ${file}: ${at}${show(words, 300).replace(/^"|"$/g, '')}`)
}

/** Types are taken out as Node does it from 22.18 on, without checking them. */
function withoutTypes(file: string, text: string): string {
  const { stripTypeScriptTypes: strip } = nodeModule as {
    stripTypeScriptTypes?: (code: string) => string
  }
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (strip === undefined || major < 22 || (major === 22 && minor < 18))
    throw new UsageError(
      `plugin ${file}: TypeScript needs Node 22.18 or later, this is ${process.versions.node}; ` +
        'write it as .mjs',
    )
  try {
    return strip(text)
  } catch (error) {
    throw thrownBy(file, error)
  }
}
