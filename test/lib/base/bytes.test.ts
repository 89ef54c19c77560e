import assert from 'node:assert/strict'
import { test } from 'node:test'
import zlib from 'node:zlib'
import { checkFiles, openBytes } from '../../../lib/base/bytes.ts'
import { DataError, UsageError } from '../../../lib/base/errors.ts'
import { withFiles } from '../sources/scratch.ts'

const never = new AbortController().signal
/**
 * A zstd frame of "hello\n": magic, single-segment header with content size 6, one raw block (RFC
 * 8878 §3.1.1).
 */
const ZSTD = Buffer.from('28b52ffd200631000068656c6c6f0a', 'hex')
const hasZstd = 'createZstdDecompress' in zlib

async function textOf(path: string): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of openBytes(path, never)) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

test('plain and gzip files give the same bytes, whatever they are called', async () => {
  const text = 'a line\n'.repeat(100_000)
  const gz = zlib.gzipSync(text)
  const files = {
    'a.ndjson': text,
    'a.ndjson.gz': gz,
    'b.txt': gz,
    'c.gz': Buffer.concat([gz, gz]),
    d: '',
    e: 'x',
  }
  await withFiles(files, async path => {
    assert.equal(await textOf(path('a.ndjson')), text)
    assert.equal(await textOf(path('a.ndjson.gz')), text)
    assert.equal(await textOf(path('b.txt')), text)
    assert.equal(await textOf(path('c.gz')), text + text)
    assert.equal(await textOf(path('d')), '')
    assert.equal(await textOf(path('e')), 'x')
  })
})

test('bytes are told as they lie in the file', async () => {
  const gz = zlib.gzipSync('a line\n'.repeat(100_000))
  await withFiles({ 'a.gz': gz, b: 'a line\n', c: '' }, async path => {
    const told = async (name: string): Promise<number> => {
      let sum = 0
      for await (const _ of openBytes(path(name), never, bytes => void (sum += bytes)));
      return sum
    }
    assert.deepEqual([await told('a.gz'), await told('b'), await told('c')], [gz.length, 7, 0])
  })
})

test('a gzip file that was cut gives what it holds, then a DataError naming it', async () => {
  const text = Array.from({ length: 50_000 }, (_, i) => `${(i * 7919) % 10_007}`).join('\n')
  const gz = zlib.gzipSync(text)
  await withFiles({ 'cut.gz': gz.subarray(0, gz.length - 20) }, async path => {
    let bytes = 0
    const read = async (): Promise<void> => {
      for await (const chunk of openBytes(path('cut.gz'), never)) bytes += chunk.length
    }
    await assert.rejects(
      read(),
      error => error instanceof DataError && error.message.includes('cut.gz'),
    )
    assert.ok(bytes > text.length / 2, `${bytes} bytes`)
  })
})

test('a wrong name stops the start', async () => {
  await assert.rejects(
    checkFiles(['/no/such/file']),
    error => error instanceof UsageError && /no such file/.test(error.message),
  )
  await assert.rejects(
    checkFiles(['/']),
    error => error instanceof UsageError && /it is a folder/.test(error.message),
  )
  await checkFiles(['-'])
})

test('zstd on a Node without it is refused at the start, in a sentence', {
  skip: hasZstd && 'this Node has zstd',
}, async () => {
  await withFiles({ 'a.zst': ZSTD }, async path => {
    const refused = (error: unknown): boolean =>
      error instanceof UsageError && /\.zst needs Node 22\.15/.test(error.message)
    await assert.rejects(checkFiles([path('a.zst')]), refused)
    await assert.rejects(textOf(path('a.zst')), refused)
  })
})

test('zstd is read where Node has it', { skip: !hasZstd && 'needs Node 22.15' }, async () => {
  await withFiles({ 'a.zst': ZSTD }, async path =>
    assert.equal(await textOf(path('a.zst')), 'hello\n'),
  )
})

test('a signal ends reading with its reason', async () => {
  await withFiles({ big: Buffer.alloc(4 * 2 ** 20, 120) }, async path => {
    const stop = new AbortController()
    const read = async (): Promise<void> => {
      for await (const _ of openBytes(path('big'), stop.signal)) stop.abort()
    }
    await assert.rejects(read(), error => error === stop.signal.reason)
  })
})
