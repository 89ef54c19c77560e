import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Fault } from './faults.ts'

export interface Answer {
  status?: number
  body: unknown
}

/**
 * Answers a request as its fault wants it: `work` is called or not, and its answer is told or not.
 * Faults that are about what is answered, not whether, are for `work` itself.
 */
export async function respond(
  response: ServerResponse,
  fault: Fault | undefined,
  work: () => Answer | Promise<Answer>,
): Promise<void> {
  if (fault === 'hang') return
  if (fault === 'too-many')
    return send(response, { status: 429, body: { code: 429, message: 'Too many requests' } })
  if (fault === 'bad-gateway') return void response.writeHead(502).end('<html>bad gateway')
  const answer = await work()
  if (fault === 'hang-after') return
  if (fault === 'cut-after') return void response.destroy()
  if (fault === 'bad-gateway-after') return void response.writeHead(502).end('<html>bad gateway')
  send(response, answer)
}

function send(response: ServerResponse, { status = 200, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

/** The whole body of a request as text. */
export async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += chunk
  return text
}

/** A server on a free loopback port. */
export async function listen(
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<{ server: Server; url: string; close(): void }> {
  const server = createServer((request, response) => {
    handle(request, response).catch(error => {
      if (!response.headersSent) send(response, { status: 500, body: { error: String(error) } })
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    server,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
