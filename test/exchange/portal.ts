import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'

/** PumpPortal’s socket on the loopback. */
export interface Portal {
  url: string
  say(message: unknown): void
  cut(): void
  sockets(): number
  heard: unknown[]
  close(): void
}

export async function openPortal(): Promise<Portal> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  const heard: unknown[] = []
  server.on('connection', socket => {
    socket.on('message', raw => {
      heard.push(JSON.parse(String(raw)))
      socket.send('{"message":"Successfully subscribed."}')
    })
  })
  await new Promise<void>(resolve => server.on('listening', resolve))
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    say(message) {
      for (const socket of server.clients)
        socket.send(typeof message === 'string' ? message : JSON.stringify(message))
    },
    cut() {
      for (const socket of server.clients) socket.terminate()
    },
    sockets: () => server.clients.size,
    close() {
      for (const socket of server.clients) socket.terminate()
      server.close()
    },
  }
}
