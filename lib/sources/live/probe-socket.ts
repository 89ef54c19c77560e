import { messageOf } from '../../base/errors.ts'

/**
 * Opens a websocket and closes it. With `first` that message is sent, and a message of the other side that `isLife` takes
 * must follow. Gives back why not, undefined when all is well.
 */
export async function opens(
  url: string,
  patienceMs: number,
  signal: AbortSignal,
  first?: { message: unknown; isLife(data: string): boolean },
): Promise<string | undefined> {
  const { WebSocket } = await import('ws')
  return new Promise(resolve => {
    const socket = new WebSocket(url, {
      handshakeTimeout: patienceMs,
      followRedirects: false,
      perMessageDeflate: false,
    })
    const end = (reason: string | undefined): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      resolve(reason)
      socket.terminate()
    }
    const stop = (): void => end('stopped')
    const timer = setTimeout(() => end(`its socket says nothing for ${patienceMs} ms`), patienceMs)
    signal.addEventListener('abort', stop, { once: true })
    socket.on('open', () => {
      if (first === undefined) end(undefined)
      else socket.send(JSON.stringify(first.message))
    })
    socket.on('message', data => {
      if (first?.isLife(String(data))) end(undefined)
    })
    socket.on('error', error => end(`its socket: ${messageOf(error) || (error as NodeJS.ErrnoException).code}`))
  })
}
