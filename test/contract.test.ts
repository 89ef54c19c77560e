import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import { registry } from '../cmd/registry.ts'
import { UsageError } from '../lib/base/errors.ts'
import { kebab } from '../lib/base/flags.ts'
import type { Command, Law } from '../lib/cli/command.ts'
import { allFlags } from '../lib/cli/common-flags.ts'
import { prepare } from '../lib/cli/prepare.ts'
import { orderDifference, prefixDifference } from '../lib/verify/stream-laws.ts'
import { sluiceHere } from './kit/in-process.ts'
import { type Done, makeHome, sh, sluice } from './kit/proc.ts'
import { makeStreams, type Streams } from './kit/streams.ts'

/**
 * Every command against every stream law, by discovery. A skip needs a reason in the command’s
 * declaration. Laws about bytes run the command line in this process and compare it with one whole
 * run of the built program; laws about processes (signals, pipes, exit codes, help) start it.
 */
const commands: Command[] = []
for (const load of Object.values(registry)) commands.push((await load()).default)

let streams: Streams
before(async () => {
  streams = await makeStreams()
})

const lines = (text: string): string[] => text.split('\n').slice(0, -1)
const unlines = (all: readonly string[]): string => all.map(line => `${line}\n`).join('')
const argsOf = (command: Command): readonly string[] => command.contract?.args ?? []
const run = (command: Command, input: string, more: readonly string[] = []): Promise<Done> =>
  sluiceHere([command.name, ...more, ...argsOf(command)], { input })
const runBuilt = (command: Command, input: string): Promise<Done> =>
  sluice([command.name, ...argsOf(command)], { input })
/**
 * One run of the built program over the whole stream, shared by the laws that compare with it: law
 * replay says why.
 */
const whole = new Map<string, Promise<Done>>()
function wholeRun(command: Command): Promise<Done> {
  const made = whole.get(command.name) ?? runBuilt(command, streams.for(command.name))
  whole.set(command.name, made)
  return made
}
const shown = (done: Done): string => `exit ${done.code}\n${done.stderr.slice(0, 2000)}`

function law(
  command: Command,
  name: Law,
  what: string,
  act: (t: { after(fn: () => void): void }) => Promise<void>,
): void {
  const reason = command.exempt?.[name]
  test(`${name}: ${what}`, { skip: reason === undefined ? false : reason }, t => act(t))
}

for (const command of commands) {
  describe(command.name, () => {
    helpLaw(command)
    flagLaws(command)
    if (command.kind === 'step') stepLaws(command)
    if (command.kind === 'source') sourceLaws(command)
  })
}

function helpLaw(command: Command): void {
  law(command, 'help', 'prints 80 columns and touches nothing', async t => {
    const home = makeHome(t)
    const done = await sluice([command.name, '--help'], {
      home,
      env: { SLUICE_HOME: join(home, 'none') },
    })
    assert.equal(done.code, 0, shown(done))
    assert.equal(done.stderr, '')
    for (const line of lines(done.stdout)) {
      if (!line.startsWith('  ') || line.startsWith('   ')) assert.ok(line.length <= 80, line)
    }
    assert.deepEqual(readdirSync(home), [])
  })
  test('the declaration is complete', () => {
    assert.match(command.summary, /^[A-Z][^.]*$/)
    assert.ok(command.examples.length > 0)
    for (const [key, flag] of Object.entries(allFlags(command.kind, command.flags))) {
      assert.match(key, /^[a-z][a-zA-Z0-9]*$/)
      assert.match(flag.doc, /^[a-z$0-9\u03b1-\u03c9][^\n]*[^.]$/i, `--${kebab(key)}: ${flag.doc}`)
      if (flag.default !== undefined && flag.shown && flag.kind !== 'bool') flag.parse(flag.shown)
    }
  })
}

