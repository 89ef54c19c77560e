import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { UsageError } from '../../base/errors.ts'
import { groupOf, isAlive, startOf } from '../lock.ts'
import type { End } from './keep-policy.ts'

/** A command and everything it started: a process group, which a shell pipeline shares. */
export interface Group {
  pid: number
  /** Start time of the leader, to tell it from a later process with the same id. */
  start: string
}

/**
 * Starts a command as the leader of its own group. Its end comes when the leader has ended. Throws
 * a UsageError when it cannot be started.
 */
export async function startGroup(
  argv: readonly string[],
): Promise<{ group: Group; end: Promise<End> }> {
  const [file = '', ...args] = argv
  const stdin = process.stdin.isTTY ? 'ignore' : 'inherit'
  const env = { ...process.env, SLUICE_KEPT: '1' }
  const child = spawn(file, args, { detached: true, env, stdio: [stdin, 'inherit', 'inherit'] })
  const end = endOf(child)
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', error => reject(new UsageError(`cannot run ${file}: ${error.message}`)))
  })
  const pid = child.pid!
  return { group: { pid, start: startOf(pid) ?? 'gone' }, end }
}

const endOf = (child: ChildProcess): Promise<End> =>
  new Promise(resolve => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })

/** Sends a signal to all processes of a group; nothing happens when there are none. */
export function signalGroup({ pid }: Group, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/**
 * Ends what is left of a group, politely for `graceMs`, then not. An id cannot be used again while
 * its group has members, so a group whose leader has gone is still the one that we started; with a
 * leader the start times must agree.
 */
export async function endGroup(group: Group, graceMs: number): Promise<void> {
  if (!isOurs(group)) return
  signalGroup(group, 'SIGTERM')
  for (let waited = 0; exists(group) && waited < graceMs; waited += 20) await sleep(20)
  if (exists(group)) signalGroup(group, 'SIGKILL')
  for (let waited = 0; exists(group) && waited < 5000; waited += 20) await sleep(20)
}

function isOurs(group: Group): boolean {
  if (!exists(group)) return false
  return startOf(group.pid) === undefined || isAlive(group.pid, group.start)
}

/**
 * True while the group has a process that is not a zombie: in a container nobody may collect those.
 */
function exists({ pid }: Group): boolean {
  try {
    process.kill(-pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
  if (process.platform !== 'linux') return true
  return readdirSync('/proc').some(entry => /^\d+$/.test(entry) && groupOf(Number(entry)) === pid)
}

/** Milliseconds; ends early when the signal fires. */
export const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    const timer = setTimeout(done, ms)
    function done(): void {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    if (signal?.aborted) done()
    else signal?.addEventListener('abort', done, { once: true })
  })
