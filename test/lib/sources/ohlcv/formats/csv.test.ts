import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DataError } from '../../../../../lib/base/errors.ts'
import {
  type CsvLine,
  readCsvLines,
  separatorOf,
  splitFields,
} from '../../../../../lib/sources/ohlcv/formats/csv.ts'

async function linesOf(text: string, chunkSize = 64): Promise<CsvLine[]> {
  async function* chunks(): AsyncGenerator<Buffer> {
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length; at += chunkSize) yield bytes.subarray(at, at + chunkSize)
  }
  const all: CsvLine[] = []
  for await (const batch of readCsvLines(chunks())) all.push(...batch)
  return all
}

test(
  'lines are numbered as an editor numbers them; blank lines, CRLF and a byte order mark drop ' +
    'out',
  async () => {
    const text = '\ufeffa,b\r\n\n1,é\r\n\r\n2,3\nlast,'
    for (const size of [1, 2, 3, 64]) {
      assert.deepEqual(
        await linesOf(text, size),
        [
          { no: 1, text: 'a,b' },
          { no: 3, text: '1,é' },
          { no: 5, text: '2,3' },
          { no: 6, text: 'last,' },
        ],
        `chunks of ${size}`,
      )
    }
  },
)

test('a line without end is refused, not held in memory', async () => {
  await assert.rejects(
    linesOf(`a\n${'x'.repeat(3 * 2 ** 20)}`, 65_536),
    error => error instanceof DataError && error.line === 2,
  )
})

test('quoted fields, RFC 4180 §2.5–2.7', () => {
  assert.deepEqual(splitFields('a,b,', ','), ['a', 'b', ''])
  assert.deepEqual(splitFields('"a,b",c', ','), ['a,b', 'c'])
  assert.deepEqual(splitFields('"b""bb",""', ','), ['b"bb', ''])
  assert.deepEqual(splitFields('"1";2', ';'), ['1', '2'])
  // A quote inside an unquoted field is text (the RFC forbids it, files have it).
  assert.deepEqual(splitFields('5"x,1', ','), ['5"x', '1'])
  assert.throws(() => splitFields('"a,b', ','), DataError)
  assert.throws(() => splitFields('"a"b,c', ','), DataError)
})

test('whatever is quoted comes back', () => {
  const field = fc.string().map(text => text.replace(/[\r\n]/g, ''))
  fc.assert(
    fc.property(fc.array(field, { minLength: 1 }), fields => {
      const quoted = fields.map(text => `"${text.replaceAll('"', '""')}"`).join(',')
      assert.deepEqual(splitFields(quoted, ','), fields)
    }),
  )
})

test('the separator is what splits the header most', () => {
  assert.equal(separatorOf('time,open,high'), ',')
  assert.equal(separatorOf('time;open;"high,x"'), ';')
  assert.equal(separatorOf('time\topen'), '\t')
  assert.equal(separatorOf('alone'), ',')
})
