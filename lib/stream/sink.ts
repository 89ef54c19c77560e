import type { Writable } from 'node:stream'
import { TemporaryError } from '../base/errors.ts'
import type { Line } from './line.ts'

/** Standard output: awaits drain, and knows when the reader has gone. */
export interface Sink {
  write(text: string): Promise<void> | undefined
  lines(lines: readonly Line[]): Promise<void> | undefined
  /** The reader of our output has closed it: stop, this is not an error. */
  isClosed(): boolean
}

const NEVER_FULL = 1 << 20

/** Writes to a stream; a reader that has gone is told once through `onClosed`. */
export function makeSink(stream: Writable, onClosed: () => void = () => {}): Sink {
  let closed = false
  let failure: Error | undefined
  let wake: (() => void) | undefined
  const settle = (): void => {
    wake?.()
    wake = undefined
  }
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') closed = true
    else failure = new TemporaryError(`stdout: ${error.message}`)
    if (closed) onClosed()
    settle()
  })
  stream.on('drain', settle)

  const drained = async (): Promise<void> => {
    while (!closed && failure === undefined && stream.writableNeedDrain) {
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
    // An error of the write above arrives one turn later when the stream buffers nothing.
    await new Promise<void>(resolve => setImmediate(resolve))
    if (failure) throw failure
  }
  const write = (text: string): Promise<void> | undefined => {
    if (failure) throw failure
    if (closed || text.length === 0) return undefined
    return stream.write(text) && text.length < NEVER_FULL ? undefined : drained()
  }
  return {
    write,
    lines: lines => (lines.length === 0 ? undefined : write(joinLines(lines))),
    isClosed: () => closed,
  }
}

function joinLines(lines: readonly Line[]): string {
  let text = ''
  for (const line of lines) text += `${line.raw}\n`
  return text
}

/**
 * Waits until everything written has left the process. Call before returning: an exit would cut the
 * pipe short.
 */
export function flushed(stream: Writable): Promise<void> {
  return new Promise(resolve => {
    if (stream.destroyed || stream.writableFinished) resolve()
    else stream.write('', () => resolve())
  })
}
