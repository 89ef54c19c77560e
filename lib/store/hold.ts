import { spawnSync } from 'node:child_process'
import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { show, TemporaryError } from '../base/errors.ts'
import { takeNamedLock } from './lock.ts'

/** What only one process has at a time. */
export interface Hold {
  release(): void
}

/**
 * Programs that take flock(2) on descriptor 3, which they got from us: the lock is of the open
 * file, so it stays ours when they have gone, and the kernel frees it when we end, however. Exit 1:
 * somebody else has it.
 */
const HELPERS: readonly [program: string, ...args: string[]][] = [
  ['flock', '-n', '3'],
  [
    'perl',
    '-MErrno',
    '-e',
    'open(my $f, "<&=", 3) or exit 3; exit(flock($f, 6) ? 0 : $!{EWOULDBLOCK} ? 1 : 3)',
  ],
]
const HELPER_MS = 10_000

/**
 * Holds a file or folder that is open as `fd` against every other process of the machine, whatever
 * name that opened it by: what is locked is the inode. TemporaryError when another has it. Where no
 * lock of the kernel is to be had, a file beside it with our process id has to do, and `onWeak` is
 * told; without `onWeak` that is a TemporaryError too.
 */
export function holdFile(
  fd: number,
  path: string,
  onWeak?: (text: string) => void,
  role = 'writer',
): Hold {
  const asked = askFor(fd, path, role)
  if (asked === 'ours') return { release() {} } // Closing the descriptor frees it.
  const why = `${path}: the kernel cannot be asked for a lock (${asked})`
  if (onWeak === undefined)
    throw new TemporaryError(`${why}; install flock (util-linux) or perl, with money nothing less`)
  onWeak(`${why}: a second writer is noticed only under this name and in this container`)
  if (role !== 'writer') return takeNamedLock(path, role)
  return takeNamedLock(dirname(path), `held-${basename(path).replaceAll('.', '-')}`)
}

/**
 * Holds a file until this process ends, where the kernel can be asked, and leaves it where not, or
 * where it cannot be read: for a second lock beside one that is certain. TemporaryError when
 * another process has it.
 */
export function holdForLife(path: string, role: string): void {
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch {
    return // Whoever needs what is in it says so.
  }
  askFor(fd, path, role)
}

/** Holds a folder, as `holdFile` does, until it is released. */
export const holdFolder = (path: string, onWeak?: (text: string) => void): Hold =>
  holdOpened(openSync(path, 'r'), path, onWeak)

/**
 * Makes this process the only holder of `role` in a folder, which is made where it is missing. The
 * file that is held stays there: whoever comes next holds the same one. TemporaryError while
 * another has it.
 */
export function takeLock(dir: string, role: string, onWeak = (_: string) => {}): Hold {
  mkdirSync(dir, { recursive: true })
  const fd = openSync(join(dir, `.${role}.lock`), 'a', 0o600)
  try {
    return closing(holdFile(fd, dir, onWeak, role), fd)
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

/**
 * Whether some process holds a file; one that is not there is held by nobody. Undefined where the
 * kernel cannot be asked.
 */
export function isHeld(path: string): boolean | undefined {
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
  try {
    const asked = ask(fd)
    return asked === 'taken' || asked === 'ours' ? asked === 'taken' : undefined
  } finally {
    closeSync(fd)
  }
}

const closing = (hold: Hold, fd: number): Hold => ({
  release() {
    hold.release()
    closeSync(fd)
  },
})

/** Holds what is open as `fd`, which is closed when it is released, or cannot be held. */
function holdOpened(fd: number, path: string, onWeak?: (text: string) => void): Hold {
  try {
    return closing(holdFile(fd, path, onWeak), fd)
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

/** `ours`, or why nobody could be asked. TemporaryError when another process has it. */
function askFor(fd: number, path: string, role: string): string {
  const asked = ask(fd)
  if (asked === 'taken') throw new TemporaryError(`${path} has its ${role} already: ${holder(fd)}`)
  return asked
}

/** `ours`, `taken`, or why nobody could be asked. */
function ask(fd: number): string {
  let why = 'neither flock nor perl is on PATH'
  for (const [program, ...args] of HELPERS) {
    const { status, error, stderr } = spawnSync(program, args, {
      stdio: ['ignore', 'ignore', 'pipe', fd],
      timeout: HELPER_MS,
    })
    if (error === undefined && status === 0) return 'ours'
    if (error === undefined && status === 1) return 'taken'
    if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') continue
    why = `${program}: ${error?.message ?? show(String(stderr).trim() || `exit ${status}`, 100)}`
  }
  return why
}

/** Who holds the lock on what is open as `fd`, as far as this process may see. */
function holder(fd: number): string {
  const pids = process.platform === 'linux' ? pidsHolding(fd) : []
  if (pids.includes(process.pid)) return 'this process'
  if (pids.length > 0) return pids.map(pid => `process ${pid} (${commandOf(pid)})`).join(', ')
  return 'a process that cannot be seen from here, of another user or container'
}

/** /proc/PID/fdinfo tells the locks of each open file (proc(5)). */
function pidsHolding(fd: number): number[] {
  const { dev, ino } = fstatSync(fd)
  const isIt = (pid: string, each: string): boolean => {
    const found = statSync(`/proc/${pid}/fd/${each}`)
    return (
      found.dev === dev &&
      found.ino === ino &&
      readFileSync(`/proc/${pid}/fdinfo/${each}`, 'latin1').includes('FLOCK')
    )
  }
  return readdirSync('/proc')
    .filter(pid => /^\d+$/.test(pid))
    .filter(pid =>
      quietly(() => readdirSync(join('/proc', pid, 'fd')), []).some(each =>
        quietly(() => isIt(pid, each), false),
      ),
    )
    .map(Number)
}

const commandOf = (pid: number): string =>
  show(
    quietly(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'), '')
      .split('\0')
      .join(' ')
      .trim(),
  )

/** Processes end, and those of others are closed to us, while we look. */
function quietly<T>(look: () => T, otherwise: T): T {
  try {
    return look()
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (['ENOENT', 'EACCES', 'EPERM', 'ESRCH', 'ENOTDIR'].includes(code)) return otherwise
    throw error
  }
}
