import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { holdFolder } from '../lib/store/hold.ts'
import { unseal } from '../lib/store/sealed/checksum.ts'
import { makeHome, processesOf, sh, testEnv, until } from './kit/proc.ts'
import { makeModel, use } from './lib/model/fixture.ts'

const SIM = '--source sim --snapshot 60s --seed pipelines'
const env = { SLUICE_JOURNAL_MIN_FREE: '1MB' }
const lines = (home: string, name: string): string[] =>
  readdirSync(`${home}/journal/${name}`)
    .filter(file => file.endsWith('.ndjson'))
    .sort()
    .flatMap(file => readFileSync(`${home}/journal/${name}/${file}`, 'utf8').split('\n'))
    .filter(line => line !== '')
    .map(line => unseal(line).text)

/** Lines of a script that begin a statement: no comment, and not the rest of the line before. */
const statementsOf = (text: string): string[] =>
  text
    .split('\n')
    .filter((line, i, all) => !/^\s*(#|$)/.test(line) && !/(\\|\||&&)$/.test(all[i - 1] ?? ''))

test('every pipeline is short and strict', () => {
  for (const file of readdirSync('pipelines').filter(name => name.endsWith('.sh'))) {
    const text = readFileSync(`pipelines/${file}`, 'utf8')
    assert.ok(statementsOf(text).length <= 15, `${file} is long`)
    assert.ok(text.includes('set -euo pipefail'), `${file} is not strict`)
    assert.ok(text.includes('/../dist/bin:$PATH'), `${file} needs its commands on PATH`)
    assert.ok(!/\b(npx|tsx)\b/.test(text), `${file} starts through tsx or npx`)
  }
})

test('what is collected and labelled in pieces is what one pass gives', async t => {
  const home = makeHome(t)
  for (const days of ['0.1', '0.2']) {
    const collected = await sh(`pipelines/collect.sh ${SIM} --days ${days}`, { home, env })
    assert.equal(collected.code, 0, collected.stderr)
    const labelled = await sh('pipelines/label.sh snapshots', { home, env })
    assert.equal(labelled.code, 0, labelled.stderr)
  }
  const once = await sh(
    'cat $SLUICE_HOME/journal/snapshots/*.ndjson | label --each-kind --with features,' +
      'prediction --quiet',
    {
      home,
      env,
    },
  )
  const expected = once.stdout.split('\n').filter(line => line !== '')
  assert.ok(expected.length > 50)
  assert.deepEqual(lines(home, 'snapshots-labels').sort(), expected.sort())
  assert.ok(readFileSync(`${home}/watch.ndjson`, 'utf8').includes('"dueTs"'))
})

test('a second run finds the first and ends with 4', async t => {
  const home = makeHome(t)
  const first = sh('pipelines/collect.sh --source sim --speed 600 --days 9', {
    home,
    env: { ...env, COLLECT_TIME: '12s' },
  })
  await sh('until ls $SLUICE_HOME/journal/snapshots/*.ndjson > /dev/null 2>&1; do sleep .1; done', {
    home,
    env,
  })
  assert.equal((await sh(`pipelines/collect.sh ${SIM} --days 0.1`, { home, env })).code, 4)
  assert.equal((await first).code, 0)
  const held = await sh(
    '(flock 9; pipelines/retrain.sh; code=$?; exit $code) 9> $SLUICE_HOME/.retrain.flock',
    {
      home,
      env,
    },
  )
  assert.equal(held.code, 4, held.stderr)
})

test('without a network, or room on the disk, it is for later', async t => {
  const home = makeHome(t)
  const nobody = '--source live --providers dexscreener --base dexscreener=http://127.0.0.1:1'
  const deaf = await sh(`pipelines/collect.sh ${nobody}`, {
    home,
    env: { ...env, COLLECT_TIME: '3s' },
  })
  assert.equal(deaf.code, 4, deaf.stderr)
  const full = await sh(`pipelines/collect.sh ${SIM} --days 0.1`, {
    home,
    env: { SLUICE_JOURNAL_MIN_FREE: '900TB' },
  })
  assert.equal(full.code, 4, full.stderr)
})

const DISK = `mount -t tmpfs -o size=6m tmpfs $SLUICE_HOME || exit 99
pipelines/collect.sh ${SIM} --days 0.05 || exit 98
for each in 'collect.sh ${SIM} --days 0.05' 'label.sh snapshots' retrain.sh drift.sh \\
  'live-paper.sh ${SIM} --days 0.05'; do
  # Again each time: what a failed pipeline wrote and took back is room for the next.
  head -c 100m /dev/zero > "$SLUICE_HOME/fill-\${each%%.*}" 2> /dev/null
  pipelines/$each 2> /dev/null > /dev/null; echo "$each: $?"
done`

test('a disk that is really full is for later, whoever meets it', async t => {
  const run = await sh(`unshare -rm bash -c "$DISK"`, {
    home: makeHome(t),
    env: { SLUICE_JOURNAL_MIN_FREE: '0B', DISK },
  })
  if (run.code === 1 || run.code === 99 || run.code === 127)
    return t.skip('no rights to mount a small disk here')
  assert.equal(run.code, 0, run.stderr)
  const codes = run.stdout.trim().split('\n')
  assert.equal(codes.length, 5)
  for (const line of codes) assert.match(line, /: 4$/)
})

test('the online models learn what has matured, once', async t => {
  const home = makeHome(t)
  assert.equal((await sh('pipelines/learn.sh', { home, env })).code, 4)
  await makeModel(`${home}/models`, 'moon', '1')
  use(`${home}/models`, 'moon', { production: '1' })
  const made =
    `discover ${SIM} --days 0.2 --quiet | features --sets pool --quiet | predict --quiet | ` +
    'journal decisions --quiet > /dev/null'
  assert.equal((await sh(made, { home, env })).code, 0)
  assert.equal((await sh('pipelines/label.sh', { home, env })).code, 0)
  const learn = 'LEARN_FROM=2026-01-01 pipelines/learn.sh decisions moon'
  const [first, second] = [await sh(learn, { home, env }), await sh(learn, { home, env })]
  assert.equal(first.code, 0, first.stderr)
  const [one, two] = [first, second].map(run => JSON.parse(run.stdout.trim().split('\n').at(-1)!))
  assert.ok(one.learned > 0, first.stdout)
  assert.equal(two.learned, 0, second.stdout)
})

test('label and retrain say what is missing', async t => {
  const home = makeHome(t)
  assert.equal((await sh('pipelines/label.sh', { home, env })).code, 4)
  const empty = await sh('pipelines/retrain.sh', { home, env })
  assert.equal(empty.code, 4, empty.stderr)
  assert.match(empty.stderr, /moon: 0 of 1,000 labelled rows, both classes needed/)
  assert.equal((await sh('pipelines/drift.sh --models $SLUICE_HOME/models', { home, env })).code, 4)
  assert.equal((await sh('pipelines/replay.sh', { home, env })).code, 2)
})

test('a replay of a recording gives the same bytes twice', async t => {
  const home = makeHome(t)
  const run = 'pipelines/replay.sh $SLUICE_HOME/day.ndjson | sha256sum'
  const made = await sh(
    `discover ${SIM} --days 0.1 --quiet > $SLUICE_HOME/day.ndjson; ${run}; ${run}`,
    { home, env },
  )
  const [first, second] = made.stdout.split('\n')
  assert.equal(made.code, 0, made.stderr)
  assert.equal(first, second)
})

test('paper trading runs under keep until it is stopped', async t => {
  const home = makeHome(t)
  assert.ok(testEnv(home).PATH?.includes('dist/bin'))
  const run = await sh(
    `timeout -s TERM 12 pipelines/live-paper.sh ${SIM} --speed 3600 --days 2 || true`,
    {
      home,
      env,
      timeoutMs: 50_000,
    },
  )
  assert.equal(run.signal, null, run.stderr)
  assert.ok(lines(home, 'events').length > 100, run.stderr)
  assert.ok(lines(home, 'decisions').length > 10, run.stderr)
  assert.deepEqual(processesOf(home), [], 'something was left running')
})

test('paper trading killed with -9 takes both its halves along', {
  timeout: 60_000,
  skip: process.platform !== 'linux' && 'reads /proc',
}, async t => {
  const home = makeHome(t)
  const events = `${home}/journal/events`
  const script = spawn('pipelines/live-paper.sh', `${SIM} --speed 600 --days 2`.split(' '), {
    env: testEnv(home, env),
    stdio: 'ignore',
  })
  const isBusy = (): boolean =>
    ['watch', 'trade'].every(half => processesOf(home).some(({ argv }) => argv.includes(half))) &&
    processesOf(home).some(({ argv }) => argv.includes('decisions')) &&
    existsSync(events) &&
    readdirSync(events).some(file => file.endsWith('.ndjson'))
  t.after(() => processesOf(home).forEach(({ pid }) => void kill(pid)))
  assert.ok(await until(isBusy, 30_000), 'both halves are at work')
  assert.ok(kill(script.pid!))
  assert.ok(await until(() => processesOf(home).length === 0, 20_000), 'something was left running')
  for (const name of readdirSync(`${home}/journal`)) holdFolder(`${home}/journal/${name}`).release()
})

/** Kills with -9; whether there was anything to kill. */
function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL')
  } catch {
    return false
  }
}
