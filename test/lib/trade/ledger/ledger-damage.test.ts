import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { DataError } from '../../../../lib/base/errors.ts'
import { unseal } from '../../../../lib/store/sealed/checksum.ts'
import { openLedger } from '../../../../lib/trade/ledger/ledger.ts'
import { checkLedger, repairLedger } from '../../../../lib/trade/ledger/ledger-check.ts'
import { readLedger } from '../../../../lib/trade/ledger/ledger-read.ts'

const HEAD = { ledger: 'sluice', v: 1, mode: 'paper', cashLamports: '1000' } as const
const AMOUNTS = { inAmount: '10', outAmount: '7', feeLamports: '1', priorityFeeLamports: '1' }

const line = (id: string, kind: string, part: object): string =>
  JSON.stringify({ v: 1, id, ts: 1, kind, mint: 'M', source: 'execute', [kind]: part })
const order = (n: number, at: number, state: string): string =>
  line(`buy:M:d${n}#${at}`, 'order', {
    intent: `buy:M:d${n}`,
    cause: `d${n}`,
    venue: 'paper',
    side: 'buy',
    state,
    reasons: [],
    inAmount: '10',
  })
const fill = (n: number): string =>
  line(`buy:M:d${n}#fill1`, 'fill', { intent: `buy:M:d${n}`, side: 'buy', ...AMOUNTS })

const trade = (n: number): string[] => [
  order(n, 1, 'planned'),
  order(n, 2, 'sent'),
  fill(n),
  order(n, 3, 'landed'),
]
const ALL = [...trade(1), ...trade(2), ...trade(3)]

function ledgerIn(t: TestContext, lines: readonly string[] = ALL): string {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-damage-'))
  t.after(() => rmSync(dir, { recursive: true }))
  const path = join(dir, 'paper.ndjson')
  const ledger = openLedger(path, HEAD, () => undefined)
  ledger.append(lines.slice(0, 5))
  ledger.append(lines.slice(5))
  ledger.close()
  return path
}
const stored = (path: string): string[] => readFileSync(path, 'utf8').split('\n').slice(0, -1)

/** The number of the line that opening a ledger ends at; undefined when it opens. */
function lineOf(path: string, lines?: readonly string[]): number | undefined {
  if (lines !== undefined) writeFileSync(path, lines.map(raw => `${raw}\n`).join(''))
  const before = readFileSync(path)
  try {
    openLedger(path, HEAD, () => undefined).close()
  } catch (error) {
    assert.ok(error instanceof DataError, String(error))
    assert.match(String(error), /sluice ledger check/)
    assert.deepEqual(readFileSync(path), before, 'a ledger that is refused stays as it is')
    return error.line
  }
  return undefined
}

test('each stored line ends with its checksum; without it, it is what was appended', t => {
  const path = ledgerIn(t)
  const [head = '', ...lines] = stored(path)
  assert.deepEqual(
    [head, ...lines].map(raw => unseal(raw).text),
    [JSON.stringify(HEAD), ...ALL],
  )
  // By hand: CRC-32 of the line without its last brace, by zlib; then the chain; the first line
  // also says that nothing came before.
  const own = (raw: string): string => crc32(raw.slice(0, -1)).toString(16).padStart(8, '0')
  assert.match(
    JSON.parse(head).checksum,
    new RegExp(`^${own(JSON.stringify(HEAD))}[0-9a-f]{8}\\.0{8}$`),
  )
  for (const [i, raw] of lines.entries()) {
    const rec = JSON.parse(raw)
    assert.match(rec.checksum, new RegExp(`^${own(ALL[i]!)}[0-9a-f]{8}$`))
    assert.equal(Object.keys(rec).at(-1), 'checksum')
  }
})

test('a changed byte anywhere is noticed, in the line where it is', t => {
  const path = ledgerIn(t)
  const whole = readFileSync(path)
  const starts = [0, ...[...whole.entries()].flatMap(([at, byte]) => (byte === 10 ? [at + 1] : []))]
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, bits) => {
      const bytes = Buffer.from(whole)
      bytes[at]! ^= bits
      writeFileSync(path, bytes)
      const line = lineOf(path)
      const expected = starts.filter(start => start <= at).length
      // A first line whose key is gone looks like one of versions without; the next one tells.
      const isNext = expected === 1 && line === 2
      assert.ok(line === expected || isNext, `byte ${at} of line ${expected}: ${line}`)
      assert.notEqual(checkLedger(path).wrong.length, 0)
    }),
    { seed: 7, numRuns: 400 },
  )
})

test('removed, doubled and moved lines are noticed at the line after them', t => {
  const path = ledgerIn(t)
  const lines = stored(path)
  for (let at = 0; at < lines.length; at++)
    assert.equal(lineOf(path, lines.toSpliced(at, 1)), at + 1, `line ${at + 1} removed`)
  for (let at = 0; at < lines.length - 1; at++) {
    assert.equal(lineOf(path, lines.toSpliced(at, 0, lines[at]!)), at + 2, `${at + 1} doubled`)
    const moved = lines.toSpliced(at, 2, lines[at + 1]!, lines[at]!)
    assert.equal(lineOf(path, moved), at + 1, `line ${at + 1} moved`)
  }
})