function flagLaws(command: Command): void {
  law(
    command,
    'flags',
    'refuses what was not declared, with exit 2, one line, and nothing on stdout',
    async () => {
      const stray = command.args === undefined ? [[...argsOf(command), 'stray']] : []
      for (const argv of [['--no-such-flag'], ['--no-such-flag=1'], ['-z'], ...stray]) {
        const done = await sluiceHere([command.name, ...argv])
        assert.equal(done.code, 2, `${argv.join(' ')}: ${shown(done)}`)
        assert.equal(done.stdout, '')
        assert.match(done.stderr, new RegExp(`^${command.name}: [^\\n]+\\n$`), argv.join(' '))
      }
    },
  )
  law(command, 'flags', 'refuses missing and impossible values', async () => {
    const { signal } = new AbortController()
    // With a home, or the want of one would be the reason.
    const around = { env: { HOME: '/nonexistent' }, commands: [command.name], signal }
    // What the command cannot do without, or that would be the reason.
    const { min = 0, actions = {}, isRest = false } = command.args ?? {}
    const [action] = Object.keys(actions)
    const args = action === undefined ? Array.from({ length: min }, () => 'x') : [action]
    for (const [flag = '', ...values] of impossible(command)) {
      const isBare = values.length === 0 && !flag.includes('=')
      const argv = isBare ? [...(isRest ? [] : args), flag] : [flag, ...values, ...args]
      const name = flag.split('=')[0]!
      assert.throws(
        () => prepare(command, argv, around),
        error => error instanceof UsageError && error.message.includes(name),
        argv.join(' '),
      )
    }
  })
}

function impossible(command: Command): string[][] {
  const refused: string[][] = []
  for (const [key, flag] of Object.entries(allFlags(command.kind, command.flags))) {
    const name = `--${kebab(key)}`
    if (flag.kind === 'bool') refused.push([`${name}=maybe`], [`${name}=`])
    else refused.push([name], [`${name}=`], [name, '--quiet'])
    if (['number', 'integer', 'duration', 'bytes', 'sol'].includes(flag.kind)) {
      refused.push([name, 'abc'], [name, '1e999'], [name, 'NaN'], [name, ''], [name, '0x10'])
    }
    if (flag.kind === 'choice') refused.push([name, 'no-such-word'])
  }
  return refused
}

