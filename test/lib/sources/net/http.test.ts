import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { DataError, TemporaryError } from '../../../../lib/base/errors.ts'
import { makeRng } from '../../../../lib/base/rng.ts'
import { readKey, redact } from '../../../../lib/sources/net/api-key.ts'
import { makeBudget } from '../../../../lib/sources/net/budget.ts'
import { type Ask, type Http, makeHttp } from '../../../../lib/sources/net/http.ts'
import { parseJson } from '../../../../lib/sources/net/json.ts'

const { signal } = new AbortController()

interface World {
  http: Http
  counts: Map<string, number>
  ask(more?: Partial<Ask>): Ask
}

/** A server on the loopback and a client whose waits take no time. */
async function withServer(
  handler: RequestListener,
  use: (world: World) => Promise<void>,
): Promise<void> {
  const server = createServer(handler)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const dir = mkdtempSync(join(tmpdir(), 'sluice-http-'))
  const counts = new Map<string, number>()
  let at = 1_760_000_000_000
  const time = { now: () => at, sleep: async (ms: number) => void (at += ms) }
  const http = makeHttp({
    budget: makeBudget(dir, time, makeRng(1)),
    time,
    count: (what, by = 1) => counts.set(what, (counts.get(what) ?? 0) + by),
  })
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/x`)
  const ask = (more: Partial<Ask> = {}): Ask => ({
    provider: 'test',
    url,
    limit: { perMinute: 6000, burst: 100 },
    // A busy machine may take a while to answer itself; who waits for a timeout says a short one.
    timeoutMs: 10_000,
    ...more,
  })
  try {
    await use({ http, counts, ask })
  } finally {
    server.closeAllConnections()
    server.close()
    rmSync(dir, { recursive: true, force: true })
  }
}

test('answers come parsed, the key goes in its header', async () => {
  await withServer(
    (request, response) =>
      response.end(JSON.stringify({ key: request.headers['x-api-key'], big: 1 })),
    async ({ http, ask, counts }) => {
      const { status, body } = await http.ask(
        ask({ key: { header: 'x-api-key', value: 'sekret' } }),
        signal,
      )
      assert.deepEqual([status, body], [200, { key: 'sekret', big: 1 }])
      assert.equal(counts.get('test calls'), 1)
      assert.equal(counts.get('test bytes'), '{"key":"sekret","big":1}'.length)
    },
  )
})

test('faults of the host are tried again: 5xx, 429, a cut socket', async () => {
  let n = 0
  await withServer(
    (_, response) => {
      n++
      if (n === 1) response.writeHead(503).end()
      else if (n === 2) response.writeHead(429, { 'retry-after': '2' }).end('{"code":429}')
      else if (n === 3) response.destroy()
      else response.end('[1]')
    },
    async ({ http, ask, counts }) => {
      assert.deepEqual((await http.ask(ask(), signal)).body, [1])
      assert.deepEqual([counts.get('test failed'), counts.get('test limited')], [2, 1])
    },
  )
})

test('a host that keeps failing is given up for now, without the key in the message', async () => {
  await withServer(
    (_, response) => void response.writeHead(500).end(),
    async ({ http, ask }) => {
      await assert.rejects(
        http.ask(ask({ key: { header: 'x', value: '127.0.0.1' } }), signal),
        error => {
          assert.ok(error instanceof TemporaryError)
          assert.match(error.message, /^test: \*\*\*.* answered 500$/)
          return true
        },
      )
    },
  )
})

test('client errors are answers', async () => {
  await withServer(
    (_, response) => void response.writeHead(404).end('<html>'),
    async ({ http, ask }) => assert.deepEqual((await http.ask(ask(), signal)).status, 404),
  )
})

test('a body that never ends or never comes does not hold us', async () => {
  await withServer(
    (_, response) => void response.write('['),
    async ({ http, ask }) =>
      assert.rejects(http.ask(ask({ timeoutMs: 300 }), signal), TemporaryError),
  )
})

test('too large, also when packed small; not UTF-8; not JSON', async () => {
  const bodies: [Buffer, string, RegExp][] = [
    [Buffer.alloc(200_000, 32), 'identity', /more than 100000 bytes/],
    [gzipSync(Buffer.alloc(50_000_000, 32)), 'gzip', /more than 100000 bytes/],
    [Buffer.from([0x22, 0xff, 0x22]), 'identity', /not UTF-8/],
    [Buffer.from('{"a":'), 'identity', /not JSON/],
    [Buffer.from('['.repeat(90_000)), 'identity', /not JSON/],
  ]
  for (const [body, encoding, reason] of bodies)
    await withServer(
      (_, response) => void response.writeHead(200, { 'content-encoding': encoding }).end(body),
      async ({ http, ask, counts }) => {
        const answer = http.ask(ask({ maxBytes: 100_000, timeoutMs: 5000 }), signal)
        await assert.rejects(
          answer,
          error => error instanceof DataError && reason.test(error.message),
        )
        assert.equal(counts.get('test calls'), 1)
      },
    )
})

test('a redirect is not followed: keys stay with the host they are for', async () => {
  await withServer(
    (_, response) => void response.writeHead(302, { location: '/elsewhere' }).end(),
    async ({ http, ask }) => assert.rejects(http.ask(ask(), signal), TemporaryError),
  )
})

test('whole numbers that a double would round come as strings', () => {
  const text =
    '{"a":18446744073709551615,"b":[-9007199254740993,1.5,12],"c":"1234567890123456789","d":' +
    '1234567890123456.5,"e":0.1234567890123456,"f":1e-7}'
  assert.deepEqual(parseJson(Buffer.from(text)), {
    a: '18446744073709551615',
    b: ['-9007199254740993', 1.5, 12],
    c: '1234567890123456789',
    d: 1234567890123456.5,
    e: 0.1234567890123456,
    f: 1e-7,
  })
  fc.assert(
    fc.property(fc.jsonValue(), value => {
      const text = JSON.stringify(value)
      if (!/\d{16}/.test(text)) assert.deepEqual(parseJson(Buffer.from(text)), JSON.parse(text))
    }),
  )
  fc.assert(
    fc.property(fc.bigInt({ min: 10n ** 15n, max: 2n ** 64n }), fc.string(), (big, name) => {
      const inner = `${name}${big}\\"${big}`
      const text = `{"a":${big},"b":${JSON.stringify(inner)}}`
      assert.deepEqual(parseJson(Buffer.from(text)), { a: String(big), b: inner })
    }),
  )
  const long = JSON.stringify({ x: 'a1"'.repeat(1_000_000), n: 0 }).replace(
    '"n":0',
    '"n":99999999999999999',
  )
  assert.equal((parseJson(Buffer.from(long)) as { n: string }).n, '99999999999999999')
})

test('keys come from a file that is closed to others', t => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-key-'))
  t.after(() => rmSync(dir, { recursive: true, force: true }))
  const path = join(dir, 'key')
  writeFileSync(path, 'abc123\n', { mode: 0o600 })
  assert.equal(readKey(path, '--birdeye-key'), 'abc123')
  chmodSync(path, 0o644)
  assert.throws(() => readKey(path, '--birdeye-key'), /can be read by others/)
  writeFileSync(join(dir, 'two'), 'a\nb', { mode: 0o600 })
  assert.throws(() => readKey(join(dir, 'two'), '--birdeye-key'), /one key on one line/)
  assert.throws(() => readKey(join(dir, 'none'), '--birdeye-key'), /ENOENT/)
  assert.equal(redact('https://x/abc123?k=abc123', ['abc123']), 'https://x/***?k=***')
})
