import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { GROUPS, registry } from '../../../../cmd/registry.ts'
import { bool, grouped, num } from '../../../../lib/base/flags.ts'
import { step, tool } from '../../../../lib/cli/command.ts'
import { allFlags } from '../../../../lib/cli/common-flags.ts'
import { helpOf, helpText, wrap } from '../../../../lib/cli/manual/help.ts'
import { overviewOf } from '../../../../lib/cli/manual/overview.ts'
import { TOPICS } from '../../../../lib/cli/manual/topics.ts'

test('flags stand under their titles, in the order of first flags, shared ones last', () => {
  const command = step({
    name: 'weigh',
    summary: 'Weigh lines',
    reads: [],
    writes: [],
    flags: {
      ...grouped('Rules', { least: num('least weight', { default: 1 }) }),
      plain: bool('stand alone'),
      ...grouped('Output', { loud: bool('say more') }),
      ...grouped('Rules', { most: num('largest weight') }),
    },
    examples: ['weigh'],
    make: () => ({}),
  })
  const help = helpOf(command, allFlags(command.kind, command.flags))
  const titles = help.split('\n').filter(line => /^[A-Z].*:$/.test(line))
  assert.deepEqual(titles, [
    'Flags:',
    'Rules:',
    'Output:',
    'Flags that all streaming commands share:',
    // Where a command stands: the home and the environment, of every kind of command.
    'Flags that all commands share:',
    'Examples:',
  ])
  assert.match(help, /Rules:\n {2}--least N .*\(default 1\)\n {2}--most N/)
  assert.match(help, /share:\n {2}--skip-bad/)
})

test('a title does not change the flag that it is given to', () => {
  const flags = { least: num('least weight', { default: 1 }) }
  assert.equal(grouped('Rules', flags).least.default, 1)
  assert.equal(flags.least.group, undefined)
})

test('details keep their paragraphs and are wrapped at 80 columns', () => {
  const command = tool({
    name: 'tell',
    summary: 'Tell it',
    details: `${'word '.repeat(30).trim()}\n\nsecond`,
    flags: {},
    examples: ['sluice tell'],
    run: async () => {},
  })
  const help = helpOf(command, {})
  assert.match(help, /word\n\nsecond\n\nExamples:/)
  for (const line of help.split('\n')) assert.ok(line.length <= 80, line)
  assert.equal(wrap('a b', 2, 4), '  a\n  b')
})

test('topics fit 80 columns and take no name of a command', async () => {
  for (const [name, topic] of Object.entries(TOPICS)) {
    assert.match(name, /^[a-z][a-z-]*$/)
    assert.ok(!Object.hasOwn(registry, name), name)
    for (const line of helpText({ name, ...topic }).split('\n'))
      assert.ok(line.length <= 80, `${name}: ${line}`)
  }
})

test('the overview holds every command once, under its group', async () => {
  const text = helpText(await overviewOf(GROUPS))
  for (const name of Object.keys(registry))
    assert.equal(text.match(new RegExp(`^  ${name} +[A-Z]`, 'gm'))?.length, 1, name)
  assert.doesNotMatch(text, /On PATH/)
})

test('no paragraph of help is longer than 12 lines', async () => {
  for (const [name, load] of Object.entries(registry)) {
    const { default: command } = await load()
    const longest = (command.details ?? '')
      .split('\n\n')
      .map(each => wrap(each).split('\n').length)
      .reduce((most, lines) => Math.max(most, lines), 0)
    assert.ok(longest <= 12, `${name}: ${longest} lines in one paragraph`)
  }
})

test('the help of execute is about paper first, and about real money last', async () => {
  const { default: command } = await registry.execute!()
  const help = helpOf(command, allFlags(command.kind, command.flags))
  const at = (text: string): number => {
    assert.ok(help.includes(text), text)
    return help.indexOf(text)
  }
  assert.ok(at('--ledger home or a file') < at('With --live it trades'))
  assert.ok(at('  --cash SOL') < at('  --live '))
  assert.ok(at('execute --cash 10') < at('execute --live > '))
})

test('the flags of discover stand under their sources', async () => {
  const { default: command } = await registry.discover!()
  const help = helpOf(command, allFlags(command.kind, command.flags))
  for (const [source, flag] of [
    ['journal', '--follow'],
    ['live', '--providers'],
    ['ohlcv', '--columns'],
  ]) {
    const section = help.split(`Flags of --source ${source}:\n`)[1]!.split('\n\n')[0]!
    assert.match(section, new RegExp(`^  ${flag}`, 'm'))
  }
})

test('what the build has ready is what the declarations say', async () => {
  const entry = /builds\/[0-9a-f]+/.exec(readFileSync('dist/main.js', 'utf8'))![0]
  const ready = (name: string): string => readFileSync(`dist/${entry}/help/${name}.txt`, 'utf8')
  for (const [name, load] of Object.entries(registry)) {
    const { default: command } = await load()
    assert.equal(ready(name), helpOf(command, allFlags(command.kind, command.flags)), name)
  }
  assert.equal(ready('sluice'), helpText(await overviewOf(GROUPS)))
})

// What it takes is what it loads: bench/start.ts measures the time, which hangs on the machine.
test('help and version load the front door alone', t => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-loaded-'))
  t.after(() => rmSync(folder, { recursive: true }))
  for (const line of ['gate --help', 'sluice discover -h', 'sluice', 'sluice --version']) {
    const [name = '', ...argv] = line.split(' ')
    const env = { ...process.env, NODE_V8_COVERAGE: folder }
    execFileSync(process.execPath, [`dist/bin/${name}`, ...argv], { env })
    const [file = ''] = readdirSync(folder)
    const { result } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as {
      result: { url: string }[]
    }
    const loaded = result.filter(({ url }) => url.startsWith('file:'))
    const bytes = loaded.reduce((sum, { url }) => sum + statSync(new URL(url)).size, 0)
    assert.ok(loaded.length > 2 && bytes < 8000, `${line}: ${bytes} bytes`)
    rmSync(join(folder, file))
  }
})
