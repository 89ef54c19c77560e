import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UsageError } from '../../../lib/base/errors.ts'
import {
  bool,
  choice,
  duration,
  type Flags,
  int,
  list,
  num,
  sol,
  text,
} from '../../../lib/base/flags.ts'
import { parseArgv } from '../../../lib/cli/argv.ts'
import { tool } from '../../../lib/cli/command.ts'
import { resolve } from '../../../lib/cli/config.ts'

const flags: Flags = {
  minScore: num('lowest score', { default: 0.7, min: 0, max: 1, env: 'ML_MIN' }),
  maxAge: duration('oldest', { default: '60s' }),
  live: bool('trade for real', { argvOnly: true }),
  colour: bool('colour the output', { default: true }),
  mode: choice('how', ['fast', 'slow']),
  use: list('which', {}),
  cash: sol('start', { default: '10' }),
  n: int('how many', { min: -5 }),
  note: text('anything'),
}
const command = (args?: { name: string; doc: string; max: number }) =>
  tool({
    name: 'gate',
    summary: 's',
    flags,
    examples: [],
    ...(args ? { args } : {}),
    run: async () => {},
  })

const parse = (argv: string[], env: Record<string, string> = {}, config = {}) =>
  resolve(command(), flags, { given: parseArgv(command(), flags, argv), env, config })

test('what was declared is parsed to its type and unit', () => {
  const { values, origins } = parse([
    '--min-score=.8',
    '--max-age',
    '1.5s',
    '--use',
    'a,b',
    '--use=c',
    '--n',
    '-3',
    '--no-colour',
    '--live',
    '--cash',
    '0.000000001',
  ])
  assert.deepEqual(values, {
    minScore: 0.8,
    maxAge: 1500,
    live: true,
    colour: false,
    use: ['a', 'b', 'c'],
    cash: 1n,
    n: -3,
  })
  assert.equal(origins.minScore, 'flag')
  assert.equal(origins.mode, 'unset')
})

// Each of these runs with a default, or with the opposite of what was asked, in citty 0.2.2 by
// itself.
const refused: [string[], RegExp][] = [
  [['--min-scroe', '0.9'], /unknown flag --min-scroe; did you mean --min-score\?/],
  [['--live', 'false'], /unexpected argument false/],
  [['--min-score'], /--min-score: needs a value/],
  [['--min-score', '--live'], /--min-score: needs a value/],
  [['--min-score='], /--min-score: needs a value/],
  [['--min-score', 'abc'], /--min-score: expected a number from 0 to 1, got "abc"/],
  [['--min-score', '1.2'], /--min-score: expected a number from 0 to 1, got "1.2"/],
  [['--min-score', '0x1'], /expected a number/],
  [['--min-score', 'Infinity'], /expected a number/],
  [['--min-score', '0.1', '--min-score', '0.2'], /--min-score: given twice/],
  [['--no-live'], /unknown flag --no-live/],
  [['--no-min-score'], /unknown flag --no-min-score/],
  [['--live=maybe'], /--live: expected true or false, got "maybe"/],
  [['--minScore', '0.1'], /unknown flag --minScore/],
  [['-x'], /unknown flag -x/],
  [['--dry-run'], /unknown flag --dry-run/],
  [['stray'], /unexpected argument stray/],
  [['--max-age', '10'], /expected a duration like 10s/],
  [['--mode', 'medium'], /expected one of fast, slow, got "medium"/],
  [['--use', 'a,,b'], /expected words separated by commas/],
  [['--n', '1.5'], /expected a whole number of at least -5/],
  [['--cash', '0.0000000001'], /expected an amount of SOL/],
  [['--__proto__', 'x'], /unknown flag --__proto__/],
  [['--constructor=1'], /unknown flag --constructor/],
]

for (const [argv, message] of refused) {
  test(`refused: ${argv.join(' ')}`, () => {
    assert.throws(
      () => parse(argv),
      (error: unknown) => error instanceof UsageError && message.test(error.message),
    )
  })
}

test('a flag wins over environment, environment over configuration, that over default', () => {
  const config = { gate: { minScore: 0.5 } }
  assert.equal(parse([]).values.minScore, 0.7)
  assert.equal(parse([], {}, config).values.minScore, 0.5)
  assert.equal(parse([], { ML_MIN: '0.6' }, config).values.minScore, 0.6)
  assert.equal(
    parse([], { SLUICE_GATE_MIN_SCORE: '0.65', ML_MIN: '0.6' }, config).values.minScore,
    0.65,
  )
  assert.equal(parse(['--min-score', '0.9'], { ML_MIN: '0.6' }, config).values.minScore, 0.9)
})

test('danger is believed on the command line only', () => {
  assert.equal(parse([], { SLUICE_GATE_LIVE: 'true' }).values.live, false)
  assert.throws(
    () => parse([], {}, { gate: { live: true } }),
    /gate\.live: only believed on the command line/,
  )
})

test('mistyped settings are named, wherever they stand', () => {
  assert.throws(
    () => parse([], { SLUICE_GATE_MIN_SCROE: '1' }),
    /unknown environment variable SLUICE_GATE_MIN_SCROE; did you mean SLUICE_GATE_MIN_SCORE/,
  )
  assert.throws(
    () => parse([], {}, { gate: { minScroe: 1 } }),
    /gate: unknown key "minScroe"; did you mean minScore\?/,
  )
  assert.throws(
    () => parse([], { ML_MIN: 'high' }),
    /ML_MIN: expected a number from 0 to 1, got "high"/,
  )
  assert.throws(() => parse([], {}, { gate: { minScore: null } }), /minScore: expected a number/)
})

test('positional arguments are counted', () => {
  const files = command({ name: 'FILE', doc: 'files', max: 1 })
  assert.deepEqual(parseArgv(files, flags, ['a', '--live']).args, ['a'])
  assert.deepEqual(parseArgv(files, flags, ['--', '--live']).args, ['--live'])
  assert.throws(() => parseArgv(files, flags, ['a', 'b']), /unexpected argument b after FILE/)
})
