import type { WebSocket as Socket } from 'ws'
import { wallClock } from '../../base/clock.ts'
import { messageOf } from '../../base/errors.ts'
import type { Rng } from '../../base/rng.ts'
import { redact } from './api-key.ts'
import { backoff, pauseAfter } from './bucket.ts'
import type { Time } from './budget.ts'

interface SocketOptions {
  url: string
  /** Parts of the address that are never shown. */
  secrets: readonly string[]
  time: Time
  rng: Rng
  /** Connected: subscribe. The connection counts as good from the first sign of life on. */
  onOpen(send: (message: unknown) => void): void | Promise<void>
  /** A message; true when it is a sign of life (where pongs are not enough). */
  onMessage(data: Buffer): boolean
  /** The connection is gone, with the reason. */
  onClose(reason: string): void
  /** Without a sign of life for so long the connection is cut. */
  staleMs: number
  /** Pongs are signs of life. */
  pongsCount: boolean
}

const MAX_PAYLOAD = 32 * 2 ** 20
const HANDSHAKE_MS = 5000
/** Signs of life of a connection that worked. */
const ALIVE = 10

/**
 * Keeps one websocket open until the signal fires. A socket can stay open without anybody at the
 * other end (half-open), so it is cut after `staleMs` without a sign of life. Connects again with
 * growing random pauses; a connection that went on showing life starts them anew, one that hung up
 * after its first word does not.
 */
export async function keepSocket(options: SocketOptions, signal: AbortSignal): Promise<void> {
  const { WebSocket } = await import('ws')
  let failures = 0
  while (!signal.aborted) {
    const { reason, wasAlive } = await connection(WebSocket, options, signal)
    if (signal.aborted) return
    options.onClose(redact(reason, options.secrets))
    failures = wasAlive ? 0 : failures + 1
    const random = options.rng.next()
    const pause = failures === 0 ? backoff(0, random) : pauseAfter(failures, random)
    await options.time.sleep(50 + pause, signal)
  }
}

/** One connection from handshake to end. */
function connection(
  Make: typeof import('ws').WebSocket,
  options: SocketOptions,
  signal: AbortSignal,
): Promise<{ reason: string; wasAlive: boolean }> {
  const { url, time, staleMs, pongsCount } = options
  return new Promise(resolve => {
    const socket: Socket = new Make(url, {
      maxPayload: MAX_PAYLOAD,
      handshakeTimeout: HANDSHAKE_MS,
      perMessageDeflate: false,
      followRedirects: false,
    })
    let lastLife = time.now()
    let signs = 0
    let reason = 'closed'
    const live = (): void => {
      lastLife = time.now()
      signs++
    }
    let checkedAt = wallClock.monotonic()
    const watchdog = setInterval(() => {
      // Where we did not get to run, the other side was not silent: what it said waits to be read.
      const late = wallClock.monotonic() - checkedAt - staleMs / 4
      if (late > staleMs / 4) lastLife += late
      checkedAt = wallClock.monotonic()
      if (time.now() - lastLife > staleMs) {
        reason = `no sign of life for ${staleMs} ms`
        socket.terminate()
      } else if (pongsCount && socket.readyState === Make.OPEN) socket.ping()
    }, staleMs / 4)
    const stop = (): void => socket.terminate()
    signal.addEventListener('abort', stop, { once: true })
    socket.on('open', () => {
      lastLife = time.now()
      const send = (message: unknown): void => {
        if (socket.readyState === Make.OPEN) socket.send(JSON.stringify(message))
      }
      void Promise.resolve(options.onOpen(send)).catch(error => {
        reason = messageOf(error)
        socket.terminate()
      })
    })
    socket.on('message', data => {
      if (options.onMessage(asBuffer(data))) live()
    })
    if (pongsCount) socket.on('pong', live)
    socket.on('error', error => (reason = messageOf(error)))
    socket.on('close', code => {
      clearInterval(watchdog)
      signal.removeEventListener('abort', stop)
      resolve({
        reason: reason === 'closed' ? `closed with ${code}` : reason,
        wasAlive: signs >= ALIVE,
      })
    })
    if (signal.aborted) stop()
  })
}

const asBuffer = (data: Buffer | ArrayBuffer | Buffer[]): Buffer =>
  Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data)
