import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { HaltError, TemporaryError } from '../../../lib/base/errors.ts'
import { holdFolder } from '../../../lib/store/hold.ts'
import { type KeepOptions, type KeepState, keep } from '../../../lib/store/keep/keep.ts'
import { describeEnd, makeBackoff, verdictOf } from '../../../lib/store/keep/keep-policy.ts'
import { groupOf, startOf } from '../../../lib/store/lock.ts'
import { makeHome, testEnv, until } from '../../kit/proc.ts'
import { freshHome } from './lines.ts'
import { sleep } from './program.ts'

test('exit codes say what to do', () => {
  const verdicts = [0, 1, 2, 3, 4, 5, 70, 127, 130, 137, 9].map(code =>
    verdictOf({ code, signal: null }),
  )
  assert.deepEqual(
    verdicts,
    'done stop stop stop restart stop restart stop restart restart restart'.split(' '),
  )
  assert.equal(verdictOf({ code: null, signal: 'SIGKILL' }), 'restart')
  assert.equal(describeEnd({ code: 137, signal: null }), 'exit 137 (a stage got signal 9)')
})

test('waits double up to the longest and start anew after a healthy run', () => {
  const wait = makeBackoff(1000, 5000, 60_000)
  assert.deepEqual([0, 0, 0, 0, 60_000, 0].map(wait), [1000, 2000, 4000, 5000, 1000, 2000])
})

const times = { minWait: 5, maxWait: 20, healthy: 60_000, heartbeat: 1000, grace: 2000 }
const run = (home: string, script: string, more: Partial<KeepOptions> = {}): Promise<void> =>
  keep({
    home,
    name: 'job',
    argv: ['bash', '-c', script],
    ...times,
    signal: new AbortController().signal,
    alert: () => {},
    ...more,
  })
const stateOf = (home: string): KeepState =>
  JSON.parse(readFileSync(join(home, 'keep', 'job.json'), 'utf8'))

test('restarts after 4, a signal and 70, and stops with the class of 5', {
  timeout: 20_000,
}, async () => {
  const home = freshHome()
  const count = join(home, 'count')
  writeFileSync(count, '')
  const script =
    `echo >> ${count}; case $(wc -l < ${count}) in 1) exit 4;; 2) kill -9 $$;; 3) exit 70;; *) ` +
    'exit 5;; esac'
  const alerts: string[] = []
  await assert.rejects(run(home, script, { alert: line => alerts.push(line) }), HaltError)
  assert.equal(readFileSync(count, 'utf8').length, 4)
  const texts = alerts.map(line => JSON.parse(line).alert.text as string)
  assert.deepEqual(texts, [
    'job: exit 4; again in 0.005 s',
    'job: SIGKILL; again in 0.01 s',
    'job: exit 70; again in 0.02 s',
    'job: exit 5; stopped: it needs a person',
  ])
  assert.equal(stateOf(home).state, 'stopped')
  assert.equal(stateOf(home).restarts, 3)
})

test('exit 0 is done; a program that is not there is a usage error', {
  timeout: 20_000,
}, async () => {
  await run(freshHome(), 'true')
  await assert.rejects(run(freshHome(), '', { argv: ['no-such-program-here'] }), /cannot run/)
})

test('a stop reaches every process of a pipeline', { timeout: 20_000 }, async () => {
  const home = freshHome()
  const stop = new AbortController()
  const marks = join(home, 'marks')
  const stage = (name: string) =>
    `bash -c 'trap "echo ${name} >> ${marks}; exit 0" TERM; while :; do sleep 0.05; done'`
  const done = run(home, `${stage('a')} | ${stage('b')}`, { signal: stop.signal })
  await sleep(400)
  stop.abort()
  await done
  assert.deepEqual(readFileSync(marks, 'utf8').split('\n').sort(), ['', 'a', 'b'])
})

