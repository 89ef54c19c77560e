import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { TemporaryError, UsageError } from '../base/errors.ts'
import { fileMode } from '../base/modes.ts'
import { programEnv } from '../exec/program-env.ts'
import { endGroup, sleep, startGroup } from '../store/keep/group.ts'
import { startGuard } from '../store/keep/guard.ts'
import { describeEnd, type End } from '../store/keep/keep-policy.ts'

/** One run of a command that trains. */
export interface TrainerRun {
  /** Command line for /bin/sh. */
  command: string
  /** Folder that it starts in: that of the model, where its recipe lies. */
  cwd: string
  /** Export folder or table. */
  data: string
  /** Where its bundle is to be: …/NAME/VERSION, which is not there yet. */
  bundle: string
  /** File that everything it prints is added to. */
  log: string
  timeoutMs: number
  env: Readonly<Record<string, string | undefined>>
  signal: AbortSignal
}

/** Time between asking a group to end and ending it. */
const GRACE_MS = 5000
/** What a command prints beyond this is not kept. */
const MOST_BYTES = 16 * 2 ** 20

/**
 * Runs a command that writes a bundle: `COMMAND EXPORT BUNDLE`, both also as EXPORT_DIR and
 * BUNDLE_DIR, with neither keys nor settings of ours in its environment. Whatever it started ends
 * with it, at the end of its time, on a signal, and when this process is killed; on Linux also what
 * has left its group, but for the last case. Throws UsageError where there is nothing to run,
 * TemporaryError for another end than exit 0, with its last line of stderr.
 */
export async function runTrainer(run: TrainerRun): Promise<void> {
  const { command, cwd, timeoutMs, signal } = run
  const [data, bundle] = [resolve(run.data), resolve(run.bundle)]
  const log = openLog(run.log)
  const guard = startGuard(GRACE_MS)
  try {
    // Quoting and pipes are those of a shell; what is appended is never read as shell.
    const words = ['/bin/sh', '-c', `${command} "$@"`, 'trainer', data, bundle]
    const env = { ...programEnv(run.env), EXPORT_DIR: data, BUNDLE_DIR: bundle }
    const started = { env, cwd, stdin: 'ignore', output: 'pipe' } as const
    const { group, end, child } = await startGroup(words, guard, started)
    log.follow(child.stdout!, child.stderr!)
    const closed = once(child, 'close')
    const over = new AbortController()
    const late = sleep(timeoutMs, AbortSignal.any([signal, over.signal]))
    const found = await Promise.race([end, late])
    over.abort()
    await endGroup(group, GRACE_MS)
    await endMarked(`BUNDLE_DIR=${bundle}`)
    // What has left the group and holds its output is not waited for.
    await Promise.race([closed, sleep(1000)])
    child.stdout!.destroy()
    child.stderr!.destroy()
    judge(found ?? undefined, run, log.lastLine())
  } finally {
    guard.dismiss()
    log.close()
  }
}

/**
 * Ends the processes that were started with a setting in their environment, as daemons are that
 * have left the group of their parent. Tells them first; kills what is left after the grace.
 */
async function endMarked(setting: string): Promise<void> {
  for (const pid of markedBy(setting)) send(pid, 'SIGTERM')
  for (let waited = 0; waited < GRACE_MS && markedBy(setting).length > 0; waited += 100)
    await sleep(100)
  for (const pid of markedBy(setting)) send(pid, 'SIGKILL')
}

/** Processes with a setting in the environment that they began with (proc(5)); none off Linux. */
function markedBy(setting: string): number[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc')
    .map(Number)
    .filter(pid => {
      if (!(pid > 0) || pid === process.pid) return false
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(setting)
      } catch {
        return false // Gone meanwhile, or not ours to read.
      }
    })
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // Ended meanwhile.
  }
}

/** Throws for every end but exit 0; none is a trainer that was ended by us. */
function judge(end: End | undefined, { timeoutMs, signal, log }: TrainerRun, last: string): void {
  if (end?.code === 0) return
  const place = `log: ${join('retrain', 'logs', basename(log))}`
  const said = last === '' ? `it said nothing on stderr` : last
  if (signal.aborted) throw new TemporaryError(`trainer: interrupted; ${place}`)
  if (end === undefined)
    throw new TemporaryError(
      `trainer: not done after ${timeoutMs / 1000} s (--trainer-timeout): ${said}; ${place}`,
    )
  const text = `trainer: ${describeEnd(end)}: ${said}; ${place}`
  throw end.code === 126 || end.code === 127 ? new UsageError(text) : new TemporaryError(text)
}

/** Everything that a command prints, up to a bound, and the last line of its stderr. */
function openLog(path: string) {
  mkdirSync(dirname(path), { recursive: true })
  const file = openSync(path, 'a', fileMode())
  let [bytes, left, tail] = [0, 0, '']
  const keep = (chunk: Buffer): void => {
    const kept = chunk.subarray(0, Math.max(0, MOST_BYTES - bytes))
    bytes += kept.length
    left += chunk.length - kept.length
    writeSync(file, kept)
  }
  return {
    follow(stdout: Readable, stderr: Readable): void {
      stdout.on('data', keep)
      stderr.on('data', (chunk: Buffer) => {
        keep(chunk)
        tail = (tail + chunk.toString('utf8')).slice(-4000)
      })
    },
    lastLine(): string {
      const lines = tail.split(/[\r\n]+/).map(line => line.replace(/\p{Cc}/gu, ' ').trim())
      return (lines.findLast(line => line !== '') ?? '').slice(0, 300)
    },
    close(): void {
      if (left > 0) writeSync(file, `\n${left} more bytes are not kept\n`)
      closeSync(file)
    },
  }
}
