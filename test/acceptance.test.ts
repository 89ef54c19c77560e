import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { makeRng } from '../lib/base/rng.ts'
import type { Rec } from '../lib/records/record.ts'
import { makeHome, processesOf, sh, testEnv } from './kit/proc.ts'
import { makeModel, use } from './lib/model/fixture.ts'

/**
 * A market is recorded and traded on paper under keep, with chaos between the stages, while any
 * process of either pipeline is killed every few seconds. SLUICE_SOAK_MINUTES=5 makes it the long
 * run.
 */
const MINUTES = Number(process.env.SLUICE_SOAK_MINUTES ?? 0.2)
const KILL_EVERY_MS = 2500

/**
 * Each life of the watching side records another hour of another market: a simulator that starts
 * anew cannot go on.
 */
const WATCH = `
while true; do
  echo >> $SLUICE_HOME/lives; n=$(wc -l < $SLUICE_HOME/lives)
  start=$(date -u -d "@$((1767225600 + n * 3600))" +%Y-%m-%dT%H:%M:%SZ)
  discover --source sim --seed acceptance-$n --start-at $start --days 0.04 \\
    --tokens-per-hour 60 --snapshot 30s --speed 240 --quiet |
    journal events --quiet > /dev/null
done`

/** As cron would, only more often. A run that is killed is followed by the next. */
const LEARN =
  'while true; do pipelines/label.sh decisions || true; sluice sync > /dev/null || true; ' +
  'sleep 2; done'

const chaos = (n: number, faults: string): string =>
  `sluice chaos --seed $RANDOM ${faults} --record $SLUICE_HOME/chaos-${n}.ndjson --skip-bad ` +
  `--rejects $SLUICE_HOME/rejects-chaos-${n}.ndjson --max-bad 0.5 --quiet`
const skip = (name: string): string =>
  `--skip-bad --rejects $SLUICE_HOME/rejects-${name}.ndjson --max-bad 0.5 --quiet`
const ENV = { SLUICE_JOURNAL_MIN_FREE: '1MB' }
const MIXED = '--dup 0.01 --reorder 0.02 --delay 0.01 --drop 0.002 --truncate 0.002 --garble 0.002'

const trade = (source: string): string =>
  [
    `discover --source journal events ${source} --after decisions --warm 1h --quiet`,
    chaos(1, MIXED),
    `features --sets pool,tabular --every 0 ${skip('features')}`,
    chaos(2, MIXED),
    `predict --models $SLUICE_HOME/models --workers 1 ${skip('predict')}`,
    chaos(3, MIXED),
    'gate --min-confidence 0.4 --min-combined 0.4 --without ' +
      `mint,freeze,lp-burned,holders,top10,age ${skip('gate')}`,
    `journal decisions ${skip('journal')}`,
    'execute --ledger home --max-positions 50 --max-streak 1000 --max-drawdown 1 ' +
      `--max-daily-loss 1000 --max-per-day 1000 --cash 1000 ${skip('execute')} > /dev/null`,
  ].join(' | ')

/** Processes of a home, without those of keep: whoever watches must live. */
const victims = (home: string): number[] =>
  processesOf(home)
    .filter(({ argv }) => !argv.includes('keep'))
    .map(({ pid }) => pid)

