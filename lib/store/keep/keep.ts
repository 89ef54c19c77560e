import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { replaceFile } from '../../base/atomic-write.ts'
import { wallClock } from '../../base/clock.ts'
import {
  DataError,
  type Failure,
  HaltError,
  Negative,
  show,
  UsageError,
} from '../../base/errors.ts'
import type { Alert } from '../../records/quality.ts'
import { makeLine } from '../../stream/line.ts'
import { takeLock } from '../hold.ts'
import { endGroup, type Group, signalGroup, sleep, startGroup } from './group.ts'
import { startGuard } from './guard.ts'
import type { KeepFlags } from './keep-flags.ts'
import { describeEnd, type End, makeBackoff, verdictOf } from './keep-policy.ts'

export interface KeepOptions extends Omit<KeepFlags, 'name' | 'parent'> {
  home: string
  name?: KeepFlags['name']
  argv: readonly string[]
  signal: AbortSignal
  /** Gets each alert as a line of NDJSON. */
  alert(line: string): void
}

/** $SLUICE_HOME/keep/NAME.json, for `status`. */
export interface KeepState {
  name: string
  argv: readonly string[]
  state: 'running' | 'waiting' | 'stopped'
  pid: number
  child?: Group
  restarts: number
  lastEnd?: string
  startedAt: number
  heartbeatAt: number
}

/**
 * Keeps a command running: restarts by exit code with growing waits, and stops with the command’s
 * own code when a person is needed. A SIGTERM or SIGINT is passed on to everything the command
 * started, and its end awaited. What a killed shell left behind is ended before the next start.
 * When keep itself is killed, a guard asks what it had started to end, and ends it after `graceMs`.
 */
export async function keep(options: KeepOptions): Promise<void> {
  const name = options.name ?? basename(options.argv[0] ?? '')
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name))
    throw new UsageError(`--name: expected letters, digits, _ and -, got ${show(name)}`)
  const dir = join(options.home, 'keep')
  const lock = takeLock(dir, name)
  const state = makeState(join(dir, `${name}.json`), name, options)
  const timer = setInterval(state.beat, options.heartbeat)
  try {
    const left = state.left()
    if (left !== undefined) await endGroup(left, options.grace)
    await keepRunning(options, name, state)
  } finally {
    clearInterval(timer)
    state.set({ state: 'stopped' })
    lock.release()
  }
}

async function keepRunning(
  options: KeepOptions,
  name: string,
  state: ReturnType<typeof makeState>,
): Promise<void> {
  const { signal, grace } = options
  const wait = makeBackoff(options.minWait, options.maxWait, options.healthy)
  for (let restarts = 0; !signal.aborted; restarts++) {
    const began = wallClock.monotonic()
    const end = await runOnce(
      options,
      child => state.set({ state: 'running', child, restarts }),
      grace,
    )
    const verdict = verdictOf(end)
    state.set({ state: 'waiting', lastEnd: describeEnd(end) })
    if (verdict === 'done' || signal.aborted) return
    const waitMs = verdict === 'stop' ? 0 : wait(wallClock.monotonic() - began)
    options.alert(
      alertLine(
        name,
        end,
        verdict === 'stop' ? 'stopped: it needs a person' : `again in ${waitMs / 1000} s`,
      ),
    )
    if (verdict === 'stop') throw failureOf(end, options.argv)
    await sleep(waitMs, signal)
  }
}

/**
 * One life of the command. On a signal it is asked to end; what remains of its group afterwards is
 * ended too.
 */
async function runOnce(
  { argv, signal }: KeepOptions,
  onStart: (child: Group) => void,
  graceMs: number,
): Promise<End> {
  const guard = startGuard(graceMs)
  const { group, end } = await startGroup(argv, guard, {
    env: { ...process.env, SLUICE_KEPT: '1' },
    stdin: process.stdin.isTTY ? 'ignore' : 'inherit',
    output: 'inherit',
  }).catch(error => {
    guard.dismiss()
    throw error
  })
  const pass = (): void => signalGroup(group, 'SIGTERM')
  signal.addEventListener('abort', pass, { once: true })
  if (signal.aborted) pass()
  try {
    onStart(group)
    return await end
  } finally {
    signal.removeEventListener('abort', pass)
    await endGroup(group, graceMs)
    guard.dismiss()
  }
}

function makeState(path: string, name: string, { argv }: KeepOptions) {
  const now = wallClock.now()
  const base = { name, argv, pid: process.pid, restarts: 0, startedAt: now, heartbeatAt: now }
  let state: KeepState = { ...base, state: 'waiting' }
  const write = (): void => {
    state = { ...state, heartbeatAt: wallClock.now() }
    replaceFile(path, `${JSON.stringify(state)}\n`)
  }
  return {
    beat: write,
    set(change: Partial<KeepState>) {
      state = { ...state, ...change }
      write()
    },
    /** What the keep before us was running. */
    left: (): Group | undefined =>
      existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as KeepState).child : undefined,
  }
}

function alertLine(name: string, end: End, what: string): string {
  const ts = wallClock.now()
  const alert: Alert = {
    severity: 'error',
    name: 'exit',
    text: `${name}: ${describeEnd(end)}; ${what}`,
  }
  if (end.code !== null) alert.value = end.code
  return makeLine({
    v: 1,
    id: `alert:keep:${name}:${ts}`,
    ts,
    kind: 'alert',
    source: 'keep',
    alert,
  }).raw
}

/** The class of error whose exit code the command ended with. */
function failureOf(end: End, argv: readonly string[]): Failure {
  const text = `${show(argv[0])} ended with ${describeEnd(end)}`
  if (end.code === 1) return new Negative(text)
  if (end.code === 3) return new DataError(text)
  return end.code === 5 ? new HaltError(text) : new UsageError(text)
}
