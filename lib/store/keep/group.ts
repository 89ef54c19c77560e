import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, readdirSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Writable } from 'node:stream'
import { UsageError } from '../../base/errors.ts'
import { callersMask } from '../../base/modes.ts'
import { groupOf, isAlive, startOf } from '../lock.ts'
import type { Guard } from './guard.ts'
import type { End } from './keep-policy.ts'

/** A command and everything it started: a process group, which a shell pipeline shares. */
export interface Group {
  pid: number
  /** Start time of the leader, to tell it from a later process with the same id. */
  start: string
}

/**
 * Becomes the command as soon as there is word that a guard knows of it; without that word keep was
 * killed in between, and nothing is started that nobody would end.
 */
const LEADER = 'read -r word <&3 || exit 143; exec 3<&-; umask "$1"; shift; exec "$@"'

/** What a command is started with. */
interface Start {
  env: NodeJS.ProcessEnv
  /** Folder that it starts in; ours unless given. */
  cwd?: string
  stdin: 'ignore' | 'inherit'
  /** Its stdout and stderr: ours, or handed back as streams of `child`. */
  output: 'inherit' | 'pipe'
}

/**
 * Starts a command as the leader of its own group, which ends with this process even when that is
 * killed. `end` comes when the leader has ended. Throws a UsageError for a program that is not
 * there.
 */
export async function startGroup(
  argv: readonly string[],
  guard: Guard,
  { env, cwd, stdin, output }: Start,
): Promise<{ group: Group; end: Promise<End>; child: ChildProcess }> {
  const [file = ''] = argv
  if (!isProgram(file)) throw new UsageError(`cannot run ${file}: no such program`)
  const child = spawn('/bin/sh', ['-c', LEADER, 'keep', callersMask().toString(8), ...argv], {
    detached: true,
    env,
    ...(cwd === undefined ? {} : { cwd }),
    stdio: [stdin, output, output, 'pipe'],
  })
  const end = endOf(child)
  await once(child, 'spawn')
  const pid = child.pid!
  const start = startOf(pid) ?? 'gone'
  guard.watch(pid)
  const go = child.stdio[3] as Writable
  go.on('error', () => {}) // The leader was ended before it began: its end says so.
  go.end('go\n')
  return { group: { pid, start }, end, child }
}

/** Whether a shell would find something to run by this name. */
function isProgram(file: string): boolean {
  const places = file.includes('/') ? [''] : (process.env.PATH ?? '').split(delimiter)
  return places.some(place => {
    const path = join(place, file)
    return statSync(path, { throwIfNoEntry: false })?.isFile() === true && isExecutable(path)
  })
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
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
