import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { crc32 } from 'node:zlib'
import { DataError } from '../../../lib/base/errors.ts'
import { makeRng } from '../../../lib/base/rng.ts'
import { archiveDay } from '../../../lib/store/duck/archive.ts'
import { makeJournal } from '../../../lib/store/journal/journal.ts'
import { checkJournals } from '../../../lib/store/journal/journal-check.ts'
import { repairJournals } from '../../../lib/store/journal/journal-repair.ts'
import { makeJournalSource } from '../../../lib/store/journal/journal-source.ts'
import { unseal } from '../../../lib/store/sealed/checksum.ts'
import { sync } from '../../../lib/store/tables/sync.ts'
import { parseLine } from '../../../lib/stream/parse.ts'
import { DAY, feed, freshHome, market, START } from './lines.ts'

const write = (home: string, raws: readonly string[], recall = 1 << 20): string[] => {
  const journal = makeJournal({ home, name: 'events', fsync: 1000, minFree: 0, recall })
  const out = feed(
    journal,
    raws.map(raw => parseLine(raw, 0)),
  )
  journal.close?.()
  return out
}
const pathOf = (home: string, date = '2026-11-20'): string =>
  join(home, 'journal', 'events', `${date}.ndjson`)
const stored = (home: string, date?: string): string[] =>
  readFileSync(pathOf(home, date), 'utf8').split('\n').slice(0, -1)
const put = (home: string, lines: readonly string[]): void =>
  writeFileSync(pathOf(home), lines.map(raw => `${raw}\n`).join(''))

async function read(home: string): Promise<string[]> {
  const source = makeJournalSource({ home, name: 'events', follow: false })
  const raws: string[] = []
  for await (const lines of source.lines(new AbortController().signal))
    raws.push(...lines.map(line => line.raw))
  return raws
}
async function wrongLine(act: () => unknown): Promise<number | undefined> {
  try {
    await act()
  } catch (error) {
    assert.ok(error instanceof DataError, String(error))
    assert.match(error.place ?? '', /2026-11-2\d\.ndjson$/)
    return error.line
  }
  return undefined
}
async function check(home: string): Promise<{ rows: any[]; line: number | undefined }> {
  let text = ''
  const line = await wrongLine(() =>
    checkJournals(home, [], { write: async more => void (text += more) }),
  )
  const rows = text.split('\n').slice(0, -1)
  return { rows: rows.map(raw => JSON.parse(raw)), line }
}

const RAWS = Array.from({ length: 8 }, (_, i) => market(i, START + i * 1000).raw)

test('what passes, and what is read back, is what came, byte for byte', async () => {
  const home = freshHome()
  const odd = (n: number): string => market(n, START).raw
  const lines = [
    RAWS[0]!,
    `${odd(20)}  `,
    odd(21).replace('}', ' \t}'),
    odd(22).replace('"v"', '"größe":"\\"checksum\\":\\"}","v"'),
    odd(23).replace('"v"', '"checksum":7,"v"'),
    odd(24).replace('}', ',"checksum":{"a":"0123456789abcdef"}}'),
  ]
  assert.deepEqual(write(home, lines), lines)
  assert.deepEqual(await read(home), lines)
  for (const raw of stored(home)) assert.match(raw, /"checksum":"[0-9a-f]{16}(\.0{8})?"\}\s*$/)
})

test('a stored line of another file is stored with one checksum, its own', async () => {
  const [one, two] = [freshHome(), freshHome()]
  write(one, RAWS)
  const lines = stored(one)
  const grown = lines.map(raw => `${raw.slice(0, -1)},"score":{"a":{"value":1,"at":1}}}`)
  assert.deepEqual(write(two, lines.slice(0, 4)), lines.slice(0, 4))
  write(two, grown.slice(4))
  const kept = stored(two)
  for (const raw of kept) assert.equal(raw.split('"checksum"').length, 2, raw)
  const bare = (raw: string): string => raw.replace(/,"checksum":"[0-9a-f.]+"/, '')
  assert.deepEqual(await read(two), [...lines.slice(0, 4), ...grown.slice(4)].map(bare))
})

