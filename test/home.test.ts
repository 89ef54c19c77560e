import assert from 'node:assert/strict'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { registry } from '../cmd/registry.ts'
import type { Command } from '../lib/cli/command.ts'
import { type Done, sh } from './kit/proc.ts'
import { makeStreams, type Streams } from './kit/streams.ts'

/** Every command against the rules of the home, by discovery: each must be able to run here. */
const commands: Command[] = []
for (const load of Object.values(registry)) commands.push((await load()).default)

interface Run {
  args: string
  /** It ends before it has written anything, with the reason. */
  stopped?: string
}
const NO_MODEL = '/nonexistent'

/**
 * What each tool is asked to do, and the other ways of commands that write in the home only
 * sometimes. `@` is the file of the lines that the main line makes.
 */
const RUNS: Record<string, readonly Run[]> = {
  discover: [{ args: `--mints ${NO_MODEL}`, stopped: 'without mints nobody is asked' }],
  execute: [
    { args: '--ledger home' },
    { args: '--live', stopped: 'live trading is not configured' },
  ],
  sampler: [{ args: '--state list.ndjson' }],
  train: [
    { args: 'returns.csv --kind volatility --returns --test 0' },
    { args: 'rows.csv --label y --time t --features a --out moon@1.1' },
  ],
  evaluate: [{ args: 'scored.csv' }],
  models: [{ args: 'list' }, { args: 'alias sequence@example shadow' }],
  retrain: [{ args: `moon ${NO_MODEL} --now` }],
  drift: [{ args: `@ --models ${NO_MODEL}`, stopped: 'there is no model' }],
  backtest: [{ args: "'gate | execute --ledger home'" }, { args: "'gate | execute'" }],
  tune: [{ args: 'gate --on @' }],
  report: [{ args: '' }, { args: '--keep-arms', stopped: 'no order is of a side' }],
  ledger: [{ args: 'show' }],
  chart: [{ args: '--mint m' }],
  verify: [{ args: "prefix --on @ 'chaos'" }],
  journal: [{ args: 'kept --min-free 1MB' }],
  sync: [{ args: '' }],
  query: [{ args: "--file @ 'select 1'" }],
  keep: [{ args: '-- true' }],
  status: [{ args: '' }],
  run: [{ args: "'journal kept --min-free 1MB'" }, { args: "'gate'" }],
  config: [{ args: '' }, { args: '--where', stopped: 'it says where a script will write' }],
  init: [{ args: '' }],
  help: [{ args: '' }],
  version: [{ args: '' }],
  doctor: [{ args: '--offline' }],
  schema: [{ args: 'envelope' }],
  completions: [{ args: 'bash' }],
}

let streams: Streams
before(async () => {
  streams = await makeStreams(1500)
})

interface Stand {
  /** Current folder; `data` in it may be taken for a home. */
  cwd: string
  home: string
  run(line: string, input: string): Promise<Done>
}

/** A user without settings, in a folder of their own. */
function stand(t: { after(fn: () => void): void }): Stand {
  const user = mkdtempSync(join(tmpdir(), 'sluice-user-'))
  t.after(() => rmSync(user, { recursive: true, force: true }))
  const cwd = join(user, 'work')
  mkdirSync(cwd)
  writeFileSync(join(cwd, 'returns.csv'), 'r\n1\n-1\n2\n-2\n1\n-1\n2\n-2\n1\n-1\n2\n-2\n')
  const rows = Array.from({ length: 200 }, (_, i) => `${1_700_000_000 + 60 * i},${i % 7},${i % 2}`)
  writeFileSync(join(cwd, 'rows.csv'), `t,a,y\n${rows.join('\n')}\n`)
  writeFileSync(join(cwd, 'scored.csv'), 'label,prob\n0,0.1\n1,0.8\n')
  return {
    cwd,
    home: join(user, '.local/share/sluice'),
    run: (line, input) => sh(`unset SLUICE_HOME; cd ${cwd}; ${line}`, { home: user, input }),
  }
}

const runsOf = (command: Command): readonly Run[] => [
  ...(command.kind === 'tool' && command.contract === undefined
    ? []
    : [{ args: (command.contract?.args ?? []).join(' ') }]),
  ...(RUNS[command.name] ?? []),
]

const lineOf = ({ name }: Command, { args }: Run): string =>
  `sluice ${name} ${args.replace(/(?<=^|\s)@/, streams.file('execute'))}`

for (const command of commands) {
  const { name } = command
  test(`${name}: has a run here`, () => {
    assert.ok(runsOf(command).length > 0, `say in test/home.test.ts how ${name} can be run`)
    if (typeof command.writesHome === 'function')
      assert.ok(runsOf(command).length > 1, 'a run that writes in the home and one that does not')
  })

  for (const each of runsOf(command)) {
    const shown = `${name} ${each.args}`

    test(`${shown}: says where it writes, and does not choose between two homes`, async t => {
      const { home, run } = stand(t)
      const done = await run(lineOf(command, each), inputOf(command))
      const told = done.stderr.split('\n').filter(line => line.includes(`home ${home}`))
      if (existsSync(home) || each.stopped !== undefined)
        assert.equal(told.length, 1, shownAs(done))
      else assert.deepEqual(told, [], 'it says so and writes nothing there')
      assert.ok(!done.stdout.includes(`: home ${home}`), 'that is no data')
      await withData(t, command, each, { code: told.length > 0 ? 2 : done.code })
    })
  }
}

