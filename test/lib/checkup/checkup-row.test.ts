import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkupRow } from '../../../lib/checkup/checkup-row.ts'

test('a row says how it is, what it is about, what to do and what cannot be run', () => {
  const rows = [
    { check: 'node', ok: true, needed: true, text: 'Node 22' },
    { check: 'provider:raydium', ok: true, needed: false, asked: false, text: 'not asked' },
    { check: 'disk', ok: false, needed: false, text: '1 GiB free', missingFor: ['journal'] },
    {
      check: 'live-rpc',
      ok: false,
      needed: true,
      result: 'unknown' as const,
      text: 'no answer',
      remedy: 'wait',
    },
    { check: 'home', ok: false, needed: true, text: 'cannot be written' },
  ]
  assert.deepEqual(
    rows
      .map(row => checkupRow(row, 80))
      .join('')
      .split('\n'),
    [
      'ok       node                    Node 22',
      '-        provider:raydium        not asked',
      'lacks    disk                    1 GiB free',
      '                                 cannot run: journal',
      'unknown  live-rpc                no answer',
      '                                 do: wait',
      'FAILS    home                    cannot be written',
      '',
    ],
  )
})

test('nothing that a provider says steers the terminal, and rows keep their width', () => {
  const text = `\u001b[31mred\u202e\u2028${'long '.repeat(40)}`
  const row = checkupRow({ check: 'x\n\u0007', ok: true, needed: true, text }, 60)
  assert.doesNotMatch(row, /[\u0000-\u0009\u000b-\u001f\u202e\u2028]/)
  for (const line of row.split('\n')) assert.ok(line.length <= 60, line)
})
