import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { DataError } from '../../../../lib/base/errors.ts'
import type { Rec } from '../../../../lib/records/record.ts'
import { openLedger } from '../../../../lib/trade/ledger/ledger.ts'
import { readLedger } from '../../../../lib/trade/ledger/ledger-read.ts'
import { viewLedger } from '../../../../lib/trade/ledger/ledger-show.ts'

const HEAD = { ledger: 'sluice', v: 1, mode: 'paper', cashLamports: '1000' } as const
const orderLine = (n: number, state: string): string =>
  JSON.stringify({
    v: 1,
    id: `buy:M:d#${n}`,
    ts: n,
    kind: 'order',
    mint: 'M',
    source: 'execute',
    order: {
      intent: 'buy:M:d',
      cause: 'd',
      venue: 'paper',
      side: 'buy',
      state,
      reasons: [],
      inAmount: '10',
    },
  })
const FILL = JSON.stringify({
  v: 1,
  id: 'buy:M:d#fill1',
  ts: 3,
  kind: 'fill',
  mint: 'M',
  source: 'execute',
  fill: {
    intent: 'buy:M:d',
    side: 'buy',
    inAmount: '10',
    outAmount: '7',
    feeLamports: '1',
    priorityFeeLamports: '1',
  },
})
function ledgerIn(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-read-'))
  t.after(() => rmSync(dir, { recursive: true }))
  return join(dir, 'paper.ndjson')
}

test('it is read while its writer holds it: newest states, and not a byte changes', t => {
  const path = ledgerIn(t)
  const ledger = openLedger(path, HEAD, () => undefined)
  t.after(() => ledger.close())
  ledger.append([orderLine(1, 'planned'), orderLine(2, 'sent')])
  const before = { ...statSync(path), bytes: readFileSync(path) }
  assert.equal(viewLedger(path, undefined).intents.get('buy:M:d')?.order.state, 'sent')
  assert.equal(viewLedger(path, undefined).totals.reserved, 10n)
  assert.equal(viewLedger(path, 'N').intents.size, 0)
  ledger.append([FILL, orderLine(3, 'landed')])
  assert.equal(viewLedger(path, 'M').intents.get('buy:M:d')?.order.state, 'landed')
  assert.deepEqual(readFileSync(path).subarray(0, before.bytes.length), before.bytes)
})

test('cut off anywhere: whole lines are there, the rest is told by line and length', t => {
  const path = ledgerIn(t)
  const rows = [JSON.stringify(HEAD), orderLine(1, 'planned'), orderLine(2, 'sent')]
  const whole = Buffer.from(`${rows.join('\n')}\n`)
  const headEnd = rows[0]!.length + 1
  for (let cut = 0; cut <= whole.length; cut++) {
    const kept = whole.subarray(0, cut)
    writeFileSync(path, kept)
    if (cut < headEnd) {
      assert.throws(() => readLedger(path, () => undefined), DataError)
      continue
    }
    const seen: Rec[] = []
    const { torn, lines } = readLedger(path, rec => seen.push(rec))
    const ends = kept.lastIndexOf(10) + 1
    assert.equal(lines, kept.toString().split('\n').length - 2)
    assert.equal(seen.length, lines)
    assert.deepEqual(torn, ends === cut ? undefined : { line: lines + 2, bytes: cut - ends })
  }
})

test('a line that is not of execute, and bytes of no ledger at all, are named by line', t => {
  const path = ledgerIn(t)
  const lineOf = (text: string): number | undefined => {
    writeFileSync(path, text)
    try {
      readLedger(path, () => undefined)
    } catch (error) {
      assert.ok(error instanceof DataError)
      return error.line
    }
    return undefined
  }
  const head = JSON.stringify(HEAD)
  assert.equal(lineOf(`${head}\n${orderLine(1, 'planned')}\n{"kind":"trade"}\n`), 3)
  assert.equal(lineOf(`${head}\nnonsense\n${orderLine(1, 'planned')}\n`), 2)
  assert.equal(lineOf(`${orderLine(1, 'planned')}\n`), 1)
  assert.equal(lineOf('{"ledger":"sluice","v":1,"mode":"paper","cashLamports":"-5"}\n'), 1)
  assert.equal(lineOf(`${head}\n${orderLine(1, 'planned')}\nnonsense\n`), undefined)
})
