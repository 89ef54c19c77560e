import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { raiseAlert } from '../../../lib/alerts/alerts.ts'
import { Negative } from '../../../lib/base/errors.ts'
import { writeAliases } from '../../../lib/model/registry.ts'
import { ageText } from '../../../lib/monitor/status/item.ts'
import { runStatus } from '../../../lib/monitor/status/run-status.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { makeJournal } from '../../../lib/store/journal/journal.ts'
import { appendRow } from '../../../lib/store/journal/rows.ts'
import { sync } from '../../../lib/store/tables/sync.ts'
import { makeLine, setPart } from '../../../lib/stream/line.ts'
import { folder, makeModel, poolLine } from '../model/fixture.ts'

const NOW = 1_700_000_000_000 + 3_600_000

async function status(home: string, more: object = {}) {
  let text = ''
  let error: unknown
  const options = {
    home,
    models: join(home, 'models'),
    now: NOW,
    maxLag: 900_000,
    retain: 90,
    isScreen: false,
    check: false,
    ...more,
  }
  try {
    await runStatus(options, { write: async part => void (text += part) })
  } catch (thrown) {
    error = thrown
  }
  const items = text.startsWith('{')
    ? text
        .trim()
        .split('\n')
        .map(line => JSON.parse(line) as Record<string, unknown>)
    : []
  return {
    text,
    error,
    items,
    of: (what: string, name?: string) =>
      items.find(item => item.what === what && (name === undefined || item.name === name)),
  }
}

function keepFile(
  home: string,
  name: string,
  state: string,
  heartbeatAgo: number,
  lastEnd?: string,
): void {
  mkdirSync(join(home, 'keep'), { recursive: true })
  const base = {
    name,
    argv: ['x'],
    state,
    pid: 1,
    restarts: 2,
    startedAt: NOW - 7_200_000,
    heartbeatAt: NOW - heartbeatAgo,
  }
  writeFileSync(
    join(home, 'keep', `${name}.json`),
    JSON.stringify(lastEnd === undefined ? base : { ...base, lastEnd }),
  )
}

/** Predictions that are wrong nine times in ten, in a database. */
async function wrongPredictions(home: string): Promise<void> {
  const journal = makeJournal({ home, name: 'decisions', fsync: 1000, minFree: 0, recall: 0 })
  const lines = Array.from({ length: 300 }, (_, i) => {
    const line = poolLine(i, {})
    setPart(line, 'prediction', { moon: { version: '1', p: 0.9 } })
    setPart(line, 'shadow', { moon: { version: '2', p: 0.1 } })
    return line
  })
  // The outcome of every third token is not known.
  const labels = lines
    .filter((_, i) => i % 3 !== 1)
    .map(({ rec: { v, id, ts, kind, mint, source } }, i) => {
      const label = {
        horizon: 'n10',
        willMoon: i % 10 === 0,
        censored: false,
        availableAt: ts + 1000,
      }
      return makeLine({ v, id, ts, kind, mint, source, label } as Rec)
    })
  void journal.batch?.([...lines, ...labels], () => undefined)
  void journal.close?.()
  await sync({ home })
}

test('an empty home has nothing to say but what is missing', async t => {
  const { items, error } = await status(folder(t))
  assert.equal(error, undefined)
  assert.deepEqual(
    items.map(item => [item.what, item.level]),
    [['database', 'warn']],
  )
})

test('pipelines are alive, waiting, done, stopped or dead', async t => {
  const home = folder(t)
  keepFile(home, 'alive', 'running', 5000)
  keepFile(home, 'dead', 'running', 120_000)
  keepFile(home, 'done', 'stopped', 999_000, 'exit 0')
  keepFile(home, 'halted', 'stopped', 999_000, 'exit 5')
  keepFile(home, 'waiting', 'waiting', 5000, 'exit 4')
  const { items, error } = await status(home, { check: true })
  const levels = items.filter(item => item.what === 'pipeline').map(item => [item.name, item.level])
  assert.deepEqual(levels, [
    ['alive', 'ok'],
    ['dead', 'error'],
    ['done', 'ok'],
    ['halted', 'error'],
    ['waiting', 'warn'],
  ])
  assert.ok(
    error instanceof Negative && /2 wrong: pipeline dead, pipeline halted/.test(error.message),
  )
})

