import assert from 'node:assert/strict'
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { TemporaryError, UsageError } from '../../../lib/base/errors.ts'
import { makeJournal } from '../../../lib/store/journal/journal.ts'
import { DAY, feed, freshHome, market, START, stored } from './lines.ts'

const OPTIONS = { name: 'events', fsync: 1000, minFree: 0, recall: 1 << 20 }
const open = (home: string, more = {}) => makeJournal({ home, ...OPTIONS, ...more })
const folder = (home: string) => join(home, 'journal', 'events')
const read = (home: string, date: string) =>
  stored(readFileSync(join(folder(home), `${date}.ndjson`), 'utf8'))
    .map(raw => `${raw}\n`)
    .join('')

test('lines go to the day of their ts unchanged; a late one stays in order of arrival', () => {
  const home = freshHome()
  const journal = open(home)
  const lines = [market(0, START), market(1, START + DAY), market(2, START + 1000)]
  assert.deepEqual(
    feed(journal, lines),
    lines.map(line => line.raw),
  )
  journal.close?.()
  assert.equal(read(home, '2026-11-20'), `${lines[0]?.raw}\n`)
  assert.equal(read(home, '2026-11-21'), `${lines[1]?.raw}\n${lines[2]?.raw}\n`)
})

test('a torn tail is cut off at start and the line that comes again is written once', () => {
  const home = freshHome()
  const [a, b] = [market(0, START), market(1, START)]
  mkdirSync(folder(home), { recursive: true })
  writeFileSync(join(folder(home), '2026-11-20.ndjson'), `${a.raw}\n${b.raw.slice(0, 40)}`)
  const journal = open(home)
  feed(journal, [a, b])
  journal.close?.()
  assert.equal(read(home, '2026-11-20'), `${a.raw}\n${b.raw}\n`)
})

test('warm lines and, with --has, lines without the part pass but are not written', () => {
  const home = freshHome()
  const journal = open(home, { has: ['quality'] })
  const lines = [
    market(0, START),
    market(1, START, { quality: { score: 90, marks: [] } }),
    market(2, START, { quality: { score: 90, marks: [] }, warm: true }),
  ]
  assert.equal(feed(journal, lines).length, 3)
  journal.close?.()
  assert.equal(read(home, '2026-11-20'), `${lines[1]?.raw}\n`)
})

test('labels of one anchor differ by horizon; the same horizon again is a repeat', () => {
  const home = freshHome()
  const label = (horizon: 'h1' | 'h6') =>
    market(0, START, { label: { horizon, censored: false, availableAt: START + 1 } })
  const first = open(home)
  feed(first, [label('h1'), label('h6'), label('h1')])
  first.close?.()
  const second = open(home)
  feed(second, [label('h6')])
  second.close?.()
  assert.equal(read(home, '2026-11-20'), `${label('h1').raw}\n${label('h6').raw}\n`)
})

test('a second writer is refused, by whatever name; nothing has to be tidied up after one', () => {
  const home = freshHome()
  const first = open(home)
  assert.throws(() => open(home), TemporaryError)
  symlinkSync(folder(home), join(home, 'journal', 'other'))
  assert.throws(() => open(home, { name: 'other' }), /has its writer already/)
  first.close?.()
  // No process has an id above 2^22, the limit of Linux (proc(5), pid_max).
  writeFileSync(join(folder(home), '.writer.4999999.123'), '')
  // A process id that is in use again: ours, but started at another time.
  writeFileSync(join(folder(home), `.writer.${process.pid}.1`), '')
  const third = open(home)
  third.close?.()
})

test('refuses a name that is a path, an unknown part, and a full disk', () => {
  const home = freshHome()
  assert.throws(() => open(home, { name: '../x' }), UsageError)
  assert.throws(() => open(home, { has: ['decison'] }), /no part "decison"/)
  const journal = open(home, { minFree: 2 ** 60 })
  assert.throws(() => feed(journal, [market(0, START)]), TemporaryError)
  journal.close?.()
})

test('property: any chunking of the same lines gives the same files', () => {
  const lines = Array.from({ length: 40 }, (_, i) => market(i % 35, START + i * 20 * 60_000))
  const write = (cuts: number[]): string => {
    const home = freshHome()
    const journal = open(home)
    const marks = [0, ...cuts.map(cut => cut % lines.length).sort((a, b) => a - b), lines.length]
    for (let i = 1; i < marks.length; i++) feed(journal, lines.slice(marks[i - 1], marks[i]))
    journal.close?.()
    return readdirSync(folder(home))
      .filter(file => file.endsWith('.ndjson'))
      .sort()
      .map(file => file + readFileSync(join(folder(home), file), 'utf8'))
      .join('')
  }
  const whole = write([])
  assert.equal(whole.split('\n').length - 1, 35)
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 12 }), cuts => write(cuts) === whole),
    { numRuns: 30 },
  )
})

test('bytes that another tool appended without newline do not join a new line', () => {
  const home = freshHome()
  const first = open(home)
  feed(first, [market(0, START)])
  first.close?.()
  appendFileSync(join(folder(home), '2026-11-20.ndjson'), 'garbage')
  const second = open(home)
  feed(second, [market(1, START)])
  second.close?.()
  assert.deepEqual(read(home, '2026-11-20').split('\n').slice(0, 2), [
    market(0, START).raw,
    market(1, START).raw,
  ])
})
