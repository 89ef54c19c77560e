import { createServer } from 'node:http'
import { replaceFile } from '../base/atomic-write.ts'
import { messageOf, UsageError } from '../base/errors.ts'
import { withoutSecrets } from '../base/secrets.ts'
import { isOwnHost, listenOnLoopback } from './loopback.ts'

/** Where metrics are offered until `close`. */
export interface MetricsOut {
  close(): Promise<void>
}

const EVERY_MS = 5000

/**
 * Offers metrics as text: `where` is a port, answered on 127.0.0.1 only at /metrics and under that
 * name only, or a file that everybody may read,
 * replaced every 5 s and at the end (for a node exporter’s textfile collector). Neither keeps the
 * process alive. Throws UsageError when the port or the file cannot be used.
 */
export async function offerMetrics(where: string, text: () => string): Promise<MetricsOut> {
  if (/^\d{1,5}$/.test(where)) return serve(Number(where), text)
  const write = (): void => {
    try {
      replaceFile(where, text(), 0o644)
    } catch (error) {
      throw new UsageError(`--metrics ${where}: ${messageOf(error)}`)
    }
  }
  /** A full disk must not end the stream; the next write may succeed. */
  const tryWrite = (): void => {
    try {
      write()
    } catch (error) {
      process.stderr.write(`${withoutSecrets(messageOf(error))}\n`)
    }
  }
  write()
  const timer = setInterval(tryWrite, EVERY_MS).unref()
  return {
    async close() {
      clearInterval(timer)
      tryWrite()
    },
  }
}

async function serve(port: number, text: () => string): Promise<MetricsOut> {
  const server = createServer((request, response) => {
    if (!isOwnHost(request.headers.host)) {
      response.writeHead(403, { 'content-type': 'text/plain' }).end('not this host\n')
      return
    }
    const isMetrics = request.method === 'GET' && request.url === '/metrics'
    response.writeHead(isMetrics ? 200 : 404, {
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    })
    response.end(isMetrics ? text() : 'only /metrics\n')
  })
  await listenOnLoopback(server, port, '--metrics')
  server.unref()
  return {
    async close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
