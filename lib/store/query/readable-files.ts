import { readdirSync, realpathSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { show, UsageError } from '../../base/errors.ts'

/** Where files may lie that a query names. */
interface Places {
  home: string
  /** Folders that --allow names. */
  allow: readonly string[]
  cwd: string
}

const DATA = /\.(parquet|(csv|tsv|ndjson|jsonl)(\.gz|\.zst)?)$/i
/** What the engine takes for a pattern in the name of a file. */
const PATTERN = /[*?[\]]/
/** Folders of a home whose files are read when --file names them, not from SQL that came along. */
const PRIVATE = ['ledger', 'keys']

/** Whether a name ends as data files do. */
export const isDataFile = (name: string): boolean => DATA.test(name)
/** Whether a name behind FROM means a file rather than a table. */
export const isFileName = (name: string): boolean => name.includes('/') || DATA.test(name)

/**
 * The real paths of the files that a name in SQL means, sorted; `*` and `?` stand in the last part
 * of a path for any letters. Throws UsageError for what is no data file of this machine, or not in
 * a folder that may be read: the current one, the home (without ledger and keys), the folder for
 * temporary files (where no link is followed), and those of --allow. Hidden files are never meant.
 */
export function readableFiles(name: string, places: Places): string[] {
  const said = show(name, 200)
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(name))
    throw new UsageError(`${said}: query reads files of this machine only`)
  const paths = matching(resolve(places.cwd, name))
  if (paths.length === 0) throw new UsageError(`no file ${said}`)
  return paths.map(path => checked(path, places, said))
}

/** The file, or the files of its folder that fit the pattern. */
function matching(path: string): string[] {
  const [dir, last] = [dirname(path), basename(path)]
  if (/[*?]/.test(dir))
    throw new UsageError(`${show(path, 200)}: * and ? may stand in the last part of a path`)
  if (!/[*?]/.test(last)) return [path]
  const words = last
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.')
  const fits = new RegExp(`^${words}$`, 's')
  const names = attempt(() => readdirSync(dir), dir)
  return names
    .filter(each => fits.test(each) && !each.startsWith('.'))
    .sort()
    .map(each => join(dir, each))
}

function checked(path: string, places: Places, said: string): string {
  const real = realFile(path)
  if (!DATA.test(path) || !DATA.test(real))
    throw new UsageError(`${said}: expected .parquet, .csv, .tsv, .ndjson or .jsonl`)
  if (!isReadable(real, path, places))
    throw new UsageError(
      `${said}: not in a folder that a query may read; --file FILE reads one file as “input”, ` +
        '--allow DIR those of a folder',
    )
  return real
}

/** The real path of a regular file. Throws UsageError for anything else. */
export function realFile(path: string): string {
  const real = attempt(() => realpathSync(path), path)
  if (!attempt(() => statSync(real), path).isFile())
    throw new UsageError(
      `${show(path, 200)} is not a file; what comes from a pipe is read with “-” before the SQL`,
    )
  if (PATTERN.test(real))
    throw new UsageError(
      `${show(real, 200)}: the engine takes * ? [ ] in a name for a pattern; rename it, or give ` +
        'it to “-” before the SQL',
    )
  return real
}

function attempt<T>(look: () => T, path: string): T {
  try {
    return look()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new UsageError(`no file ${show(path, 200)}`)
    throw new UsageError(`cannot read ${show(path, 200)}: ${code ?? 'error'}`)
  }
}

function isReadable(real: string, path: string, { home, allow, cwd }: Places): boolean {
  const allowed = allow.map(dir => realFolder(dir))
  if (allowed.some(dir => isUnder(real, dir))) return true
  const own = existing(home)
  const here = existing(cwd)
  if (own !== undefined && isUnder(real, own)) {
    const [first = ''] = relative(own, real).split(sep)
    return !isHidden(real, own) && !PRIVATE.includes(first)
  }
  if (here !== undefined && here !== sep && isUnder(real, here)) return !isHidden(real, here)
  const temporary = existing(tmpdir())
  if (temporary === undefined || !isUnder(real, temporary)) return false
  // Anybody may put a link into such a folder.
  const isLinkFree = path === real || join(temporary, relative(tmpdir(), path)) === real
  return isLinkFree && !isHidden(real, temporary)
}

const isUnder = (path: string, dir: string): boolean =>
  path.startsWith(dir.endsWith(sep) ? dir : dir + sep)
const isHidden = (path: string, dir: string): boolean =>
  relative(dir, path)
    .split(sep)
    .some(part => part.startsWith('.'))

const existing = (dir: string): string | undefined => {
  try {
    return realpathSync(dir)
  } catch {
    return undefined // What is not there holds no file.
  }
}

function realFolder(dir: string): string {
  const real = existing(dir)
  if (real === undefined || !statSync(real).isDirectory())
    throw new UsageError(`--allow: no folder ${show(dir, 200)}`)
  return real
}
