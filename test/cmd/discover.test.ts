import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { withFiles } from '../lib/sources/scratch.ts'

const BIN = fileURLToPath(new URL('../../dist/bin/discover', import.meta.url))

const start = (...args: string[]): ChildProcess =>
  spawn(process.execPath, [BIN, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })

async function finish(
  child: ChildProcess,
  input = '',
): Promise<{ code: number | null; out: string; err: string }> {
  let [out, err] = ['', '']
  child.stdout?.on('data', chunk => (out += chunk))
  child.stderr?.on('data', chunk => (err += chunk))
  child.stdin?.end(input)
  const [code] = await once(child, 'close')
  return { code, out, err }
}

const foldersOf = (pid: number | undefined): string[] =>
  readdirSync(tmpdir()).filter(name => name.startsWith(`sluice-sort-${pid}-`))

/** Grouped by symbol, so that it must be sorted; several pipe buffers long. */
const UNSORTED = `symbol,timestamp,open,high,low,close,volume\n${['B', 'A']
  .flatMap(name => Array.from({ length: 20_000 }, (_, i) => `${name},${i * 60},1,2,0.5,1.5,10`))
  .join('\n')}\n`

test('wrong calls end with 2 and one line', async () => {
  const calls: [args: string[], message: RegExp][] = [
    [[], /--source is needed/],
    [['--source', 'replay'], /needs NDJSON files/],
    [
      ['--source', 'replay', '--columns', 'a=b', '-'],
      /--columns is for --source ohlcv, not replay/,
    ],
    [['--source', 'replay', '--tick', '5s', '-'], /--tick is for --source ohlcv/],
    [['--source', 'ohlcv', '/no/such.csv'], /cannot read \/no\/such.csv: no such file/],
    [['--source', 'ohlcv', '--order', 'file', '-'], /pass --interval/],
  ]
  const results = await Promise.all(calls.map(([args]) => finish(start(...args))))
  for (const [i, { code, out, err }] of results.entries()) {
    const message = calls[i]![1]!
    assert.equal(code, 2, err)
    assert.equal(out, '')
    assert.match(err, message)
    assert.equal(err.trimEnd().split('\n').length, 1, err)
  }
})

test('replay from stdin gives back what it got', async () => {
  const text = '{"v":1,"id":"tick:1","ts":1,"kind":"tick","source":"x","n":1.50}\n'
  assert.equal((await finish(start('--source', 'replay', '-'), text)).out, text)
})

test('a table from stdin is sorted too', async () => {
  const { out, code } = await finish(start('--source', 'ohlcv', '--tick', '0', '-'), UNSORTED)
  assert.equal(code, 0)
  assert.deepEqual(
    out.split('\n', 3).map(line => JSON.parse(line).id),
    ['candle:A:1m:0', 'candle:B:1m:0', 'candle:A:1m:60000'],
  )
})

test('--list-sources prints a row per source', async () => {
  const { out } = await finish(start('--list-sources'))
  const rows = out
    .trim()
    .split('\n')
    .map(row => JSON.parse(row))
  assert.ok(rows.some(({ source, gives }) => source === 'ohlcv' && gives.includes('candle')))
})

test(
  'whatever ends a sorted run, its folder goes: reader gone, interrupt, and kill at the next ' +
    'start',
  async () => {
    await withFiles({ 'a.csv': UNSORTED }, async path => {
      const gone = start('--source', 'ohlcv', path('a.csv'))
      await once(gone.stdout!, 'data')
      gone.stdout?.destroy()
      assert.deepEqual(await once(gone, 'close'), [0, null])
      assert.deepEqual(foldersOf(gone.pid), [])

      // The pipe is full and nobody reads: the run stands in the middle of its output.
      const interrupted = start('--source', 'ohlcv', path('a.csv'))
      await once(interrupted.stdout!, 'readable')
      interrupted.kill('SIGINT')
      interrupted.stdout?.resume()
      assert.deepEqual(await once(interrupted, 'close'), [130, null])
      assert.deepEqual(foldersOf(interrupted.pid), [])

      const killed = start('--source', 'ohlcv', path('a.csv'))
      await once(killed.stdout!, 'readable')
      killed.kill('SIGKILL')
      killed.stdout?.resume()
      await once(killed, 'close')
      assert.equal(foldersOf(killed.pid).length, 1)
      assert.equal((await finish(start('--source', 'ohlcv', path('a.csv')))).code, 0)
      assert.deepEqual(foldersOf(killed.pid), [])
    })
  },
)
