import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { Rng } from '../../lib/base/rng.ts'
import { answer } from './apis.ts'
import type { Market } from './market.ts'

/** Ways in which an answer goes wrong. */
export const FAULTS = {
  'too many': (response: ServerResponse) =>
    void response.writeHead(429, { 'retry-after': '0' }).end('{"code":429}'),
  'server error': (response: ServerResponse) => void response.writeHead(502).end('<html>'),
  cut: (response: ServerResponse) => void response.destroy(),
  'half a body': (response: ServerResponse) => {
    response.writeHead(200, { 'content-length': 1000 })
    response.write('{"data":[')
    setTimeout(() => response.destroy(), 20)
  },
  slow: (response: ServerResponse) => {
    response.writeHead(200)
    const drip = setInterval(() => response.write(' '), 200)
    response.on('close', () => clearInterval(drip))
    setTimeout(() => response.end('[]'), 3000)
  },
  'not UTF-8': (response: ServerResponse) =>
    void response.end(Buffer.from([0x5b, 0x22, 0xff, 0xfe, 0x22, 0x5d])),
  'not JSON': (response: ServerResponse) => void response.end('<!doctype html>'),
  'other shape': (response: ServerResponse) =>
    void response.end(
      '{"data":{"items":5,"data":"x"},"pairs":[null,{"chainId":"solana","pairAddress":7}]}',
    ),
  huge: (response: ServerResponse) => {
    response.writeHead(200, { 'content-encoding': 'gzip' })
    response.end(HUGE)
  },
} as const
export type Fault = keyof typeof FAULTS
const HUGE = gzipSync(Buffer.alloc(50 * 2 ** 20, 32))

export interface Exchange {
  url: string
  /** Requests by path, without the query. */
  asked: Map<string, number>
  /** Chance of a fault per request. */
  trouble: number
  /** Every answer is this fault. */
  only: Fault | undefined
  /** Faults so far, by kind. */
  faults: Map<Fault, number>
  /** How far its clock is ahead. */
  skewMs: number
  /** Keys that it takes; any request while undefined. */
  keys: readonly string[] | undefined
  /** Does not answer at all: connections are refused. */
  down(isDown: boolean): void
  close(): void
}

/** Every HTTP API of the market on one loopback port. */
export async function openExchange(market: Market, rng: Rng, trouble = 0): Promise<Exchange> {
  const asked = new Map<string, number>()
  const faults = new Map<Fault, number>()
  let isDown = false
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://x')
    asked.set(url.pathname, (asked.get(url.pathname) ?? 0) + 1)
    if (isDown) return void response.destroy()
    if (exchange.only !== undefined || rng.next() < exchange.trouble) {
      const kinds = Object.keys(FAULTS) as Fault[]
      const kind = exchange.only ?? kinds[rng.below(kinds.length)]!
      faults.set(kind, (faults.get(kind) ?? 0) + 1)
      return FAULTS[kind](response)
    }
    const key = request.headers['x-api-key']
    if (exchange.keys !== undefined && !exchange.keys.includes(String(key)))
      return void response.writeHead(401).end('{}')
    const body = answer(market, url)
    // Jupiter’s way to say that there is no route.
    const isRefused = typeof body === 'object' && body !== null && 'errorCode' in body
    response.writeHead(body === undefined ? 404 : isRefused ? 400 : 200, {
      'content-type': 'application/json',
      date: new Date(Date.now() + exchange.skewMs).toUTCString(),
      'x-ratelimit-remaining': '29',
    })
    response.end(JSON.stringify(body ?? { error: 'not found' }))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const exchange: Exchange = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    trouble,
    only: undefined,
    faults,
    skewMs: 0,
    keys: undefined,
    down: to => void (isDown = to),
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
  return exchange
}
