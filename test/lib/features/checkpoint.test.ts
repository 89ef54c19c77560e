import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { configOf, loadState, saveState } from '../../../lib/features/features-checkpoint.ts'
import { makeResumable } from '../../../lib/features/resumable.ts'
import { DEFAULT_SETS } from '../../../lib/features/sets.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { makeEventTime } from '../../../lib/stream/event-time.ts'
import { timed } from '../../../lib/stream/timed-step.ts'
import { candle, MINUTE, makeStep, market, run, T0, tick, toLine, trade } from './lines.ts'

const OPTIONS = {
  sets: DEFAULT_SETS,
  every: 0,
  smartWallets: undefined,
  smartRanking: undefined,
  garch: undefined,
  whale: 1n,
  whaleUsd: 1,
  whaleShare: 1,
}
const CONFIG = configOf(OPTIONS)

function makeFolder(t: { after(fn: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-state-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Two tokens with every kind of line over two hours, and ticks. */
const stream: Rec[] = Array.from({ length: 480 }, (_, i) => {
  const at = T0 + i * 15_000
  const mint = i % 2 ? 'CAT' : 'DOG'
  if (i % 20 === 19) return [tick(at)]
  if (i % 20 === 18) {
    const n = Math.floor(i / 20)
    return ['CAT', 'DOG'].map(m =>
      candle(n, { open: 1 + n, high: 2 + n, low: 1, close: 1 + n / 2, volume: i }, m),
    )
  }
  if (i % 3 === 0) return [trade(at, { price: 1 + (i % 7), usd: i, tokens: i }, mint)]
  return [
    market(
      at,
      { priceSol: 1 + (i % 7), quoteAmount: String(1000 + i), liquidityUsd: 5000 + i },
      mint,
    ),
  ]
})
  .flat()
  .sort((a, b) => a.ts - b.ts)

const seen = (lastId: string) => ({ lastId, time: makeEventTime(60 * MINUTE).save() })

/**
 * Feeds lines to a step that saves in the folder; stops without an end, as a killed process does.
 */
function feed(
  folder: string,
  recs: readonly Rec[],
  saveEvery = 10 * MINUTE,
  isEnded = false,
): string[] {
  const time = makeEventTime(60 * MINUTE)
  const made = timed(makeStep().step, time, { count() {}, warn() {} })
  const step = makeResumable(made, folder, CONFIG, saveEvery, time)
  const out: string[] = []
  for (const rec of recs) step.line?.(toLine(rec), line => out.push(line.raw))
  if (isEnded) void step.end?.(() => {})
  return out
}
const lastIdOf = (folder: string): string =>
  JSON.parse(readFileSync(join(folder, 'features.ndjson'), 'utf8').split('\n')[0]!).lastId

test('ended and started again: the bytes of a run that never stopped', t => {
  const folder = makeFolder(t)
  const out = [
    ...feed(folder, stream.slice(0, 200), MINUTE, true),
    ...feed(folder, stream.slice(200)),
  ]
  assert.deepEqual(out, run(stream))
})

test('killed anywhere, and continued behind the last line of the saved state', t => {
  const whole = run(stream)
  for (const killedAt of [150, 333, 470]) {
    const folder = makeFolder(t)
    feed(folder, stream.slice(0, killedAt))
    const from = stream.findIndex(rec => rec.id === lastIdOf(folder)) + 1
    assert.ok(from > 0 && from <= killedAt)
    assert.deepEqual(feed(folder, stream.slice(from)), whole.slice(from))
  }
})

test('killed, and replayed from a journal that reaches back behind the saved state', t => {
  const folder = makeFolder(t)
  feed(folder, stream.slice(0, 300))
  const replay = stream.map((rec, i) => (i < 300 ? { ...rec, warm: true } : rec)).slice(100)
  const out = feed(folder, replay)
  assert.deepEqual(
    out.slice(0, 200),
    replay.slice(0, 200).map(rec => JSON.stringify(rec)),
  )
  assert.deepEqual(out.slice(200), run(stream).slice(300))
})

test('warm lines that do not reach the saved state are refused, by name', t => {
  const folder = makeFolder(t)
  feed(folder, stream.slice(0, 300), MINUTE, true)
  const replay = [{ ...stream[10]!, warm: true }, stream[301]!]
  assert.throws(
    () => feed(folder, replay),
    new RegExp(`do not contain ${stream[299]?.id.replaceAll('.', '\\.')}`),
  )
})

test('a torn, foreign or other-flags state is refused; a killed save is not read', t => {
  const folder = makeFolder(t)
  feed(folder, stream.slice(0, 300), MINUTE, true)
  const path = join(folder, 'features.ndjson')
  const whole = readFileSync(path, 'utf8')
  const load = () => loadState(folder, makeStep().step, CONFIG)
  assert.equal(load()?.lastId, stream[299]?.id)
  writeFileSync(`${path}.tmp`, 'half a li')
  assert.equal(load()?.lastId, stream[299]?.id)
  assert.throws(
    () => loadState(folder, makeStep().step, configOf({ ...OPTIONS, sets: ['pool'] })),
    /other sets or flags/,
  )
  const lines = whole.split('\n')
  const bad: [string, RegExp][] = [
    [whole.slice(0, -40), /torn|incomplete/],
    [whole.slice(0, 3), /torn/],
    [[lines[0], ...lines.slice(2)].join('\n'), /incomplete/],
    [whole.replace('"version":4', '"version":99'), /expected version 4, got 99/],
    [whole.replace(/"numbers":"[^"]{40}/, '"numbers":"'), /too short|more than/],
  ]
  for (const [text, reason] of bad) {
    writeFileSync(path, text)
    assert.throws(load, reason)
  }
})

test('a save replaces the old one only when it is whole', t => {
  const folder = makeFolder(t)
  const { step } = makeStep()
  saveState(folder, step, CONFIG, seen('first'))
  const broken = {
    ...step,
    *tokens() {
      yield [
        'X',
        () => {
          throw new Error('died half way')
        },
      ] as never
    },
  }
  assert.throws(() => saveState(folder, broken, CONFIG, seen('second')), /died half way/)
  assert.equal(lastIdOf(folder), 'first')
  assert.ok(existsSync(join(folder, 'features.ndjson')))
})