test('what a killed shell left running is ended before the next start; two keeps of one name are ' +
  'refused', {
  timeout: 20_000,
}, async () => {
  const home = freshHome()
  const stop = new AbortController()
  const pids = join(home, 'pids')
  // The child of the shell survives the shell; its id is noted.
  const script = `sleep 60 & echo $! >> ${pids}; [ $(wc -l < ${pids}) -gt 1 ] && wait; kill -9 $$`
  const done = run(home, script, { signal: stop.signal })
  const noted = () =>
    existsSync(pids) ? readFileSync(pids, 'utf8').trim().split('\n').map(Number) : []
  for (let i = 0; i < 200 && noted().length < 2; i++) await sleep(20)
  const alive = noted().map(pid => startOf(pid) !== undefined)
  const refused = run(home, 'true').catch(error => error)
  stop.abort()
  await done
  assert.deepEqual(alive, [false, true])
  assert.ok((await refused) instanceof TemporaryError)
  assert.equal(startOf(noted()[1]!), undefined)
})

/** Processes of a group that have not ended. */
const membersOf = (group: number): number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter(pid => pid > 0 && groupOf(pid) === group)

test('keep killed with -9 leaves nothing that holds its journal; what may settle settles', {
  timeout: 60_000,
  skip: process.platform !== 'linux' && 'reads /proc',
}, async t => {
  const home = makeHome(t)
  const journal = join(home, 'journal', 'events')
  const argv = (settle: string): string[] =>
    [
      'keep --name job --grace 3s --'.split(' '),
      [
        'bash',
        '-c',
        `(${settle}) & discover --source sim --speed 600 --quiet | ` +
          'journal events --quiet --min-free 0B > /dev/null',
      ],
    ].flat()
  const start = (settle: string): ChildProcess =>
    spawn('sluice', argv(settle), { env: testEnv(home), stdio: 'ignore' })
  const hasLines = (): boolean =>
    existsSync(journal) && readdirSync(journal).some(name => name.endsWith('.ndjson'))
  const mark = join(home, 'settled')
  const onTerm = (what: string): string => `trap "${what}" TERM; while :; do sleep 0.1; done`
  for (const settle of [onTerm(`echo settled > ${mark}; exit 0`), onTerm('')]) {
    const killed = start(settle)
    const isBusy = (): boolean => hasLines() && membersOf(stateOf(home).child?.pid ?? 0).length >= 3
    assert.ok(await until(isBusy, 20_000), 'the journal is being written')
    const { child } = stateOf(home)
    killed.kill('SIGKILL')
    assert.ok(await until(() => membersOf(child!.pid).length === 0, 10_000), 'something was left')
    holdFolder(journal).release()
  }
  assert.equal(readFileSync(mark, 'utf8'), 'settled\n')
  const next = start('true')
  const began = statSync(join(home, 'keep', 'job.json')).mtimeMs
  assert.ok(await until(() => statSync(join(home, 'keep', 'job.json')).mtimeMs > began, 10_000))
  await sleep(500)
  assert.equal(stateOf(home).state, 'running')
  const ended = once(next, 'exit')
  next.kill('SIGTERM')
  await ended
})

test('keep ends with the process that --parent names, however that ended', {
  timeout: 30_000,
}, async t => {
  const home = makeHome(t)
  const parent = spawn('sleep', ['60'])
  const argv = `keep --name job --parent ${parent.pid} -- sleep 60`.split(' ')
  const kept = spawn('sluice', argv, { env: testEnv(home), stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  kept.stderr.on('data', chunk => {
    said += chunk
  })
  const closed = once(kept, 'close')
  const isRunning = (): boolean =>
    existsSync(join(home, 'keep', 'job.json')) && stateOf(home).state === 'running'
  assert.ok(await until(isRunning, 10_000), 'the command runs')
  const { child } = stateOf(home)
  parent.kill('SIGKILL')
  assert.deepEqual(await closed, [143, null])
  assert.match(said, new RegExp(`process ${parent.pid} \\(--parent\\) has ended`))
  assert.equal(startOf(child!.pid), undefined)

  // It had ended before keep looked: nothing is left running.
  const late = spawn('sluice', argv, { env: testEnv(home), stdio: 'ignore' })
  assert.deepEqual(await once(late, 'exit'), [143, null])
  assert.equal(stateOf(home).state, 'stopped')
})
