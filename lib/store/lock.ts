import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TemporaryError } from '../base/errors.ts'

interface Lock {
  release(): void
}

/**
 * For where the kernel cannot be asked (`takeLock` of hold.ts): makes this process the only holder
 * of `role` in a folder, by files. Each contender first writes its own, named by process id and
 * process start time, and then looks for others, so two can never both believe they hold it (both
 * may give up). Files of processes that are gone are stale and removed; a reused process id is told
 * apart by its start time. Throws a TemporaryError when another process holds it.
 */
export function takeNamedLock(dir: string, role: string): Lock {
  mkdirSync(dir, { recursive: true })
  const mine = `.${role}.${process.pid}.${startOf(process.pid) ?? 'unknown'}`
  const path = join(dir, mine)
  if (held.has(path)) throw new TemporaryError(`${dir} has its ${role} already in this process`)
  writeFileSync(path, `${process.pid}\n`)
  for (const other of holders(dir, role)) {
    if (other.file === mine) continue
    if (isAlive(other.pid, other.start)) {
      rmSync(path, { force: true })
      throw new TemporaryError(`${dir} has its ${role} already: process ${other.pid}`)
    }
    rmSync(join(dir, other.file), { force: true })
  }
  held.add(path)
  return {
    release() {
      held.delete(path)
      rmSync(path, { force: true })
    },
  }
}

/** Locks of this process: a fused run may hold several. */
const held = new Set<string>()

interface Holder {
  file: string
  pid: number
  start: string
}

function holders(dir: string, role: string): Holder[] {
  const found: Holder[] = []
  for (const file of readdirSync(dir)) {
    const [empty, name, pid, start] = file.split('.')
    if (empty === '' && name === role && /^\d+$/.test(pid ?? '')) {
      found.push({ file, pid: Number(pid), start: start ?? 'unknown' })
    }
  }
  return found
}

/** True when the process runs and is the same that started at `start`. A zombie has stopped. */
export function isAlive(pid: number, start: string): boolean {
  const now = startOf(pid)
  return now !== undefined && (now === start || start === 'unknown')
}

/**
 * When a process started, as a word that differs for a later process with the same id; undefined
 * when there is none.
 */
export function startOf(pid: number): string | undefined {
  return process.platform === 'linux' ? startOnLinux(pid) : startByPs(pid)
}

/** Field 22 of /proc/PID/stat, clock ticks since boot. */
const startOnLinux = (pid: number): string | undefined => statOnLinux(pid)?.[19]

/** Process group of a running process on Linux (field 5 of /proc/PID/stat). */
export function groupOf(pid: number): number | undefined {
  const group = statOnLinux(pid)?.[2]
  return group === undefined ? undefined : Number(group)
}

/**
 * Fields of /proc/PID/stat from the third on (proc(5)); the name before them may hold spaces and
 * brackets. Zombies have ended.
 */
function statOnLinux(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH') return undefined
    throw error
  }
}

function startByPs(pid: number): string | undefined {
  try {
    const text = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' })
    return text.trim().replace(/[^A-Za-z0-9]/g, '') || undefined
  } catch (error) {
    if ((error as { status?: number }).status === 1) return undefined
    throw error
  }
}
