import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { DataError, show, TemporaryError } from '../base/errors.ts'
import { MAX_LINE } from '../stream/reader.ts'

/** A program that answers each line with one line. */
export interface Program {
  /**
   * Gives it lines and yields as many answers, in order, as they come. Throws a TemporaryError when
   * it does not answer in time or has ended, a DataError for an answer that is too long.
   */
  ask(lines: readonly string[]): AsyncIterable<string>
  /**
   * Ends its input and waits until it is gone. Throws a DataError for answers that nobody asked
   * for, a TemporaryError when it ends with another code than 0 or not in time.
   */
  finish(): Promise<void>
  /** Ends it at once. */
  kill(): void
}

/** A running program whose stderr is ours. */
type Child = ChildProcessByStdio<Writable, Readable, null>

interface Waiting {
  take(answer: string): void
  fail(error: Error): void
}

/**
 * Starts a program. Its stderr is ours; `timeoutMs` is how long it may take from one answer to the
 * next. `name` stands in messages.
 */
export function startProgram(
  words: readonly string[],
  env: Record<string, string>,
  timeoutMs: number,
): Program {
  const name = show(words.join(' ')).slice(1, -1)
  const child = spawn(words[0]!, words.slice(1), { env, stdio: ['pipe', 'pipe', 'inherit'] })
  const answers = makeAnswers(child, name)
  const late = (): TemporaryError =>
    new TemporaryError(`${name}: no answer in ${timeoutMs} ms; does it write each line at once?`)
  return {
    async *ask(lines) {
      const written = write(child, lines)
      for (const _ of lines) yield await inTime(answers.next(), timeoutMs, late)
      await written
    },
    async finish() {
      child.stdin.end()
      const gone = child.exitCode === null && child.signalCode === null
      if (gone)
        await inTime(once(child, 'close'), timeoutMs, () => {
          child.kill('SIGKILL')
          return new TemporaryError(`${name}: did not end within ${timeoutMs} ms of its input`)
        })
      answers.refuseMore()
      if (child.exitCode !== 0) throw new TemporaryError(`${name}: ${endOf(child)}`)
    },
    kill: () => void child.kill('SIGKILL'),
  }
}

/** Answers by line, as they come in; each goes to whoever waits for it, in order. */
function makeAnswers(child: Child, name: string) {
  const ready: string[] = []
  const waiting: Waiting[] = []
  let rest = ''
  let failure: Error | undefined
  const fail = (error: Error): void => {
    failure ??= error
    for (const each of waiting.splice(0)) each.fail(failure)
  }
  child.stdout.setEncoding('utf8')
  child.stdout.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()!
    if (rest.length > MAX_LINE)
      fail(new DataError(`${name}: an answer is longer than a line may be`))
    for (const line of lines) {
      const next = waiting.shift()
      if (next === undefined) ready.push(line)
      else next.take(line)
    }
  })
  child.on('error', error => fail(new TemporaryError(`${name}: ${error.message}`)))
  child.on('close', () => fail(new TemporaryError(`${name}: ${endOf(child)} before it answered`)))
  // What it does not want to read is told by its end.
  child.stdin.on('error', () => undefined)
  return {
    next: (): Promise<string> =>
      new Promise((resolve, reject) => {
        const line = ready.shift()
        if (line !== undefined) resolve(line)
        else if (failure !== undefined) reject(failure)
        else waiting.push({ take: resolve, fail: reject })
      }),
    refuseMore(): void {
      const extra = ready[0] ?? (rest === '' ? undefined : rest)
      if (extra !== undefined)
        throw new DataError(`${name}: expected one line for each line, got more: ${show(extra)}`)
    },
  }
}

async function write({ stdin }: Child, lines: readonly string[]): Promise<void> {
  const text = lines.map(line => `${line}\n`).join('')
  if (!stdin.destroyed && !stdin.write(text)) {
    // A program that dies drains nothing: its end is told by the answers that do not come.
    await Promise.race([once(stdin, 'drain'), once(stdin, 'close')]).catch(() => undefined)
  }
}

const endOf = ({ exitCode, signalCode }: Child): string =>
  signalCode === null ? `ended with exit ${exitCode}` : `was ended by ${signalCode}`

async function inTime<T>(made: Promise<T>, timeoutMs: number, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), timeoutMs)
  })
  try {
    return await Promise.race([made, timeout])
  } finally {
    clearTimeout(timer)
  }
}
