import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { UsageError } from '../../../lib/base/errors.ts'
import { programEnv } from '../../../lib/exec/program-env.ts'
import { identify } from '../../../lib/exec/program-file.ts'
import { type Done, sluice } from '../../kit/proc.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-exec-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** A program that changes each line by an expression over the record `r`. */
function program(name: string, change: string): string {
  const path = join(folder, `${name}.mjs`)
  writeFileSync(
    path,
    `#!${process.execPath}
import { createInterface } from 'node:readline'
for await (const text of createInterface({ input: process.stdin })) {
  const r = JSON.parse(text)
  ${change}
  console.log(JSON.stringify(r))
}
`,
  )
  chmodSync(path, 0o755)
  return path
}

const tick = (i: number): string =>
  `{"v":1,"id":"tick:${i}","ts":${i},"kind":"tick","source":"t","own":${i}}`
const ticks = (n: number): string => Array.from({ length: n }, (_, i) => `${tick(i)}\n`).join('')
const exec = (words: readonly string[], n = 20, env: Record<string, string> = {}): Promise<Done> =>
  sluice(['exec', ...words], { input: ticks(n), env })

const doubles = program('doubles', 'r.own *= 2')

test('each line goes through the program, in order, and flags behind it are its own', async () => {
  const done = await exec([doubles, '--quiet'])
  assert.equal(done.code, 0, done.stderr)
  const own = done.stdout.trim().split('\n')
  assert.deepEqual(
    own.map(line => JSON.parse(line).own),
    Array.from({ length: 20 }, (_, i) => 2 * i),
  )
})

test('what is answered before an error leaves, and the error names line and field', async () => {
  const other = program('other', 'if (r.ts === 5) r.id = "mine"')
  const done = await exec([other])
  assert.equal(done.code, 3, done.stderr)
  assert.equal(done.stdout.split('\n').length - 1, 5)
  assert.match(done.stderr, /^exec: line 6: id: expected "tick:5" as in the line .*, got "mine"$/m)
})

test('one line for each line: fewer, more, none in time, no JSON', async () => {
  const cases: [string[], number, RegExp][] = [
    [['head', '-n', '3'], 4, /head -n 3: ended with exit 0 before it answered/],
    [['sed', '-u', 'p'], 3, /got .*|expected one line for each line, got more/],
    [['--exec-timeout', '200ms', 'sleep', '20'], 4, /no answer in 200 ms; does it write/],
    [['sed', '-u', 's/.*/no/'], 3, /^exec: line 1: not JSON: "no"/m],
    [['sh', '-c', 'cat; exit 7'], 4, /ended with exit 7/],
    [[join(folder, 'none')], 2, /no such program/],
    // It never reads, and what is written to it is more than a pipe holds.
    [['sh', '-c', 'exit 7'], 4, /ended with exit 7 before it answered/],
  ]
  for (const [words, code, message] of cases) {
    const done = await exec(words, code === 4 ? 20_000 : 20)
    assert.equal(done.code, code, `${words.join(' ')}: ${done.stderr}`)
    assert.match(done.stderr, message)
  }
})

test('it sees neither our settings nor secrets, and only what is passed on', async () => {
  const env = {
    SLUICE_GATE_SIZE: '1',
    ML_WEIGHT: '0.5',
    MY_API_KEY: 'k',
    SHOWN: 'yes',
    LC_ALL: 'C',
  }
  const { stderr } = await exec(['--pass-env', 'SHOWN', 'sh', '-c', 'env >&2; cat'], 1, env)
  for (const hidden of ['SLUICE_GATE_SIZE', 'SLUICE_HOME', 'ML_WEIGHT', 'MY_API_KEY'])
    assert.ok(!stderr.includes(hidden), hidden)
  for (const seen of ['SHOWN=yes', 'LC_ALL=C', 'PATH=']) assert.ok(stderr.includes(seen), seen)
  for (const name of ['SLUICE_HOME', 'ML_WEIGHT', 'USE_ML_PREDICTIONS', 'AN_API_TOKEN'])
    assert.throws(() => programEnv({}, [name]), UsageError)
})

test('its identity holds every file among its words, and changes with any of them', () => {
  const script = join(folder, 'script.py')
  writeFileSync(script, 'one')
  const before = identify(['env', script, '--fast'], process.env.PATH)
  assert.deepEqual(Object.keys(before.files), ['env', script])
  // sha256 of "one" (FIPS 180-4; coreutils sha256sum).
  assert.equal(
    before.files[script],
    '7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed',
  )
  writeFileSync(script, 'two')
  assert.notDeepEqual(identify(['env', script, '--fast'], process.env.PATH), before)
})

/** A day of bars in which every second one rises. */
const bars = Array.from({ length: 288 }, (_, i) => {
  const [open, close] = i % 2 === 0 ? [1, 1.02] : [1.02, 1]
  return `${1_733_011_200_000 + i * 300_000},${open},1.03,0.99,${close},1000`
})
writeFileSync(
  join(folder, 'BTCUSDT.csv'),
  `timestamp,open,high,low,close,volume\n${bars.join('\n')}\n`,
)
const backtest = (scorer: string, more: readonly string[] = []): Promise<Done> =>
  sluice([
    'backtest',
    '--on',
    join(folder, 'BTCUSDT.csv'),
    `exec ${scorer} | gate --weights mine=1 | execute`,
    ...more,
  ])
const score = (value: string): string =>
  `if (r.candle) r.score = { mine: { value: ${value}, at: r.ts, by: 'mine' } }`
const configsOf = (stdout: string): string[] => [
  ...new Set([...stdout.matchAll(/"config":"([0-9a-f]+)"/g)].map(found => found[1]!)),
]

test('a stage of a backtest and a sweep: its hash is part of the config of decisions', async () => {
  const sure = program('sure', score('0.9'))
  const first = await backtest(sure, ['--write', 'all'])
  assert.equal(first.code, 0, first.stderr)
  assert.match(first.stdout, /"act":"buy"/)
  const [before, ...others] = configsOf(first.stdout)
  assert.deepEqual(others, [])
  assert.equal(program('sure', `${score('0.9')} // the same, in other bytes`), sure)
  const second = await backtest(sure, ['--write', 'all'])
  assert.notDeepEqual(configsOf(second.stdout), [before])
  const swept = await backtest(sure, ['--sweep', 'gate --min-combined 0.5 0.95'])
  assert.equal(swept.code, 0, swept.stderr)
  const trades = swept.stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line).trades)
  assert.ok(trades[0] > 0 && trades[1] === 0, swept.stdout)
})

test('a backtest refuses a program that says something else the second time', async () => {
  const moody = program('moody', score('Math.random()'))
  for (const more of [[], ['--sweep', 'gate --min-combined 0.5 0.9']]) {
    const done = await backtest(moody, more)
    assert.equal(done.code, 2, done.stderr)
    assert.match(done.stderr, /said something else when it saw the same 1000 lines again \(line 1:/)
    assert.equal(done.stdout, '')
  }
})
