import { type ChildProcess, fork } from 'node:child_process'
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { wallClock } from '../../base/clock.ts'
import type { Log, Output } from '../../base/console.ts'
import { errorOf, Failure, type ToldError, UsageError } from '../../base/errors.ts'
import { mebibytes } from '../duck/memory-flag.ts'
import type { QueryOptions } from './query.ts'
import type { QueryFlags } from './query-flags.ts'

/** From the command to the process of the query. */
export interface QueryOrder {
  options: QueryOptions
  /** Resident bytes of the process above which it is ended. */
  mostResident: number
}
/** And back. */
export type QueryReport =
  | { type: 'done' }
  | { type: 'large' }
  | { type: 'remark'; text: string }
  | { type: 'failed'; error: ToldError }

interface RunQuery extends QueryFlags {
  home: string
  args: readonly string[]
  signal: AbortSignal
  log: Log
}

const MOST_MEMORY = 2 * 2 ** 30
/** What Node and the engine take beside the data. */
const BESIDE = 512 * 2 ** 20

/**
 * The command `query`: rows as NDJSON, each block written before the next is fetched. It runs in a
 * process of its own, since some of what SQL can ask for is stopped by nothing else. Throws a
 * UsageError when it wants more time, memory or disk than it may have, naming the flag.
 */
export async function runQuery(given: RunQuery, out: Output): Promise<void> {
  const { args, home, tail, allow, threads, timeFormat, timeZone, decimal, signal } = given
  const [first, second] = args
  const fromStdin = second !== undefined
  if (fromStdin && first !== '-')
    throw new UsageError('expected one SQL text, or - and one SQL text')
  if (fromStdin && given.file !== undefined)
    throw new UsageError('--file and - both name the input')
  const memory = given.memory ?? Math.min(MOST_MEMORY, machineMemory() / 4)
  const work = mkdtempSync(join(tmpdir(), 'sluice-query-'))
  try {
    const file = fromStdin ? await saveStdin(work, given) : given.file
    const options: QueryOptions = {
      home,
      tail,
      file,
      allow,
      threads,
      timeFormat,
      timeZone,
      decimal,
      work,
      sql: (fromStdin ? second : first)!,
      memory: mebibytes(memory),
      temporaryMost: mebibytes(given.tempDisk),
    }
    if (signal.aborted) return
    await inProcess({ options, mostResident: memory + BESIDE }, given, out)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** Bytes of this machine, or of the container that this process lives in. */
function machineMemory(): number {
  const constrained = process.constrainedMemory?.() ?? 0
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
}

/** The engine reads its input twice, once for the columns: a pipe has to be kept. */
async function saveStdin(work: string, { tempDisk, signal }: RunQuery): Promise<string> {
  const path = join(work, 'input.ndjson')
  let bytes = 0
  const bounded = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      bytes += chunk.length
      if (bytes > tempDisk)
        throw new UsageError(`the input is larger than --temp-disk ${mebibytes(tempDisk)}`)
      yield chunk
    }
  }
  await pipeline(process.stdin, bounded, createWriteStream(path), { signal })
  return path
}

async function inProcess(
  order: QueryOrder,
  { timeLimit, signal, log }: RunQuery,
  out: Output,
): Promise<void> {
  const child = startChild()
  let problem: Error | undefined
  let isDone = false
  const end = (error?: Error): void => {
    problem ??= error
    child.kill('SIGKILL')
  }
  const stop = (): void => end()
  signal.addEventListener('abort', stop, { once: true })
  child.on('message', (report: QueryReport) => {
    if (report.type === 'done') isDone = true
    else if (report.type === 'remark') return log.warn(report.text)
    else if (report.type === 'failed') problem ??= errorOf(report.error)
    else end(tooLarge(order))
    if (report.type !== 'large') child.disconnect()
  })
  const ended = new Promise<string>(resolve => {
    child.once('error', error => resolve(error.message))
    child.once('exit', (code, name) => resolve(name ?? `exit ${code}`))
  })
  const patience = makePatience(timeLimit, () => end(tooLong(timeLimit)))
  child.send(order)
  try {
    patience.start()
    for await (const text of wholeLines(child.stdout!)) {
      // Time that the reader of our output takes is not the query’s.
      patience.pause()
      await out.write(text)
      patience.start()
    }
    const how = await ended
    if (signal.aborted) return
    if (problem === undefined && !isDone)
      throw new Failure(`the process of the query ended early (${how})`)
  } finally {
    patience.pause()
    signal.removeEventListener('abort', stop)
    child.kill('SIGKILL')
  }
  if (problem !== undefined) throw problem
}

const tooLarge = ({ options: { memory } }: QueryOrder): UsageError =>
  new UsageError(`it takes more than --memory ${memory} allows; ended before it was done`)
const tooLong = (ms: number): UsageError =>
  new UsageError(`not done after ${ms / 1000} s; --time-limit TIME lets it run longer`)

function startChild(): ChildProcess {
  // Bundled, the entry lies beside this chunk as JavaScript.
  const name = import.meta.url.endsWith('.ts') ? './query-child.ts' : './query-child.js'
  return fork(fileURLToPath(new URL(name, import.meta.url)), {
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
}

/** Text of a stream up to its last newline: what is cut off by an end is no row. */
async function* wholeLines(stream: Readable): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of stream.setEncoding('utf8') as AsyncIterable<string>) {
    const end = chunk.lastIndexOf('\n') + 1
    if (end > 0) yield rest + chunk.slice(0, end)
    rest = end > 0 ? chunk.slice(end) : rest + chunk
  }
}

/** A limit of time that can be held up. */
function makePatience(limitMs: number, onOver: () => void): { start(): void; pause(): void } {
  let left = limitMs
  let since: number | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  return {
    start() {
      since = wallClock.monotonic()
      timer = setTimeout(onOver, Math.max(0, left))
    },
    pause() {
      clearTimeout(timer)
      if (since !== undefined) left -= wallClock.monotonic() - since
      since = undefined
    },
  }
}
