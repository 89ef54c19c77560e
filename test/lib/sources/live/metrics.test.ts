import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeRng } from '../../../../lib/base/rng.ts'
import { makeTally } from '../../../../lib/sources/live/metrics.ts'
import { openExchange } from '../../../exchange/http.ts'
import { makeMarket } from '../../../exchange/market.ts'
import { of, run } from './run.ts'

test('counts by provider have their own metrics, the rest one by words, figures are gauges', () => {
  const said: [string, number | undefined][] = []
  const tally = makeTally((what, by) => void said.push([what, by]))
  tally.count('jupiter calls')
  tally.count('jupiter calls', 2)
  tally.count('jupiter ms waited', 40)
  tally.count('gaps')
  const text = tally.text({ 'tokens followed': 3 })
  assert.match(text, /^sluice_source_calls_total\{provider="jupiter"\} 3$/m)
  assert.match(text, /^sluice_source_waited_ms_total\{provider="jupiter"\} 40$/m)
  assert.match(text, /^sluice_source_events_total\{what="gaps"\} 1$/m)
  assert.match(
    text,
    /^# TYPE sluice_source_tokens_followed gauge\nsluice_source_tokens_followed 3$/m,
  )
  assert.equal(said.length, 4)
})

test('a run leaves its counts in the file of --metrics: the same as in its summary', async t => {
  const market = makeMarket({ seed: 'metrics', days: 0.1, tokensPerHour: 12, until: Date.now() })
  const exchange = await openExchange(market, makeRng('m'), 0.3)
  const dir = mkdtempSync(join(tmpdir(), 'sluice-metrics-'))
  t.after(() => {
    exchange.close()
    rmSync(dir, { recursive: true, force: true })
  })
  const metrics = join(dir, 'sources.prom')
  const flags = {
    mints: market.mints.slice(0, 2),
    history: 0,
    metrics,
    base: [`dexscreener=${exchange.url}`],
  }
  const { counts } = await run(
    { ...flags, providers: ['dexscreener'] },
    lines => of(lines, 'market').length > 5,
  )
  const text = readFileSync(metrics, 'utf8')
  const sample = (line: string): number =>
    Number(new RegExp(`^${line} (\\d+)$`, 'm').exec(text)?.[1])
  assert.equal(
    sample('sluice_source_calls_total\\{provider="dexscreener"\\}'),
    counts.get('dexscreener calls'),
  )
  assert.equal(sample('sluice_source_tokens_followed'), 2)
})

test('what was read are answers and messages: a call without one is not', () => {
  let read = 0
  const tally = makeTally(
    () => {},
    n => {
      read += n
    },
  )
  const events = ['dexscreener calls', 'dexscreener calls', 'dexscreener limited', 'rpc messages']
  for (const what of [...events, 'dexscreener failed', 'rpc reconnects', 'gaps', 'rpc messages'])
    tally.count(what)
  tally.count('pumpportal messages', 5)
  assert.equal(read, 2 - 2 + 2 + 5)
})