function stepLaws(command: Command): void {
  const input = (): string[] => lines(streams.for(command.name))
  const through = async (raws: readonly string[]): Promise<string[]> => {
    const isWhole = raws.length === input().length
    const done = await (isWhole ? wholeRun(command) : run(command, unlines(raws)))
    assert.equal(done.code, 0, shown(done))
    return lines(done.stdout)
  }

  law(command, 'replay', 'same input, same bytes', async () => {
    const text = unlines(input())
    const [first, second] = [await wholeRun(command), await run(command, text)]
    assert.equal(first.code, 0, shown(first))
    assert.equal(first.stdout, second.stdout)
    assert.ok(
      command.contract?.silent || first.stdout.length > 0,
      'it said nothing: the law would hold for any command',
    )
  })
  law(command, 'prefix', 'the first k lines give the first lines of the output', async () => {
    const all = input()
    const cuts = [1, 10, Math.floor(all.length / 3), all.length - 1]
    assert.equal(await prefixDifference(through, all, cuts, command.contract?.lag), undefined)
  })
  law(command, 'fusion', 'sluice run gives the bytes of the pipe', async () => {
    const text = unlines(input())
    const alone = await wholeRun(command)
    const words = [command.name, ...argsOf(command)].join(' ')
    const fused = await sluiceHere(['run', words], { input: text })
    assert.equal(fused.code, 0, shown(fused))
    assert.equal(fused.stdout, alone.stdout)
  })
  law(command, 'time', 'a line of a wrong time changes nothing but itself', async () => {
    const all = input()
    const at = [1, 2, 3].map(part => Math.floor((all.length * part) / 4))
    const done = await run(command, unlines(withWrongTimes(all, at)))
    assert.equal(done.code, 0, shown(done))
    assert.match(done.stderr, /time-jump 3/)
    const kept = lines(done.stdout).filter(line => !line.includes('"marks":["time-jump"]'))
    assert.deepEqual(kept, lines((await wholeRun(command)).stdout))
  })
  law(command, 'order', 'lines of one mint depend on that mint and on ticks only', async () => {
    const all = input()
    assert.equal(await orderDifference(through, all, streams.busiest(all)), undefined)
  })
  law(
    command,
    'bad-line',
    'a bad line stops it with its number, after what came before',
    async () => {
      const all = input().slice(0, 60)
      const good = (await run(command, unlines(all.slice(0, 40)))).stdout
      for (const [bad, message] of BAD_LINES) {
        const text = unlines([...all.slice(0, 40), bad, ...all.slice(40)])
        const done = await run(command, text)
        assert.equal(done.code, 3, `${bad.slice(0, 50)}: ${shown(done)}`)
        assert.match(done.stderr, new RegExp(`^${command.name}: line 41: ${message}`, 'm'))
        if (!command.exempt?.prefix) assert.equal(done.stdout, good)
      }
    },
  )
  law(command, 'bad-line', '--skip-bad keeps it elsewhere and goes on', async t => {
    const home = makeHome(t)
    const all = input().slice(0, 150)
    const text = unlines([...all.slice(0, 40), '{"v":1,', ...all.slice(40)])
    const rejects = join(home, 'rejects.ndjson')
    const done = await run(command, text, ['--skip-bad', '--rejects', rejects])
    assert.equal(done.code, 0, shown(done))
    assert.equal(done.stdout, (await run(command, unlines(all))).stdout)
    const kept = lines(readFileSync(rejects, 'utf8')).map(line => JSON.parse(line))
    assert.deepEqual(
      kept.map(({ line, raw }) => ({ line, raw })),
      [{ line: 41, raw: '{"v":1,' }],
    )
  })
  law(
    command,
    'bad-line',
    'mark, CRLF, blank lines, no last newline, a long line: all fine',
    async () => {
      const all = input().slice(0, 30)
      const plain = (await run(command, unlines(all))).stdout
      for (const text of [
        `\ufeff${unlines(all)}`,
        all.join('\r\n'),
        `\n\n${all.join('\n\n')}`,
        unlines(all).slice(0, -1),
      ]) {
        const done = await run(command, text)
        assert.equal(done.code, 0, shown(done))
        assert.equal(done.stdout, plain)
      }
      const long =
        `{"v":1,"id":"long:1","ts":1,"kind":"tick","source":"x","x":` +
        `"${'y'.repeat(10 * 2 ** 20)}"}`
      const done = await run(command, unlines([long]))
      assert.equal(done.code, 0, shown(done))
    },
  )
  law(command, 'bad-line', 'a torn last line is named', async () => {
    const all = input().slice(0, 5)
    const done = await runBuilt(command, `${unlines(all)}{"v":1,"id":"a`)
    assert.equal(done.code, 3, shown(done))
    assert.match(done.stderr, /line 6: input ended inside a record/)
  })
  law(
    command,
    'stdout-only-data',
    'every line of stdout is a record, the summary is on stderr',
    async () => {
      const done = await wholeRun(command)
      for (const line of lines(done.stdout)) assert.equal(JSON.parse(line).v, 1)
      assert.match(
        done.stderr,
        new RegExp(`^${command.name}: in \\d+ · out \\d+ · rejected \\d+`, 'm'),
      )
      const quiet = await run(command, unlines(input().slice(0, 10)), ['--quiet'])
      assert.doesNotMatch(quiet.stderr, / · out /)
    },
  )
  law(command, 'broken-pipe', 'a reader that leaves is not an error', async t => {
    const home = makeHome(t)
    const line =
      `cat "$INPUT" "$INPUT" "$INPUT" | { sluice ${command.name} --quiet ` +
      `${argsOf(command).join(' ')}; echo "code $?" >&2; } | head -1`
    const done = await sh(line.replace('pipefail', ''), {
      home,
      env: { INPUT: streams.file(command.name) },
    })
    assert.match(
      done.stderr,
      /^code [03]$/m,
      'a duplicate line may be refused (3); a closed pipe alone gives 0',
    )
    assert.doesNotMatch(done.stderr, /EPIPE|at .*\.js/)
  })
  law(command, 'backpressure', 'a slow reader gets every byte', async () => {
    const text = unlines(input())
    const fast = await wholeRun(command)
    const words = [command.name, ...argsOf(command)].join(' ')
    const slow = await sh(`sluice ${words} | { sleep 0.4; cat; }`, { input: text })
    assert.equal(slow.stdout, fast.stdout)
  })
  law(
    command,
    'signal',
    'after SIGINT it still runs to the end of its input, then exits 130',
    async () => {
      const all = input()
      const fast = await wholeRun(command)
      const done = await sluice([command.name, ...argsOf(command)], {
        async drive(child) {
          const half = Math.floor(all.length / 2)
          child.stdin?.write(unlines(all.slice(0, half)))
          // Its first line says that it runs; a step that has nothing to say yet gets time to
          // start.
          await Promise.race([
            new Promise(resolve => child.stdout?.once('data', resolve)),
            new Promise(resolve => setTimeout(resolve, 2500)),
          ])
          child.kill('SIGINT')
          await new Promise(resolve => setTimeout(resolve, 100))
          child.stdin?.end(unlines(all.slice(half)))
        },
      })
      assert.equal(done.code, 130, shown(done))
      assert.equal(done.stdout, fast.stdout)
    },
  )
}

