import type { Log } from '../base/console.ts'
import { withoutSecrets } from '../base/secrets.ts'

/**
 * Messages for people, on stderr only. consola by itself sends info and log to stdout, into the
 * next command’s data, and is loaded at the first message: most runs of a step have none.
 */
export function makeLog(name: string): Log & { flush(): Promise<void> } {
  let queue: Promise<void> = Promise.resolve()
  const say = (level: 'info' | 'warn' | 'error', text: string): void => {
    queue = queue.then(async () => {
      const { createConsola } = await import('consola/basic')
      const stream = process.stderr
      createConsola({ stdout: stream, stderr: stream, level: 3, formatOptions: { date: false } })[
        level
      ](`${name}: ${withoutSecrets(text)}`)
    })
  }
  return {
    info: text => say('info', text),
    warn: text => say('warn', text),
    error: text => say('error', text),
    flush: () => queue,
  }
}

/** One plain line on stderr: messages, alerts and summaries, without decoration or secrets. */
export function tell(text: string): void {
  process.stderr.write(`${withoutSecrets(text)}\n`)
}

/** A closed stderr must not end a run that trades: what cannot be said is dropped. */
export function surviveClosedStderr(): void {
  process.stderr.on('error', error => {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') process.exitCode ??= 70
  })
}