test('a changed byte, a line removed, doubled or moved: exit 3 by file and line', async () => {
  const home = freshHome()
  write(home, RAWS)
  const lines = stored(home)
  const other = freshHome()
  mkdirSync(join(other, 'journal', 'events'), { recursive: true })
  put(other, RAWS.slice(0, 3))
  write(other, RAWS.slice(3))
  const again = stored(other)
  const cases: [what: string, lines: string[], line: number][] = [
    ['changed', lines.with(3, lines[3]!.replace('"priceSol":', '"priceSol":1')), 4],
    ['removed', lines.toSpliced(3, 1), 4],
    ['first removed', lines.slice(1), 1],
    ['doubled', lines.toSpliced(3, 0, lines[2]!), 4],
    ['moved', lines.toSpliced(3, 2, lines[4]!, lines[3]!), 4],
    ['added', [...lines, RAWS[0]!], 9],
    ['not JSON', lines.with(3, lines[3]!.slice(1)), 4],
    ['joined', lines.toSpliced(3, 2, lines[3]!.slice(0, 40) + lines[4]!.slice(40)), 4],
    ['without its checksum', lines.with(3, unseal(lines[3]!).text), 4],
    ['with two', lines.with(3, `${lines[3]!.slice(0, -1)}${lines[2]!.slice(-29)}`), 4],
    ['all without', lines.map(raw => unseal(raw).text), 9],
    ['another chain behind it', lines.toSpliced(3, 5, ...again.slice(3)), 4],
    ['cut', lines.slice(0, -2), 7],
    ['empty', [], 1],
  ]
  for (const [what, damaged, line] of cases) {
    put(home, damaged)
    assert.equal(await wrongLine(() => read(home)), line, what)
    assert.equal((await check(home)).line, line, what)
    assert.equal(await wrongLine(() => write(home, [])), line, `${what}: the writer`)
  }
  put(home, lines)
  assert.deepEqual((await check(home)).rows, [
    {
      of: 'day',
      journal: 'events',
      date: '2026-11-20',
      lines: 8,
      wrong: 0,
      tornBytes: 0,
      end: 'proven',
    },
  ])
})

test('the head of a day holds the last sum of the day before: a lost end is seen', async () => {
  const home = freshHome()
  write(home, RAWS)
  write(home, [market(30, START + DAY).raw, market(31, START + DAY).raw])
  const ends = (await check(home)).rows.map(row => row.end)
  assert.deepEqual(ends, ['proven', 'proven'])
  const end = unseal(stored(home).at(-1)!).seal!.chain.toString(16).padStart(8, '0')
  const [first = '', second = ''] = stored(home, '2026-11-21')
  assert.ok(JSON.parse(first).checksum.endsWith(`.${end}`))
  assert.match(JSON.parse(second).checksum, /^[0-9a-f]{16}$/)
  assert.equal((await check(home)).line, undefined)
  put(home, stored(home).slice(0, -1))
  const { rows, line } = await check(home)
  assert.equal(line, 1)
  assert.match(rows.find(row => row.of === 'wrong').why, /day before ended elsewhere/)
})

test('a day that was emptied, or lost its checksums, is seen by the day after it', async () => {
  const home = freshHome()
  const before = { v: 1, id: 'old', ts: START - DAY, kind: 'tick', source: 'x' }
  write(home, RAWS)
  write(home, [market(30, START + DAY).raw])
  const whole = stored(home)
  for (const lines of [[], whole.map(raw => unseal(raw).text)]) {
    put(home, lines)
    const { rows, line } = await check(home)
    assert.equal(line, 1)
    assert.match(rows.find(row => row.of === 'wrong').why, /day before ended elsewhere/)
    await repairJournals(home, [], { isDry: false, warn: () => {} }, { write: async () => {} })
    assert.equal((await check(home)).line, undefined, 'repaired')
    rmSync(join(home, 'journal'), { recursive: true })
    write(home, RAWS)
    write(home, [market(30, START + DAY).raw])
  }
  // Days that a version without checksums wrote, or a crash left empty, are none of that.
  const old = freshHome()
  write(old, [JSON.stringify(before)])
  write(old, RAWS)
  writeFileSync(pathOf(old, '2026-11-19'), '')
  assert.equal((await check(old)).line, 1)
  rmSync(pathOf(old, '2026-11-19'))
  assert.equal((await check(old)).line, undefined, 'the oldest day may be removed')
  writeFileSync(pathOf(old, '2026-11-21'), '')
  write(old, [market(40, START + 2 * DAY).raw])
  assert.equal((await check(old)).line, undefined, 'left empty by a crash')
  const plain = freshHome()
  write(plain, [])
  put(plain, RAWS)
  write(plain, [market(50, START + DAY).raw])
  assert.equal((await check(plain)).line, undefined, 'old lines have none')
})

test('files without checksums are read, and gone on with; reading may start anywhere', async () => {
  const home = freshHome()
  write(home, [])
  put(home, RAWS.slice(0, 4))
  assert.deepEqual(await read(home), RAWS.slice(0, 4))
  write(home, RAWS.slice(3))
  assert.deepEqual(await read(home), RAWS, 'the repeated one is not written again')
  const old = RAWS.slice(0, 4)
  const start = crc32(old.map(raw => `${raw}\n`).join(''))
    .toString(16)
    .padStart(8, '0')
  assert.ok(JSON.parse(stored(home)[4]!).checksum.endsWith(`.${start}`))
  write(home, [market(40, START + 9000).raw])
  const lines = stored(home)
  put(home, lines.with(1, lines[1]!.replace('"ts":', '"ts": ')))
  assert.equal((await check(home)).line, 5, 'where the chain starts')
})

