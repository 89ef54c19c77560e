import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeHome, sluice } from '../../kit/proc.ts'

/** Where the machine stands and what language it speaks. */
const PLACES: Record<string, string>[] = [
  { TZ: 'UTC', LANG: 'C', LC_ALL: 'C' },
  { TZ: 'Pacific/Apia', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' },
  { TZ: ':no/such/place', LANG: 'xx_YY', LC_ALL: 'ar_EG.UTF-8' },
]

/** Dates as people write them, across a change of clocks and a midnight. */
const TABLE = [
  'symbol,date,open,high,low,close,volume',
  'IBIS,2026-03-28 23:55:00,1,2,0.5,1.5,10',
  'IBIS,2026-03-29 00:00:00,1.5,2,1,1.2,11',
  'IBIS,2026-03-29 02:30:00,1.2,2,1,1.1,12',
  'IBIS,2026-03-29 03:30:00,1.1,2,1,1.3,13',
].join('\n')

test('the same bytes in every time zone and language', async t => {
  const outputs: string[] = []
  for (const env of PLACES) {
    const home = makeHome(t)
    const bars = await sluice(['discover', '--source', 'ohlcv', '--quiet', '-'], {
      home,
      env,
      input: TABLE,
    })
    assert.equal(bars.code, 0, bars.stderr)
    const words = 'features --every 0 | strategy | gate --weights strategy=1 | journal places'
    const line = await sluice(['run', '--quiet', `${words} --min-free 0B | label --flush`], {
      home,
      env,
      input: bars.stdout,
    })
    assert.equal(line.code, 0, line.stderr)
    const kept = readFileSync(join(home, 'journal', 'places', '2026-03-29.ndjson'), 'utf8')
    outputs.push(`${bars.stdout}\n${line.stdout}\n${kept}`)
  }
  assert.ok(outputs[0]!.includes('candle:IBIS'))
  for (const output of outputs) assert.equal(output, outputs[0])
})
