import assert from 'node:assert/strict'
import { test } from 'node:test'
import zlib from 'node:zlib'
import { DataError, UsageError } from '../../../lib/base/errors.ts'
import { openReplay } from '../../../lib/sources/replay.ts'
import { makeEventTime } from '../../../lib/stream/event-time.ts'
import { drain, makeIntakes, withFiles } from './scratch.ts'

const makeTime = () => makeEventTime(3_600_000)
const line = (ts: number, more = ''): string =>
  `{"v":1,"id":"tick:${ts}","ts":${ts},"kind":"tick","source":"x"${more}}`

/** Spellings that JSON.parse and JSON.stringify would change. */
const ODD = [
  line(1, ',"n":1.50,"big":12345678901234567890,"e":1E2'),
  line(2, ',"text":"\\u00e9 \\/ é"'),
  ` ${line(3, ' , "spaced" : [ 1 , 2 ]')} `,
  line(4, ',"zero":-0,"unknown":{"deep":[{}]}'),
]

test('lines pass through byte for byte, from plain and gzip files in the order named', async () => {
  const files = {
    'b.ndjson': `${ODD[0]}\n\n${ODD[1]}\r\n`,
    'a.ndjson.gz': zlib.gzipSync(`${ODD[2]}\n${ODD[3]}`),
  }
  await withFiles(files, async path => {
    const { intake } = makeIntakes()
    const source = await openReplay({
      paths: [path('b.ndjson'), path('a.ndjson.gz')],
      order: 'file',
      intake,
      makeTime,
    })
    const { raw, error } = await drain(source)
    assert.equal(error, undefined)
    assert.deepEqual(raw, ODD)
  })
})

test('--order time merges files by ts, equal times in the order named', async () => {
  const files = {
    a: [1, 5, 5, 9].map(ts => `${line(ts, ',"f":"a"')}\n`).join(''),
    b: `${line(0)}\n${line(5)}\n${line(7)}\n`,
  }
  await withFiles(files, async path => {
    const { intake } = makeIntakes()
    const { lines } = await drain(
      await openReplay({ paths: [path('a'), path('b')], order: 'time', intake, makeTime }),
    )
    assert.deepEqual(
      lines.map(({ rec }) => [rec.ts, 'f' in rec]),
      [
        [0, false],
        [1, true],
        [5, true],
        [5, true],
        [5, false],
        [7, false],
        [9, true],
      ],
    )
  })
})

test('--order time: a line of a wrong time stays in its place and stops nobody', async () => {
  const year = 31_536_000_000
  const files = {
    a: [1, 5, year, 9].map(ts => `${line(ts)}\n`).join(''),
    b: [2, 6, 7, 10].map(ts => `${line(ts)}\n`).join(''),
  }
  await withFiles(files, async path => {
    const { intake } = makeIntakes()
    const paths = [path('a'), path('b')]
    const { lines } = await drain(await openReplay({ paths, order: 'time', intake, makeTime }))
    assert.deepEqual(
      lines.map(({ rec }) => rec.ts),
      [1, 2, 5, year, 6, 7, 9, 10],
    )
  })
})

test('a bad line stops a strict replay with file, line and value; the rest has left', async () => {
  await withFiles({ a: `${line(1)}\n${line(2)}\n{"v":2}\n${line(3)}\n` }, async path => {
    const { intake } = makeIntakes()
    const { lines, error } = await drain(
      await openReplay({ paths: [path('a')], order: 'file', intake, makeTime }),
    )
    assert.deepEqual(
      lines.map(l => l.rec.ts),
      [1, 2],
    )
    assert.ok(error instanceof DataError)
    assert.equal(error.line, 3)
    assert.equal(error.place, path('a'))
  })
})

test('--skip-bad passes bad lines over and keeps them', async () => {
  const bad = ['{"v":1,"id":"x"}', 'not json', `${line(4).slice(0, 30)}`]
  await withFiles({ a: `${line(1)}\n${bad[0]}\n${bad[1]}\n${line(2)}\n${bad[2]}` }, async path => {
    const { intake, rejects } = makeIntakes(true)
    const { lines, error } = await drain(
      await openReplay({ paths: [path('a')], order: 'file', intake, makeTime }),
    )
    assert.equal(error, undefined)
    assert.equal(lines.length, 2)
    assert.deepEqual(
      rejects.map(entry => JSON.parse(entry).raw),
      bad,
    )
  })
})

test('a signal within a file ends the output quietly; a cut line is not called torn', async () => {
  const text = Array.from({ length: 40_000 }, (_, i) => `${line(i)}\n`).join('')
  await withFiles({ a: text }, async path => {
    const stop = new AbortController()
    const { intake } = makeIntakes()
    const source = await openReplay({ paths: [path('a')], order: 'file', intake, makeTime })
    let count = 0
    for await (const batch of source.lines(stop.signal)) {
      count += batch.length
      stop.abort()
    }
    assert.ok(count > 0 && count < 40_000, `${count} lines`)
  })
})

test('a missing file stops the start', async () => {
  const { intake } = makeIntakes()
  await assert.rejects(
    openReplay({ paths: ['/no/such.ndjson'], order: 'file', intake, makeTime }),
    UsageError,
  )
})