test('an archived day holds the lines as they came', async () => {
  const home = freshHome()
  const odd = market(20, START).raw.replace('"v"', '"größe":"\\"checksum\\":\\"}","v"')
  write(home, [...RAWS, odd, `${market(21, START).raw} `])
  await archiveDay(pathOf(home))
  assert.deepEqual(await read(home), [...RAWS, odd, `${market(21, START).raw} `])
  assert.deepEqual((await check(home)).rows, [
    { of: 'day', journal: 'events', date: '2026-11-20', lines: 10, wrong: 0, archived: true },
  ])
  const path = join(home, 'journal/events/2026-11-20.parquet')
  const whole = readFileSync(path)
  const lines = await read(home)
  const rng = makeRng('archive')
  let noticed = 0
  for (let round = 0; round < 12; round++) {
    const bytes = Buffer.from(whole)
    bytes[rng.below(bytes.length)]! ^= 1 << rng.below(8)
    writeFileSync(path, bytes)
    const found = await read(home).catch((error: unknown) => {
      assert.ok(error instanceof DataError, String(error))
      assert.equal(error.place, path)
      noticed++
    })
    if (found !== undefined) assert.deepEqual(found, lines, 'what is read is as it was')
  }
  assert.ok(noticed > 4, `${noticed} of 12 flipped bits`)
})

const repair = (home: string, isDry: boolean): Promise<number | undefined> =>
  wrongLine(() =>
    repairJournals(home, [], { isDry, warn: () => {} }, { write: async () => undefined }),
  )

test('a repair says what it would do, then does it, and keeps what was there', async () => {
  const home = freshHome()
  write(home, RAWS)
  write(home, [market(30, START + DAY).raw, market(31, START + DAY).raw])
  await sync({ home })
  const lines = stored(home)
  const changed = lines[3]!.replace('"priceSol":', '"priceSol":1')
  put(home, lines.with(3, changed).toSpliced(6, 0, lines[5]!))
  const bytes = readFileSync(pathOf(home))
  const next = stored(home, '2026-11-21')
  assert.equal(await repair(home, true), 4)
  assert.deepEqual(readFileSync(pathOf(home)), bytes, 'a dry run writes nothing')
  assert.equal(await repair(home, false), undefined)
  assert.deepEqual(readFileSync(`${pathOf(home)}.damaged-1`), bytes)
  assert.notDeepEqual(stored(home, '2026-11-21'), next, 'the next day starts from it')
  assert.equal((await check(home)).line, undefined)
  const after = [market(30, START + DAY).raw, market(31, START + DAY).raw]
  assert.deepEqual(await read(home), [...RAWS.toSpliced(3, 1), ...after])
  assert.equal(await repair(home, false), undefined, 'nothing is left to do')
  assert.equal(existsSync(`${pathOf(home)}.damaged-2`), false)
  // What was loaded was loaded from the old file.
  assert.ok(await wrongLine(() => sync({ home })))
  assert.equal((await sync({ home, rebuild: true })).lines, 9)
  assert.equal((await sync({ home })).lines, 0)
  write(home, [market(32, START + DAY).raw])
  assert.equal((await sync({ home })).lines, 1)
  assert.equal((await check(home)).line, undefined)
})

test('an end that was cut off is noticed by all who read, until it is repaired', async () => {
  const home = freshHome()
  write(home, RAWS)
  await sync({ home })
  put(home, stored(home).slice(0, -2))
  assert.equal(await wrongLine(() => sync({ home })), 8, 'it was loaded up to there')
  assert.equal(await repair(home, true), 7)
  assert.equal(await repair(home, false), undefined)
  assert.deepEqual(await read(home), RAWS.slice(0, -2))
  write(home, [market(40, START + 9000).raw])
  assert.equal((await check(home)).line, undefined)
  rmSync(pathOf(home))
  assert.equal(await wrongLine(() => write(home, RAWS)), 1, 'the file itself is gone')
})

test('zeros at an end that a crash left are cut off; what was safe is not', async () => {
  const home = freshHome()
  write(home, RAWS)
  const lines = stored(home)
  writeFileSync(pathOf(home), `${lines.join('\n')}\n${'\0'.repeat(500)}`)
  assert.equal((await check(home)).line, undefined)
  assert.equal((await check(home)).rows[0].tornBytes, 500)
  write(home, [market(40, START + 9000).raw])
  assert.equal((await check(home)).line, undefined)
  const zeros = Buffer.from(`${stored(home).join('\n')}\n`)
  zeros.fill(0, zeros.length - 300)
  writeFileSync(pathOf(home), zeros)
  assert.ok(await wrongLine(() => write(home, [])))
})
