import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { DataError } from '../../../lib/base/errors.ts'
import { makeIntake } from '../../../lib/stream/intake.ts'
import { MAX_LINE, readLines } from '../../../lib/stream/reader.ts'

const record = (i: number, extra = ''): string =>
  `{"v":1,"id":"a:${i}","ts":${i},"kind":"tick","source":"x"${extra}}`

async function* chunksOf(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes.length > 0 ? sizes[i % sizes.length]! : bytes.length
    yield bytes.subarray(at, at + size)
    at += size
  }
}

interface Read {
  raws: string[]
  rejects: { line: number; reason: string; raw: string }[]
  error?: DataError
}

async function read(
  input: string | Buffer,
  options: { skip?: boolean; max?: number; sizes?: number[] } = {},
): Promise<Read> {
  const found: Read = { raws: [], rejects: [] }
  const { skip = false, max = 1, sizes = [] } = options
  const intake = makeIntake(['market'], {
    skip,
    max,
    reject: entry => found.rejects.push(JSON.parse(entry)),
  })
  try {
    for await (const batch of readLines(chunksOf(Buffer.from(input), sizes), intake)) {
      found.raws.push(...batch.map(line => line.raw))
    }
  } catch (error) {
    found.error = error as DataError
  }
  return found
}

test('any chunking gives the same lines', async () => {
  const text = fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(
      text,
      fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 5 }),
      async (names, sizes) => {
        const lines = names.map((name, i) => record(i, `,"name":${JSON.stringify(name)}`))
        const { raws, error } = await read(`${lines.join('\n')}\n`, { sizes })
        assert.equal(error, undefined)
        assert.deepEqual(raws, lines)
      },
    ),
  )
})

test('byte order mark, CRLF, blank lines and a missing last newline are accepted', async () => {
  const { raws, error } = await read(`\ufeff${record(1)}\r\n\n  \r\n${record(2)}`, { sizes: [3] })
  assert.equal(error, undefined)
  assert.deepEqual(raws, [record(1), record(2)])
})

test('a torn last line is named as such, after everything before it was handed over', async () => {
  const { raws, error } = await read(`${record(1)}\n${record(2).slice(0, 20)}`)
  assert.deepEqual(raws, [record(1)])
  assert.equal(String(error), 'line 2: input ended inside a record')
})

test('a bad line stops a strict reader with line, field and value', async () => {
  const cases: [string, RegExp][] = [
    ['{"v":1,', /^line 2: not JSON/],
    ['[1]', /^line 2: expected an object, got \[1\]/],
    [record(2).replace('"ts":2', '"ts":"soon"'), /^line 2: ts: expected integer, got "soon"/],
    [record(2).replace('"v":1', '"v":2'), /^line 2: v: expected 1, got 2/],
    [record(2, ',"id":"b"'), /^line 2: a key is given twice/],
    [
      record(2, ',"market":{"dex":"x","priceSol":-1}'),
      /^line 2: market\.priceSol: expected >= 0, got -1/,
    ],
    [record(2, ',"market":{"priceSol":1}'), /^line 2: market\.dex: required, got nothing/],
    [record(2, ',"x":"\u0000"'), /^line 2: not JSON/],
    [record(2, `,"x":${'['.repeat(2000)}${']'.repeat(2000)}`), /^line 2: nested deeper than 64/],
  ]
  for (const [bad, message] of cases) {
    const { raws, error } = await read(`${record(1)}\n${bad}\n${record(3)}\n`)
    assert.deepEqual(raws, [record(1)], bad.slice(0, 60))
    assert.match(String(error), message)
  }
})

test('bytes that are not UTF-8 make their line bad and no other', async () => {
  const bytes = Buffer.concat([
    Buffer.from(`${record(1)}\n{"x":"`),
    Buffer.from([0xff]),
    Buffer.from(`"}\n${record(3)}\n`),
  ])
  const { raws, rejects } = await read(bytes, { skip: true })
  assert.deepEqual(raws, [record(1), record(3)])
  assert.deepEqual(
    rejects.map(({ line, reason }) => ({ line, reason })),
    [{ line: 2, reason: 'not UTF-8' }],
  )
})

test('a ten-megabyte line passes; one beyond the bound is passed over and counted', async () => {
  const long = record(1, `,"x":"${'y'.repeat(10 * 2 ** 20)}"`)
  const { raws } = await read(`${long}\n${record(2)}\n`, { sizes: [65_536] })
  assert.equal(raws[0]?.length, long.length)
  const tooLong = `${'z'.repeat(MAX_LINE + 70_000)}\n${record(2)}\nbad\n${record(4)}\n`
  const skipped = await read(tooLong, { skip: true, sizes: [65_536] })
  assert.deepEqual(skipped.raws, [record(2), record(4)])
  assert.deepEqual(
    skipped.rejects.map(each => each.line),
    [1, 3],
  )
})

test('too many bad lines end a skipping reader, but never before 100 lines', async () => {
  const lines = Array.from({ length: 400 }, (_, i) => (i % 20 === 0 ? 'bad' : record(i)))
  const some = await read(lines.slice(0, 99).join('\n'), { skip: true, max: 0.01 })
  assert.equal(some.error, undefined)
  assert.equal(some.rejects.length, 5)
  const many = await read(`${lines.join('\n')}\n`, { skip: true, max: 0.01 })
  assert.match(
    String(many.error),
    /6 of the last 101 lines are bad, more than --max-bad 0\.01; last: line 101: not JSON/,
  )
  const fine = await read(`${lines.join('\n')}\n`, { skip: true, max: 0.06 })
  assert.equal(fine.error, undefined)
})
