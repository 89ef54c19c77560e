import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { before, test } from 'node:test'
import ndjson from 'ndjson'
import { sh, sluice } from './kit/proc.ts'
import { sharedFile } from './kit/shared.ts'

/** What other programs make of our lines, and the same line run as one process and as six. */
const LINE =
  'features | strategy | predict --model sequence@example | ' +
  'gate --without confidence,combined | execute'
let events = ''
before(async () => {
  events = (await sluice(['discover', '--source', 'sim', '--days', '0.5', '--quiet'], {})).stdout
})

test('the ndjson package reads what we write, line for line', async () => {
  const out = (await sluice(['features', '--quiet'], { input: events })).stdout
  const read: unknown[] = []
  for await (const value of Readable.from([out]).pipe(ndjson.parse())) read.push(value)
  assert.deepEqual(
    read,
    out
      .split('\n')
      .slice(0, -1)
      .map(line => JSON.parse(line)),
  )
})

test('we read what the ndjson package writes', async () => {
  const values = events
    .split('\n')
    .slice(0, 500)
    .map(line => JSON.parse(line))
  const written: string[] = []
  const stringify = ndjson.stringify()
  stringify.on('data', (text: Buffer | string) => written.push(String(text)))
  for (const value of values) stringify.write(value)
  stringify.end()
  const done = await sluice(['chaos', '--quiet'], { input: written.join('') })
  assert.equal(done.code, 0, done.stderr)
  assert.equal(done.stdout, written.join(''))
})

test('one process gives the bytes of the pipe on a generated market', async () => {
  const [piped, fused] = await both(events)
  assert.ok(piped.length > 0)
  assert.equal(fused, piped)
})

const pairs = sharedFile('data/binance-5m-2024-07/5m-BTC-ETH.csv.gz')
test('one process gives the bytes of the pipe on real candles', { skip: pairs.skip }, async () => {
  const candles = (
    await sh(`discover --source ohlcv '${pairs.path}' --quiet 2>/dev/null | head -3000`)
  ).stdout
  const [piped, fused] = await both(candles)
  assert.equal(fused, piped)
})

async function both(input: string): Promise<[string, string]> {
  const piped = await sh(LINE.replaceAll('|', '--quiet |').concat(' --quiet'), { input })
  assert.equal(piped.code, 0, piped.stderr)
  const fused = await sluice(['run', '--quiet', LINE], { input })
  assert.equal(fused.code, 0, fused.stderr)
  return [piped.stdout, fused.stdout]
}