function keep(name: string, line: string, home: string, alerts: string[]) {
  const times = ['--min-wait', '50ms', '--max-wait', '500ms', '--grace', '10s']
  const argv = ['keep', '--name', name, ...times, '--', 'bash', '-eo', 'pipefail', '-c', line]
  const child = spawn('sluice', argv, {
    env: testEnv(home, ENV),
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  child.stderr.on('data', chunk => alerts.push(...String(chunk).split('\n').filter(Boolean)))
  const end = new Promise<number | null>(resolve => child.on('close', resolve))
  return { child, end }
}

const linesOf = (path: string): string[] =>
  existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : []
function journal(home: string, name: string): Rec[] {
  const dir = join(home, 'journal', name)
  const days = existsSync(dir) ? readdirSync(dir).filter(file => file.endsWith('.ndjson')) : []
  return days.sort().flatMap(file => linesOf(join(dir, file)).map(raw => JSON.parse(raw) as Rec))
}

const all = (home: string, prefix: string): Record<string, unknown>[] =>
  readdirSync(home)
    .filter(name => name.startsWith(prefix))
    .flatMap(name => linesOf(join(home, name)).map(raw => JSON.parse(raw)))

function assertNoDoubleBuy(home: string): number {
  const lines = linesOf(join(home, 'ledger/paper.ndjson')).map(raw => JSON.parse(raw) as Rec)
  const fills = lines.filter(rec => rec.fill?.side === 'buy').map(rec => rec.fill?.intent)
  assert.equal(new Set(fills).size, fills.length, 'an intent was filled twice')
  const open = new Set<string>()
  for (const { mint = '', position, fill } of lines) {
    if (fill?.side === 'buy') {
      assert.ok(!open.has(mint), `${mint} was bought while a position was open`)
      open.add(mint)
    }
    if (position !== undefined && position.status !== 'open') open.delete(mint)
  }
  return fills.length
}

test('chaos and kill -9 everywhere: no line lost or doubled, no double buy, tables agree', {
  timeout: (MINUTES + 20) * 60_000,
}, async t => {
  const home = makeHome(t)
  for (const version of ['1', '2'])
    await makeModel(join(home, 'models'), 'moon', version, { rate: Number(version) / 20 })
  use(join(home, 'models'), 'moon', { production: '1', shadow: '2' })
  const alerts: string[] = []
  const rng = makeRng('acceptance')
  const watch = keep('watch', WATCH, home, alerts)
  const trades = keep('trade', trade('--follow'), home, alerts)
  const learn = keep('learn', LEARN, home, alerts)
  const until = Date.now() + MINUTES * 60_000
  let kills = 0
  while (Date.now() < until) {
    await wait(KILL_EVERY_MS * (0.5 + rng.next()))
    const pids = victims(home)
    const pid = pids[rng.below(pids.length)]
    if (pid === undefined) continue
    try {
      process.kill(pid, 'SIGKILL')
      kills++
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'ESRCH')
    }
  }
  for (const { child, end } of [watch, trades, learn]) {
    child.kill('SIGTERM')
    assert.equal(await end, 143, alerts.join('\n'))
  }
  // What is left, and what was held or in a pipe when its process was killed.
  for (let i = 0; i < 2; i++) {
    const rest = await sh(trade(''), { home, env: ENV, timeoutMs: 600_000 })
    assert.equal(rest.code, 0, rest.stderr)
  }

  const events = journal(home, 'events').map(rec => rec.id)
  const decided = journal(home, 'decisions')
  const ids = decided.map(rec => rec.id)
  const [known, arrived] = [new Set(events), new Set(ids)]
  const lost = all(home, 'chaos-')
  const damaged = new Set(lost.map(({ raw }) => (JSON.parse(raw as string) as Rec).id))
  const rejected = all(home, 'rejects-')
  const missing = events.filter(id => !arrived.has(id))
  const foreign = ids.filter(id => !known.has(id))
  const buys = assertNoDoubleBuy(home)
  t.diagnostic(
    `${kills} kills, ${alerts.length} ends, ${events.length} events, ${decided.length} lines ` +
      'decided on, ' +
      `${lost.length} damaged, ${rejected.length} rejected, ${missing.length} missing, ` +
      `${foreign.length} changed ids, ${buys} buys`,
  )
  assert.ok(kills >= MINUTES * 15 && events.length > 100 && buys > 0, 'nothing happened')
  assert.equal(known.size, events.length, 'an event is twice in its journal')
  assert.equal(arrived.size, ids.length, 'a line is twice in the decision journal')
  const lostByUs = missing.filter(id => !damaged.has(id))
  assert.equal(lostByUs.length, 0, `lost, and not by chaos: ${lostByUs.slice(0, 5)}`)
  // A garbled id is a new line; there can be no other.
  assert.ok(foreign.length <= lost.filter(({ what }) => what === 'garble').length, `${foreign}`)
  assert.ok(
    rejected.length <= lost.filter(({ what }) => what !== 'drop').length,
    'rejected, and not damaged',
  )
  await assertTables(home, decided)
})

/** What the tables must hold, told from the journals alone. */
async function assertTables(home: string, decided: readonly Rec[]): Promise<void> {
  const learn = 'pipelines/label.sh decisions && sluice sync'
  for (let i = 0; i < 2; i++) {
    const done = await sh(`${learn} > /dev/null`, { home, env: ENV, timeoutMs: 600_000 })
    // A garbled line that is stored under the id of a good one is a conflict, and told by 3.
    const isConflict = /\(0 refused, 0 out of their place, \d+ in conflict;/.test(done.stderr)
    assert.equal(done.code, isConflict ? 3 : 0, done.stderr)
  }
  const labels = journal(home, 'decisions-labels')
  const ids = new Set(decided.map(rec => rec.id))
  assert.deepEqual(
    labels.filter(rec => !ids.has(rec.id)).map(rec => rec.id),
    [],
    'a label of nothing',
  )
  const heads = (part: 'prediction' | 'shadow'): number =>
    decided.reduce((sum, rec) => sum + Object.keys(rec[part] ?? {}).length, 0)
  const expected = {
    labels: labels.length,
    label_keys: new Set(labels.map(rec => `${rec.id} ${rec.label?.horizon}`)).size,
    decisions: decided.filter(rec => rec.decision !== undefined).length,
    predictions: heads('prediction'),
    shadows: heads('shadow'),
    future: 0,
    early: 0,
  }
  assert.equal(expected.labels, expected.label_keys, 'a label is twice in its journal')
  assert.ok(expected.labels > 0 && expected.shadows > 0, 'nothing was labelled')
  const found = await sh(`sluice query "${TABLES}"`, { home })
  assert.equal(found.code, 0, found.stderr)
  assert.deepEqual(JSON.parse(found.stdout), expected)
}

const TABLES = `SELECT (SELECT count(*) FROM ml_labels) AS labels,
  (SELECT count(DISTINCT (id, horizon)) FROM ml_labels) AS label_keys,
  (SELECT count(*) FROM decisions) AS decisions,
  (SELECT count(*) FROM ml_prediction_rows WHERE NOT is_shadow) AS predictions,
  (SELECT count(*) FROM ml_prediction_rows WHERE is_shadow) AS shadows,
  (SELECT count(*) FROM ml_training_data WHERE features_ts > ts) AS future,
  (SELECT count(*) FROM ml_labels WHERE available_at < ts) AS early`

test('without a kill every line is counted: in + doubled = out + lost + rejected', async t => {
  const home = makeHome(t)
  const told = [1, 2, 3].map(n => `${chaos(n, MIXED)} 2>> $SLUICE_HOME/told`)
  const line = `discover --source sim --days 0.05 --tokens-per-hour 60 --snapshot 60s --quiet |
    journal events --quiet | ${told[0]} | features --every 0 ${skip('features')} | ${told[1]} |
    gate ${skip('gate')} | ${told[2]} | journal decisions ${skip('journal')}`
  const { code, stderr } = await sh(
    `${line} 2> $SLUICE_HOME/journal-told > /dev/null`.replaceAll(' --quiet 2>', ' 2>'),
    {
      home,
      env: ENV,
    },
  )
  assert.equal(code, 0, stderr)
  const count = (name: string): number =>
    linesOf(join(home, 'told')).reduce(
      (sum, text) => sum + Number(new RegExp(`· ${name} (\\d+)`).exec(text)?.[1] ?? 0),
      0,
    )
  const decided = journal(home, 'decisions').length
  const repeated = Number(
    /repeated (\d+)/.exec(readFileSync(join(home, 'journal-told'), 'utf8'))?.[1],
  )
  const rejected = all(home, 'rejects-').length
  const [doubled, lost, events] = [count('dup'), count('drop'), journal(home, 'events').length]
  t.diagnostic(`${events} + ${doubled} = ${decided} + ${repeated} + ${lost} + ${rejected}`)
  assert.ok(doubled > 0 && lost > 0 && rejected > 0)
  assert.equal(events + doubled, decided + repeated + lost + rejected)
})
