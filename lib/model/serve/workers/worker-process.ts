import { spawn } from 'node:child_process'
import type { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { messageOf } from '../../../base/errors.ts'
import { encodeFrame, type Frame, type Head, makeFrameReader } from './frame.ts'

/** A running worker, seen from predict. */
export interface Worker {
  pid: number | undefined
  send(head: Head, data?: Uint8Array): void
  /** Ends it at once, also when it is stopped or hangs. */
  kill(): void
}

export interface WorkerEvents {
  frame(frame: Frame): void
  /** It has ended; told once. `how` is the signal, the exit code or the error. */
  ended(how: string): void
}

/** Starts one worker. What it prints goes to our stderr; frames go both ways over descriptor 3. */
export function startWorker(events: WorkerEvents): Worker {
  const child = spawn(process.execPath, entry(), { stdio: ['ignore', 'ignore', 'inherit', 'pipe'] })
  const pipe = child.stdio[3] as Duplex
  let isOver = false
  let reason: string | undefined
  const kill = (why: string): void => {
    reason ??= why
    child.kill('SIGKILL')
  }
  const end = (how: string): void => {
    if (isOver) return
    isOver = true
    pipe.destroy()
    events.ended(reason ?? how)
  }
  const read = makeFrameReader(events.frame)
  pipe.on('data', (chunk: Buffer) => {
    try {
      if (reason === undefined) read(chunk)
    } catch (error) {
      kill(messageOf(error))
    }
  })
  pipe.on('error', () => child.kill('SIGKILL')) // It has ended, or cannot be talked to any more.
  child.on('error', error => end(error.message))
  child.on('exit', (code, signal) => end(signal ?? `exit ${code}`))
  return {
    pid: child.pid,
    send(head, data) {
      if (!isOver) pipe.write(encodeFrame(head, data))
    },
    kill: () => kill('no sign of life'),
  }
}

/** The worker beside this file in the sources, or beside main.js in the build. */
function entry(): string[] {
  const here = import.meta.url
  if (here.endsWith('.ts'))
    return ['--import', import.meta.resolve('tsx'), fileURLToPath(new URL('./worker.ts', here))]
  return [fileURLToPath(new URL('../worker.js', here))]
}