/** The same run where `data` in the current folder holds a configuration. */
async function withData(
  t: { after(fn: () => void): void },
  command: Command,
  each: Run,
  expected: { code: number | null },
): Promise<void> {
  const { cwd, home, run } = stand(t)
  mkdirSync(join(cwd, 'data'))
  writeFileSync(join(cwd, 'data/config.json'), '{}')
  const done = await run(lineOf(command, each), inputOf(command))
  assert.equal(done.code, expected.code, shownAs(done))
  if (!HOMELESS.includes(command.name))
    assert.match(shownAs(done), new RegExp(`SLUICE_HOME=${cwd}/data.*--home ${home}`))
  assert.ok(!existsSync(home))
  assert.deepEqual(readdirSync(join(cwd, 'data')), ['config.json'])
}

/** They answer whatever there is, and so have no home. */
const HOMELESS = ['help', 'version']

/** Doctor is asked for it, the others say it beside their data. */
const shownAs = ({ stdout, stderr }: Done): string =>
  stderr + (stdout.startsWith('{"check":') ? stdout : '')

const inputOf = (command: Command): string =>
  command.kind === 'source' ? '' : streams.for(command.name)

test('./data is the home where it is named, and from then on absolute', async t => {
  for (const named of ['--home data', '--home=./data/']) {
    const { cwd, home, run } = stand(t)
    mkdirSync(join(cwd, 'data'))
    writeFileSync(join(cwd, 'data/config.json'), '{}')
    const done = await run(
      `sluice keep ${named} -- bash -c 'cd / && sluice journal kept --min-free 1MB > /dev/null'`,
      streams.for('journal'),
    )
    assert.equal(done.code, 0, done.stderr)
    assert.match(done.stderr, new RegExp(`^keep: home ${cwd}/data$`, 'm'))
    // What keep starts stands in another folder and still finds the same home.
    assert.match(done.stderr, new RegExp(`^journal: home ${cwd}/data$`, 'm'))
    assert.ok(readdirSync(join(cwd, 'data/journal/kept')).length > 0)
    assert.ok(!existsSync(home))
  }
})

test('--quiet leaves out a home that was named, never the default', async t => {
  const { home, run } = stand(t)
  const line = 'sluice journal kept --min-free 1MB --quiet'
  assert.equal((await run(line, '')).stderr, `journal: home ${home}\n`)
  assert.equal((await run(`${line} --home there`, '')).stderr, '')
})

test('an env file counts only where it is named, and the environment wins over it', async t => {
  const { cwd, run } = stand(t)
  writeFileSync(join(cwd, '.env'), 'SLUICE_CHAOS_SEED=from-file\nSLUICE_HOME=file-home\n', {
    mode: 0o600,
  })
  const seed = 'jq -r \'select(.setting == "seed" or .setting == "home").value\''
  const ask = async (line: string): Promise<string[]> => {
    const done = await run(`${line} | ${seed}`, '')
    assert.equal(done.code, 0, done.stderr)
    return done.stdout.trim().split('\n')
  }
  const [home, none] = await ask('sluice config chaos')
  assert.ok(home?.endsWith('/.local/share/sluice') && none !== 'from-file')
  const there = [join(cwd, 'file-home'), 'from-file']
  assert.deepEqual(await ask('sluice config chaos --env-file .env'), there)
  assert.deepEqual(await ask('SLUICE_ENV_FILE=.env sluice config chaos'), there)
  assert.deepEqual(
    (await ask('SLUICE_CHAOS_SEED=mine sluice config chaos --env-file .env'))[1],
    'mine',
  )
  assert.equal((await ask('sluice config chaos --env-file .env --home flag'))[0], join(cwd, 'flag'))
  for (const name of ['none', '.']) {
    const done = await run(`sluice config --env-file ${name}`, '')
    assert.equal(done.code, 2, done.stderr)
    assert.match(done.stderr, /^config: --env-file: [^\n]+\n$/)
  }
})

test('what an env file sets stays out of what is shown, and switches no danger on', async t => {
  const { cwd, run } = stand(t)
  const text = 'BIRDEYE_API_KEY=s3cret\nSLUICE_EXECUTE_LIVE=true\nSLUICE_GATE_MIN_SCOER=1\n'
  writeFileSync(join(cwd, '.env'), text, { mode: 0o600 })
  const done = await run('sluice config execute --env-file .env; sluice doctor --offline', '')
  assert.ok(!`${done.stdout}${done.stderr}`.includes('s3cret'))
  assert.match(done.stdout, /"setting":"live","value":false,"from":"default"/)
  const typo = await run('sluice gate --env-file .env', '')
  assert.equal(typo.code, 2)
  assert.match(typo.stderr, /SLUICE_GATE_MIN_SCOER; did you mean SLUICE_GATE_/)
})

test('doctor says which folder is the home and who named it', async t => {
  const { home, cwd, run } = stand(t)
  const found = async (line: string) =>
    JSON.parse((await run(`${line} --offline | grep '"check":"home"'`, '')).stdout)
  assert.match(
    (await found('sluice doctor')).text,
    new RegExp(`^${home}, from the XDG data folder`),
  )
  assert.match((await found('sluice doctor --home x')).text, new RegExp(`^${cwd}/x, from --home`))
  mkdirSync(join(cwd, 'data/ledger'), { recursive: true })
  writeFileSync(join(cwd, 'data/ledger/paper.ndjson'), '')
  const two = await found('sluice doctor')
  assert.equal(two.ok, false)
  assert.match(two.text, new RegExp(`SLUICE_HOME=${cwd}/data.*mv ${cwd}/data ${home}`))
  assert.equal(readFileSync(join(cwd, 'data/ledger/paper.ndjson'), 'utf8'), '')
})
