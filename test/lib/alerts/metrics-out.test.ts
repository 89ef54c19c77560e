import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { offerMetrics } from '../../../lib/alerts/metrics-out.ts'

/** A port that nobody listens on. */
const freePort = (): Promise<number> =>
  new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })

const ask = (port: number, host: string): Promise<{ status: number; body: string }> =>
  new Promise((resolve, reject) => {
    const asked = request({ port, host: '127.0.0.1', path: '/metrics', headers: { host } })
    asked.on('response', response => {
      let body = ''
      response.on('data', data => (body += data))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    asked.on('error', reject)
    asked.end()
  })

test('metrics are for those who ask this machine by its own name', async t => {
  const port = await freePort()
  const out = await offerMetrics(String(port), () => 'sluice_positions 3\n')
  t.after(() => out.close())
  for (const host of ['127.0.0.1', 'localhost', '[::1]', `localhost:${port}`, `127.0.0.1:${port}`])
    assert.deepEqual(await ask(port, host), { status: 200, body: 'sluice_positions 3\n' }, host)
  for (const host of ['attacker.example', `attacker.example:${port}`, 'localhost.evil.example']) {
    const { status, body } = await ask(port, host)
    assert.equal(status, 403, host)
    assert.doesNotMatch(body, /positions/)
  }
})

test('a file of metrics may be read by the collector, whatever else is private', async t => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-metrics-'))
  const before = process.umask(0o077)
  t.after(() => {
    process.umask(before)
    rmSync(dir, { recursive: true })
  })
  const out = await offerMetrics(join(dir, 'sluice.prom'), () => 'x 1\n')
  await out.close()
  assert.equal(statSync(join(dir, 'sluice.prom')).mode & 0o777, 0o644)
})
