import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** A source archive: what a build reads, without history. */
const copy = mkdtempSync(join(tmpdir(), 'sluice-build-'))
for (const name of [
  'cmd',
  'lib',
  'models',
  'build.ts',
  'package.json',
  'package-lock.json',
  '.gitignore',
])
  cpSync(join(ROOT, name), join(copy, name), { recursive: true })
symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
after(() => rmSync(copy, { recursive: true }))

const make = (cwd = copy) =>
  spawnSync(process.execPath, ['--import', 'tsx', 'build.ts'], { cwd, encoding: 'utf8' })
const sluice = (...argv: string[]) =>
  execFileSync(join(copy, 'dist/bin/sluice'), argv, { encoding: 'utf8' })
const builds = () => readdirSync(join(copy, 'dist/builds')).filter(name => !name.startsWith('.'))
const current = () =>
  /builds\/(\w+)\//.exec(readFileSync(join(copy, 'dist/main.js'), 'utf8'))?.[1] ?? 'none'

const git = (...words: string[]) =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...words], {
    cwd: copy,
    encoding: 'utf8',
  }).trim()

test('a build is replaced in one step, and what runs keeps the one it began with', async t => {
  assert.equal(make().status, 0)
  const first = current()
  assert.deepEqual(builds(), [first])

  await t.test('the same sources are the same build', () => {
    assert.equal(make().status, 0)
    assert.deepEqual(builds(), [first])
  })

  await t.test('a compile that fails leaves the commands as they were', () => {
    const path = join(copy, 'cmd/gate.ts')
    const good = readFileSync(path, 'utf8')
    appendFileSync(path, '\nexport const broken = (\n')
    const { status, stderr } = make()
    assert.notEqual(status, 0)
    assert.match(stderr, /cmd\/gate\.ts/)
    assert.deepEqual(builds(), [first])
    assert.match(
      execFileSync(join(copy, 'dist/bin/gate'), ['--help'], { encoding: 'utf8' }),
      /gate/,
    )
    writeFileSync(path, good)
  })

  await t.test('predict starts a worker anew after the next build has taken over', async t => {
    const home = mkdtempSync(join(tmpdir(), 'sluice-build-home-'))
    const child = spawn(
      join(copy, 'dist/bin/predict'),
      ['--model', 'sequence@example', '--workers', '1'],
      {
        stdio: ['pipe', 'pipe', 'pipe'],
        env: { ...process.env, HOME: home, SLUICE_HOME: home },
      },
    )
    t.after(() => void child.kill('SIGKILL')) // Else a check that fails would wait for it forever.
    const lines = createInterface({ input: child.stdout })
    const ended = once(child, 'close')
    let told = ''
    child.stderr.on('data', data => (told += data))
    const score = async (id: string, rsi14: number) => {
      child.stdin.write(`${JSON.stringify({ ...LINE, id, features: featuresOf(rsi14) })}\n`)
      const [text] = (await once(lines, 'line')) as [string]
      return JSON.parse(text) as { id: string; prediction?: unknown }
    }
    assert.ok((await score('first', 61.2)).prediction)

    const version = join(copy, 'lib/cli/version.ts')
    writeFileSync(version, readFileSync(version, 'utf8').replace('sluice $', 'sluice, changed, $'))
    assert.equal(make().status, 0)
    assert.notEqual(current(), first)
    assert.deepEqual(builds().sort(), [first, current()].sort())
    assert.match(sluice('--version'), /changed/)

    const worker = workersOf(child.pid!)
    process.kill(Number(worker), 'SIGKILL')
    await until(() => !['', worker].includes(workersOf(child.pid!)))
    assert.ok((await score('second', 40)).prediction)
    child.stdin.end()
    assert.deepEqual(await ended, [0, null])
    assert.match(told, /worker restarts 1/)
    rmSync(home, { recursive: true })
  })

  await t.test('the build before the last one goes', () => {
    const second = current()
    appendFileSync(join(copy, 'cmd/gate.ts'), "\nprocess.title = 'another'\n")
    assert.equal(make().status, 0)
    assert.deepEqual(builds().sort(), [second, current()].sort())
    assert.match(sluice('gate', '--help'), /gate/)
  })
})

test('a version tells the revision it was built from', () => {
  const version = () => /^sluice(?:, changed,)? (\S+) · record v1\n$/.exec(sluice('--version'))?.[1]
  assert.equal(make().status, 0)
  assert.equal(version(), '0.1.0', 'a source archive has no revision')
  git('init', '-q')
  git('add', '.gitignore', 'cmd', 'lib', 'build.ts', 'package.json')
  git('commit', '-qm', 'all')
  const head = git('rev-parse', '--short', 'HEAD')
  assert.equal(make().status, 0)
  assert.equal(version(), `0.1.0+${head}`)
  appendFileSync(join(copy, 'cmd/gate.ts'), '\n')
  assert.equal(make().status, 0)
  assert.equal(version(), `0.1.0+${head}-dirty`)

  const source = execFileSync(
    process.execPath,
    ['--import', 'tsx', join(ROOT, 'cmd/main.ts'), '--version'],
    { cwd: ROOT, encoding: 'utf8' },
  )
  assert.equal(source, 'sluice from source · record v1\n')
})

/** Process ids of the children, '' while there is none. */
const workersOf = (pid: number): string =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries === 100) throw new Error('not within 10 s')
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}

/** What the model `sequence` reads. */
const featuresOf = (rsi14: number) => ({
  sequence: {
    hash: '72a8a8ae4f87',
    ready: true,
    bars: 60,
    indicators: { rsi14, bbWidth: 0.08, roc10: 3.1 },
  },
})

const LINE = { v: 1, ts: 1763685000000, kind: 'candle', mint: 'Mint1', source: 'test' }