test(
  'live accuracy below the interval of the test is an error; trial, drift, training, lag, ' +
    'positions and alerts show',
  async t => {
    const home = folder(t)
    await makeModel(join(home, 'models'), 'moon', '1')
    await makeModel(join(home, 'models'), 'moon', '2', { seed: 2 })
    writeAliases(join(home, 'models/moon'), {
      at: 0,
      action: 'alias',
      reason: 't',
      before: {},
      after: { production: '1', shadow: '2' },
    })
    await wrongPredictions(home)
    appendRow(home, 'ml_training_jobs', {
      id: 'job:1',
      ts: NOW - 7_200_000,
      model: 'moon',
      state: 'skipped',
      reason: '12 of 1000 new rows',
    })
    for (const [name, drifted] of [
      ['a', true],
      ['b', false],
    ] as const)
      appendRow(home, 'ml_drift_reports', {
        id: `d:${name}`,
        ts: NOW - 60_000,
        model: 'moon',
        version: '1',
        scope: 'feature',
        name,
        rows: 300,
        drifted,
        above: true,
      })
    const position = {
      id: 'position:1',
      status: 'open',
      openedAt: NOW - 60_000,
      costLamports: '100',
      boughtAmount: '5',
      amount: '5',
    }
    const order = (side: string, state: string, ...reasons: string[]) => ({
      mint: `of ${side}`,
      ts: NOW - 7_200_000,
      order: {
        intent: `${side}:${state === 'expired' ? NOW : 1}`,
        side,
        state,
        reasons,
        attempt: 1,
      },
    })
    const closed = { ...position, id: 'position:2', status: 'closed' }
    mkdirSync(join(home, 'ledger'))
    const ledger = [
      { ledger: 'sluice' },
      ...[position, closed].map(each => ({ mint: 'Mint1', position: each })),
      ...[
        order('buy', 'sent'),
        order('buy', 'unknown', 'one-witness'),
        order('sell', 'expired', 'one-witness'),
        { ...order('long ago', 'expired', 'one-witness'), ts: NOW - 90_000_000 },
        order('other', 'landed'),
      ],
    ]
    writeFileSync(
      join(home, 'ledger/paper.ndjson'),
      ledger.map(line => `${JSON.stringify(line)}\n`).join(''),
    )
    const alert = { severity: 'error', name: 'latency', text: 'slow' } as const
    await raiseAlert(
      { home, alertCommand: undefined, stderr: () => {} },
      { id: 'alert:1', ts: NOW - 1000, source: 'predict', alert },
    )

    const { of, error } = await status(home, { check: true })
    // 200 matured of 300, every tenth right; the span ends with the last matured one.
    const accuracy = of('accuracy')
    assert.deepEqual([accuracy?.level, accuracy?.rows, accuracy?.accuracy], ['error', 200, 0.1])
    assert.ok(Math.abs(Number(accuracy?.coverage) - 2 / 3) < 0.01)
    assert.equal(of('trial')?.rows, 200)
    assert.match(String(of('model', 'moon')?.text), /^1 in production, .*2 on trial/)
    assert.match(String(of('training')?.text), /skipped 2h ago: 12 of 1000 new rows/)
    assert.deepEqual([of('drift')?.level, of('drift')?.drifted, of('drift')?.above], ['warn', 1, 2])
    // The alert is a second old, and its journal the freshest.
    assert.deepEqual(
      [of('journal', 'alerts')?.level, of('journal', 'decisions')?.lagMs],
      ['ok', 3_600_000 - 299],
    )
    assert.equal(of('position')?.status, 'open')
    const [bought, sold] = [of('order', 'of buy'), of('order', 'of sell')]
    assert.deepEqual([bought?.level, bought?.state, sold?.level], ['error', 'unknown', 'warn'])
    assert.match(String(bought?.text), /^buy unknown for 2h: one node says .*live\.witness/)
    assert.match(String(sold?.text), /^sell given up 2h ago on the word of one node/)
    for (const over of ['of other', 'of long ago']) assert.equal(of('order', over), undefined)
    assert.equal(of('alert')?.name, 'predict.latency')
    assert.ok(error instanceof Negative)

    const { text } = await status(home, { isScreen: true })
    const lines = text.trimEnd().split('\n')
    assert.ok(lines.length < 24 && lines.every(line => line.length <= 120), text)
    assert.ok(lines.some(line => line.startsWith('✗ accuracy')))
  },
)

test('ages in the largest unit', () => {
  assert.deepEqual([0, 999, 1500, 90_000, 36_000_000, 86_400_000 * 40].map(ageText), [
    '0ms',
    '999ms',
    '1.5s',
    '1.5m',
    '10h',
    '40d',
  ])
})

test('disk: what the home takes by folder, no links, and how long journals are kept', async t => {
  const home = folder(t)
  assert.equal((await status(join(home, 'nothing-here'))).of('disk'), undefined)
  const day = join(home, 'journal', 'events')
  mkdirSync(day, { recursive: true })
  writeFileSync(join(day, '2023-11-02.ndjson'), Buffer.alloc(3 * 2 ** 20))
  writeFileSync(join(day, '2023-11-14.ndjson'), Buffer.alloc(2 ** 20))
  writeFileSync(join(home, 'small'), 'x')
  symlinkSync(day, join(home, 'link'))
  const { of, items } = await status(home, { retain: 30 })
  assert.ok(Number(of('disk', 'home')?.bytes) >= 4 * 2 ** 20 + 1)
  assert.ok(Number(of('disk', 'home')?.bytes) < 5 * 2 ** 20)
  assert.ok(Number(of('disk', 'home')?.freeBytes) > 0)
  const journal = of('disk', 'journal')
  assert.equal(journal?.text, '4 MB since 2023-11-02; sync keeps 30 days')
  assert.equal(journal?.bytes, 4 * 2 ** 20)
  assert.equal(items.filter(({ what }) => what === 'disk').length, 2)
})