test('without checksums, as versions before wrote them, it opens and goes on with them', t => {
  const path = ledgerIn(t)
  rmSync(`${path}.head`)
  const old = [JSON.stringify(HEAD), ...trade(1)]
  assert.equal(lineOf(path, old), undefined)
  const seen: string[] = []
  const ledger = openLedger(path, HEAD, rec => seen.push(rec.id))
  assert.equal(seen.length, 4)
  ledger.append(trade(2))
  ledger.close()
  const lines = stored(path)
  assert.deepEqual(lines.slice(0, 5), old)
  // The chain starts from the CRC-32 of the lines without one.
  const text = old.map(raw => `${raw}\n`).join('')
  const start = crc32(text).toString(16).padStart(8, '0')
  assert.ok(JSON.parse(lines[5]!).checksum.endsWith(`.${start}`))
  assert.equal(lineOf(path, lines), undefined)
  const changed = lines.with(3, lines[3]!.replace('"inAmount":"10"', '"inAmount":"11"'))
  assert.equal(lineOf(path, changed), 6, 'what came before is noticed where the chain starts')
})

test('an order that landed without its fill, and a fill twice, also without checksums', t => {
  const path = ledgerIn(t)
  rmSync(`${path}.head`)
  const head = JSON.stringify(HEAD)
  const [planned, sent, filled, landed] = trade(1) as [string, string, string, string]
  assert.equal(lineOf(path, [head, planned, sent, landed]), 4)
  assert.equal(lineOf(path, [head, planned, sent, filled, filled, landed]), 5)
  assert.equal(lineOf(path, [head, planned, sent, filled, landed]), undefined)
  assert.equal(lineOf(path, [head, planned, sent, filled]), undefined, 'cut off by a crash')
})

test('a repair says what it would do, then does it, and keeps what was there', t => {
  const path = ledgerIn(t)
  const lines = stored(path)
  const damaged = lines
    .with(3, lines[3]!.replace('"inAmount":"10"', '"inAmount":"90"'))
    .toSpliced(9, 0, lines[8]!)
  writeFileSync(path, damaged.map(raw => `${raw}\n`).join(''))
  const bytes = readFileSync(path)
  const { wrong } = checkLedger(path)
  assert.deepEqual(
    wrong.map(({ no, repair }) => [no, repair.split(';')[0]]),
    [
      [4, 'left out'],
      [5, 'left out'],
      [10, 'left out'],
    ],
  )
  assert.match(wrong[0]!.why, /changed/)
  assert.match(wrong[1]!.why, /landed, and there is no fill/)
  assert.match(wrong[2]!.why, /doubled/)
  assert.deepEqual(readFileSync(path), bytes, 'a check reads only')
  const { old = '' } = repairLedger(path)
  assert.deepEqual(readFileSync(old), bytes)
  assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.equal(lineOf(path), undefined)
  const seen: string[] = []
  readLedger(path, rec => seen.push(rec.id))
  const expected = ALL.toSpliced(2, 2).map(raw => JSON.parse(raw).id)
  assert.deepEqual(seen, expected)
})

test('an end that was cut off, or a ledger that is gone, is noticed by its head', t => {
  const path = ledgerIn(t)
  const lines = stored(path)
  const bare = lines.map(raw => unseal(raw).text)
  assert.equal(lineOf(path, lines.slice(0, -3)), 11)
  assert.equal(lineOf(path, [...lines.slice(0, 4), lines[4]!.replace('}}', '}},') + lines[5]!]), 5)
  assert.equal(lineOf(path, bare), 14, 'as if versions before had written it')
  assert.equal(lineOf(path, []), 1, 'nothing is left of it')
  assert.throws(() => repairLedger(path), /first line is wrong/)
  writeFileSync(path, `${lines.slice(0, -3).join('\n')}\n`)
  const { wrong } = checkLedger(path)
  assert.match(wrong[0]!.why, /its last lines are gone: .*paper\.ndjson\.head tells of \d+ bytes/)
  assert.match(wrong[0]!.repair, /gone on without/)
  assert.equal(repairLedger(path).check.wrong.length, 1)
  assert.equal(lineOf(path), undefined)
  rmSync(path)
  assert.equal(checkOpens(path), false, 'it was taken away')
  rmSync(path)
  rmSync(`${path}.head`)
  assert.equal(checkOpens(path), true, 'a new one')
})

const checkOpens = (path: string): boolean => {
  try {
    openLedger(path, HEAD, () => undefined).close()
    return true
  } catch (error) {
    assert.match(String(error), /to begin anew, take that file away too/)
    return false
  }
}

test('a file that is no ledger is never written over', t => {
  const path = ledgerIn(t)
  for (const text of ['notes', 'notes\n', '{"a":1}\n', '{"ledger":"other"}'])
    for (const again of [1, 2]) {
      writeFileSync(path, text)
      assert.throws(() => openLedger(path, HEAD, () => undefined), DataError, `${text} ${again}`)
      assert.equal(readFileSync(path, 'utf8'), text)
    }
})
