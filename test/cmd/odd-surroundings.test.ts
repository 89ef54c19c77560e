import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeRng } from '../../lib/base/rng.ts'
import { makeHome, processesOf, sh, sluice, until } from '../kit/proc.ts'

const TICK = '{"v":1,"id":"tick:1700000000000","ts":1700000000000,"kind":"tick","source":"d"}\n'

/** The first lines of a simulated market in a file. */
async function market(t: { after(fn: () => void): void }): Promise<string> {
  const home = makeHome(t)
  const argv = 'discover --source sim --days 1 --seed 3 --tokens-per-hour 1 --quiet'.split(' ')
  const { stdout } = await sluice(argv, { home })
  const path = join(home, 'market.ndjson')
  writeFileSync(path, `${stdout.split('\n').slice(0, 1500).join('\n')}\n`)
  return path
}

/** A place where nobody may make anything, not even the superuser; of Linux. */
const NOWHERE = '/sys/kernel/sluice'
const WRITERS = [
  ['journal', 'x'],
  ['sampler'],
  ['execute', '--ledger', 'home'],
  ['features', '--state', `${NOWHERE}/s`],
  ['label', '--state', `${NOWHERE}/s`],
  ['sync'],
  ['keep', '--name', 'a', 'true'],
  ['models', 'promote', 'sequence@example'],
]

test('a home that cannot be written is said in one line', {
  skip: process.platform !== 'linux' && 'no such place here',
}, async () => {
  for (const argv of WRITERS) {
    const done = await sluice([...argv, '--quiet'], { home: NOWHERE, input: TICK })
    assert.equal(done.code, 2, `${argv.join(' ')}: ${done.code} ${done.stderr}`)
    const said = done.stderr.split('\n').filter(line => line !== '' && !/: home \//.test(line))
    assert.equal(said.length, 1, done.stderr)
  }
})

test('neither language nor time zone of the machine changes a byte', async t => {
  const file = await market(t)
  const run = async (env: Record<string, string>): Promise<string> => {
    const home = makeHome(t)
    const line = `discover --source replay ${file} | journal events | features | sluice sampler`
    const done = await sh(line, { home, env })
    assert.equal(done.code, 0, done.stderr)
    const watches = readFileSync(join(home, 'watch.ndjson'), 'utf8')
    return done.stdout + watches
  }
  const plain = await run({ TZ: 'UTC', LC_ALL: 'C' })
  assert.ok(plain.length > 100_000)
  assert.equal(await run({ TZ: 'Pacific/Kiritimati', LC_ALL: 'tr_TR.UTF-8' }), plain)
})

test('stages that are stopped and go on lose nothing', async t => {
  const line = `discover --source replay ${await market(t)} | journal events | features | gate`
  const quiet = await sh(line, { home: makeHome(t) })
  assert.equal(quiet.code, 0, quiet.stderr)
  const home = makeHome(t)
  const rng = makeRng('stops')
  const stopped = new Set<string>()
  const done = await sh(line, {
    home,
    async drive() {
      const running = () => processesOf(home).filter(({ argv }) => !argv[0]?.endsWith('sh'))
      await until(() => running().length >= 4, 20_000)
      for (const { pid, argv } of running())
        try {
          process.kill(pid, 'SIGSTOP')
          stopped.add(argv.join(' '))
          await new Promise(resolve => setTimeout(resolve, 20 + rng.below(100)))
          process.kill(pid, 'SIGCONT')
        } catch (error) {
          assert.equal((error as NodeJS.ErrnoException).code, 'ESRCH')
        }
    },
  })
  assert.equal(done.code, 0, done.stderr)
  assert.ok(stopped.size > 0)
  assert.equal(done.stdout, quiet.stdout)
})

test('samplers killed at any moment leave a whole list; of two one is refused', async t => {
  const home = makeHome(t)
  const list = join(home, 'watch.ndjson')
  const rng = makeRng('samplers')
  const lines = readFileSync(await market(t), 'utf8')
  const start = (killAfterMs?: number) =>
    sluice(['sampler', '--write', '1m', '--quiet'], {
      home,
      input: lines,
      ...(killAfterMs !== undefined && {
        drive: child => void setTimeout(() => child.kill('SIGKILL'), killAfterMs),
      }),
    })
  assert.equal((await start()).code, 0)
  const whole = readFileSync(list, 'utf8')
  for (let round = 0; round < Number(process.env.SLUICE_SOAK_RUNS ?? 3); round++) {
    const codes = await Promise.all([start(150 + rng.below(300)), start(150 + rng.below(300))])
    assert.ok(
      codes.every(({ code }) => [null, 0, 4].includes(code)),
      JSON.stringify(codes),
    )
    for (const row of readFileSync(list, 'utf8').split('\n').slice(0, -1)) JSON.parse(row)
  }
  assert.equal((await start()).code, 0, 'nothing of the killed ones is in the way')
  assert.equal(readFileSync(list, 'utf8'), whole)
  let second: Awaited<ReturnType<typeof start>> | undefined
  const first = await sluice(['sampler', '--quiet'], {
    home,
    async drive(child) {
      const isHeld = (): boolean => existsSync(join(home, '.sampler-of-watch.ndjson.lock'))
      await until(isHeld, 10_000)
      await until(() => processesOf(home).length > 0, 10_000)
      await new Promise(resolve => setTimeout(resolve, 500))
      second = await start()
      child.stdin?.end(TICK)
    },
  })
  assert.deepEqual([first.code, second?.code], [0, 4], second?.stderr)
  assert.match(second?.stderr ?? '', /has its sampler-of-watch\.ndjson already/)
})
