import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { makeHome, sh } from './kit/proc.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const UNITS = `${ROOT}pipelines/systemd/`

/** A line of a crontab: five fields and a command. */
interface Job {
  fields: string[]
  command: string
}

/** Jobs and settings of a crontab (crontab(5)): no user column, NAME=value lines for all jobs. */
function readCrontab(text: string): { jobs: Job[]; settings: Record<string, string> } {
  const settings: Record<string, string> = {}
  const jobs: Job[] = []
  for (const line of text.split('\n')) {
    if (/^\s*(#|$)/.test(line)) continue
    const set = /^([A-Z_]+)=(.*)$/.exec(line)
    const job = /^((?:[\d*/,-]+\s+){5})(\S.*)$/.exec(line)
    if (set) settings[set[1]!] = set[2]!
    else if (job) jobs.push({ fields: job[1]!.trim().split(/\s+/), command: job[2]! })
    else assert.fail(`neither a job nor a setting: ${line}`)
  }
  return { jobs, settings }
}

/** Whether a field names a value: `*`, `5`, `1,2`, `1-3`, each perhaps with a step. */
const fits = (field: string, value: number): boolean =>
  field.split(',').some(part => {
    const [range, step = '1'] = part.split('/')
    const [from, to] = range === '*' ? [0, 59] : range!.split('-').map(Number)
    return value >= from! && value <= (to ?? from!) && (value - from!) % Number(step) === 0
  })

/**
 * Whether a job is due in a minute of UTC. Day of month and of week both restrict (none do here).
 */
const isDue = ({ fields }: Job, at: Date): boolean =>
  [
    at.getUTCMinutes(),
    at.getUTCHours(),
    at.getUTCDate(),
    at.getUTCMonth() + 1,
    at.getUTCDay(),
  ].every((value, i) => fits(fields[i]!, value))

const WEEK = Array.from(
  { length: 7 * 1440 },
  (_, i) => new Date(Date.UTC(2026, 10, 22) + i * 60_000),
)
const nameOf = ({ command }: Job): string => /pipelines\/([\w-]+)\.sh/.exec(command)?.[1] ?? command
const { jobs, settings } = readCrontab(readFileSync(`${ROOT}pipelines/crontab.example`, 'utf8'))

test('each line of the crontab is due as often as it says', () => {
  const due = new Map(jobs.map(job => [nameOf(job), WEEK.filter(at => isDue(job, at)).length]))
  assert.deepEqual(Object.fromEntries(due), {
    collect: 2016,
    label: 672,
    learn: 168,
    drift: 168,
    guard: 168,
    retrain: 7,
  })
  // A percent sign would end the command (crontab(5)).
  for (const { command } of jobs) assert.doesNotMatch(command, /%/)
  assert.equal(settings.CRON_TZ, 'UTC')
})

/** What stands for the network in a test, and what may come of each run. */
const CALLS: Record<string, { args: string; code: number }> = {
  collect: { args: ' --source sim --seed cron --snapshot 60s --tick 60s --days 0.1', code: 0 },
  label: { args: '', code: 0 },
  // There are no decisions yet, and no model to learn for, compare or retrain.
  learn: { args: '', code: 4 },
  drift: { args: '', code: 4 },
  guard: { args: '', code: 0 },
  retrain: { args: '', code: 4 },
}

test('each line of the crontab runs, in the order of its clock, with the environment of cron', {
  timeout: 120_000,
}, async t => {
  const home = makeHome(t)
  // From a Sunday before three: the first minute of each job, in order.
  const first = jobs
    .map(job => ({ job, at: WEEK.find(at => isDue(job, at))! }))
    .sort((a, b) => a.at.getTime() - b.at.getTime() || nameOf(a.job).localeCompare(nameOf(b.job)))
  assert.equal(nameOf(first[0]!.job), 'collect')
  const path = settings.PATH!.replaceAll('/opt/sluice/', ROOT)
  for (const { job } of first) {
    const call = CALLS[nameOf(job)]!
    const command = job.command.replaceAll('/opt/sluice/', ROOT).replace(/\.sh/, `.sh${call.args}`)
    const { code, stdout, stderr } = await sh(
      `env -i HOME=${home} SHELL=/bin/sh PATH=${path}:${nodeFolder} SLUICE_HOME=${home} ` +
        `SLUICE_JOURNAL_MIN_FREE=1MB /bin/sh -c '${command}'`,
      { home },
    )
    assert.equal(code, call.code, `${command}: ${stderr}`)
    // cron mails what is printed: only what a person must read may be.
    assert.equal(stdout, '', command)
  }
  assert.ok(readdirSync(`${home}/journal/snapshots-labels`).length > 0)
})
const nodeFolder = process.execPath.replace(/\/node$/, '')

const timers = readdirSync(UNITS).filter(name => name.endsWith('.timer'))

test('systemd takes the units, and their timers start what cron does, as often', async t => {
  const have = await sh('systemd-analyze --version')
  if (have.code !== 0) return t.skip('systemd-analyze is not installed')
  const home = makeHome(t)
  mkdirSync(`${home}/units`)
  for (const name of readdirSync(UNITS)) {
    const text = readFileSync(UNITS + name, 'utf8').replaceAll('/opt/sluice/', ROOT)
    // verify looks for the user on this machine.
    const unit = text.replace(/^User=.*\n/m, '')
    writeFileSync(`${home}/units/${name.replace('@.', '@example.')}`, unit)
    if (name === 'sluice@.service')
      for (const timer of timers)
        writeFileSync(`${home}/units/sluice@${timer.slice(7, -6)}.service`, unit)
  }
  await sh(`rm ${home}/units/sluice@example.service`)
  const verified = await sh(`systemd-analyze verify --man=no ${home}/units/*`, {
    env: { SYSTEMD_UNIT_PATH: `${home}/units:` },
  })
  assert.equal(verified.code, 0, verified.stderr)
  assert.equal(verified.stderr, '')
  assert.deepEqual(timers.map(name => name.slice(7, -6)).sort(), jobs.map(nameOf).sort())
  for (const name of timers) {
    const text = readFileSync(UNITS + name, 'utf8')
    const calendar = /^OnCalendar=(.*)$/m.exec(text)![1]!
    const job = jobs.find(one => nameOf(one) === name.slice(7, -6))!
    const told = await sh(
      `systemd-analyze calendar '${calendar}' --base-time='2026-11-21 23:59:59 UTC' --iterations=3`,
      { env: { TZ: 'UTC' } },
    )
    const times = [...told.stdout.matchAll(/20\d\d-\d\d-\d\d \d\d:\d\d:\d\d/g)].map(([at]) => at)
    const same = WEEK.filter(at => isDue(job, at)).slice(0, 3)
    const expected = same.map(at => at.toISOString().slice(0, 19).replace('T', ' '))
    assert.deepEqual([...new Set(times)].slice(0, expected.length), expected, name)
  }
})