/** Ahead of each place a copy of its line that is years off, or a tick. */
function withWrongTimes(all: readonly string[], at: readonly number[]): string[] {
  return all.flatMap((raw, i) => {
    const place = at.indexOf(i)
    if (place < 0) return [raw]
    const rec = JSON.parse(raw)
    const ts = rec.ts + (place === 1 ? -1 : 1) * (place + 1) * 31_536_000_000
    const head = { v: 1, id: `wrong:${i}`, ts, source: 'x' }
    return [JSON.stringify(place === 2 ? { ...head, kind: 'tick' } : { ...rec, ...head }), raw]
  })
}

const BAD_LINES: [string, string][] = [
  ['{"v":1,', 'not JSON'],
  ['{"v":1,"id":"a","ts":1,"kind":"tick","source":"x","id":"b"}', 'a key is given twice'],
  ['{"v":1,"id":"a","ts":-5,"kind":"tick","source":"x"}', 'ts: expected >= 0, got -5'],
  ['{"v":1,"id":"a","ts":1,"kind":"tick","source":"\u0000"}', 'not JSON'],
  ['"text"', 'expected an object'],
]

function sourceLaws(command: Command): void {
  law(command, 'replay', 'same arguments, same bytes', async () => {
    const [first, second] = [await runBuilt(command, ''), await run(command, '')]
    assert.equal(first.code, 0, shown(first))
    assert.ok(first.stdout.length > 0)
    assert.equal(first.stdout, second.stdout)
    for (const line of lines(first.stdout)) assert.equal(JSON.parse(line).v, 1)
  })
  law(command, 'broken-pipe', 'a reader that leaves is not an error', async () => {
    const words = [command.name, ...argsOf(command)].join(' ')
    const done = await sh(`{ sluice ${words} --quiet; echo "code $?" >&2; } | head -1`)
    assert.equal(done.stderr, 'code 0\n')
    assert.equal(lines(done.stdout).length, 1)
  })
  law(command, 'signal', 'SIGINT ends its output with a whole line, then exits 130', async () => {
    const done = await sluice([command.name, ...(command.contract?.endless ?? argsOf(command))], {
      async drive(child) {
        await new Promise(resolve => child.stdout?.once('data', resolve))
        child.kill('SIGINT')
      },
    })
    assert.equal(done.code, 130, shown(done))
    assert.ok(done.stdout.endsWith('\n'))
    for (const line of lines(done.stdout).slice(-2)) JSON.parse(line)
  })
}

test('every registered command has a file and every command file is registered', () => {
  const files = readdirSync('cmd').filter(
    name => name.endsWith('.ts') && !['registry.ts', 'main.ts'].includes(name),
  )
  assert.deepEqual(files.map(name => name.replace('.ts', '')).sort(), Object.keys(registry).sort())
  for (const name of Object.keys(registry))
    assert.ok(existsSync(join('test/cases', name)), `no case files for ${name}`)
})
