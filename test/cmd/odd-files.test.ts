import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { registry } from '../../cmd/registry.ts'
import { exitCodeOf } from '../../lib/base/errors.ts'
import { kebab } from '../../lib/base/flags.ts'
import { readText } from '../../lib/base/read-text.ts'
import { allFlags } from '../../lib/cli/common-flags.ts'
import { makeHome, sh, sluice } from '../kit/proc.ts'

const TICK = '{"v":1,"id":"a:1","ts":1763685000000,"kind":"tick","source":"t"}\n'

/** A pipe that nobody writes to, a folder, and a path that goes on behind a file. */
function oddPlaces(home: string): string[] {
  const [fifo, folder] = [join(home, 'fifo'), join(home, 'folder')]
  execFileSync('mkfifo', [fifo])
  mkdirSync(folder)
  return [fifo, folder, '/dev/null/x']
}

/** Flags that a run on odd files is tried with in any case; make soak tries all there are. */
const TRIED = [
  'features --garch',
  'features --smart-wallets',
  'features --state',
  'label --state',
  'sampler --state',
  'execute --chain',
  'execute --ledger',
  'predict --models',
  'train --peers',
  'discover --birdeye-key',
  'discover --rpc',
]

/** Every flag that names a file. */
async function fileFlags(): Promise<string[]> {
  const found: string[] = []
  for (const [name, load] of Object.entries(registry)) {
    const { default: command } = await load()
    for (const [key, { kind }] of Object.entries(allFlags(command.kind, command.flags)))
      if (kind === 'file' && key !== 'home') found.push(`${name} --${kebab(key)}`)
  }
  return found
}

test('a pipe or a folder where a file belongs is nobody’s bug and holds nothing up', {
  timeout: 600_000,
}, async t => {
  const known = await fileFlags()
  for (const each of TRIED) assert.ok(known.includes(each), each)
  const odd: string[] = []
  const tried = process.env.SLUICE_SOAK_RUNS ? known : TRIED
  const queue = tried.filter(each => !/^(keep|exec|help) /.test(each))
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const home = makeHome(t)
      const [name = '', flag = ''] = next.split(' ')
      const { default: command } = await registry[name]!()
      const words = Array.from({ length: command.args?.min ?? 0 }, () => 'x')
      const live = name === 'discover' ? ['--providers', 'birdeye,rpc', '--estimate'] : []
      for (const place of oddPlaces(home)) {
        const argv = [name, flag, place, ...live, ...words]
        const done = await sluice(argv, { home, input: TICK, timeoutMs: 20_000 })
        if (done.code === null || done.code > 5)
          odd.push(`${argv.join(' ')}: ${done.code} ${done.stderr.slice(0, 200)}`)
        rmSync(join(home, 'KILL'), { force: true })
      }
    }
  }
  await Promise.all([worker(), worker(), worker()])
  assert.deepEqual(odd, [])
})

test('a configuration that is a pipe or a folder is said in one line', async t => {
  const home = makeHome(t)
  const config = join(home, 'config.json')
  execFileSync('mkfifo', [config])
  const pipe = await sluice(['gate'], { home, input: TICK, timeoutMs: 20_000 })
  assert.equal(pipe.code, 2, pipe.stderr)
  rmSync(config)
  mkdirSync(config)
  const folder = await sluice(['gate'], { home, input: TICK, timeoutMs: 20_000 })
  assert.equal(folder.code, 2, folder.stderr)
  assert.match(folder.stderr, /^gate: [^\n]*config\.json[^\n]*\n$/)
})

test('a pipe of the shell is read to its end, as a file is', async t => {
  const home = makeHome(t)
  const path = join(home, 'long')
  writeFileSync(path, 'x'.repeat(300_000))
  assert.equal(readText(path).length, 300_000)
  assert.equal(readText('/dev/null'), '')
  assert.throws(() => readText(home), { code: 'EISDIR' })
  const key = 'base58-9kJv3QwErTyUi'
  const done = await sh(
    `doctor=$(sluice doctor --offline); sluice discover --providers birdeye --estimate ` +
      `--birdeye-key <(sleep 0.3; echo ${key})`,
    { home },
  )
  assert.doesNotMatch(done.stderr, /cannot read|does not hold/)
})

test('no file left to open is worth another try, a folder that is none is not', () => {
  const of = (code: string): number =>
    exitCodeOf(Object.assign(new Error(`${code}: x, open 'a'`), { code, syscall: 'open' }))
  for (const code of ['EMFILE', 'ENFILE', 'ENOSPC']) assert.equal(of(code), 4, code)
  for (const code of ['EACCES', 'EISDIR', 'ENOTDIR', 'EROFS']) assert.equal(of(code), 2, code)
  assert.equal(of('ENOENT'), 70)
  assert.equal(exitCodeOf(undefined), 70)
})

test('compressed files: joined ones are one, cut or flipped ones are data at fault', async t => {
  const home = makeHome(t)
  const line = (n: number): string => TICK.replace('a:1', `a:${n}`)
  const [one, two] = [gzipSync(line(1)), gzipSync(line(2))]
  const flipped = Buffer.from(gzipSync(Array.from({ length: 500 }, (_, n) => line(n)).join('')))
  flipped[Math.floor(flipped.length / 2)]! ^= 1
  for (const [name, bytes, code, lines] of [
    ['joined', Buffer.concat([one, two]), 0, 2],
    ['cut', gzipSync(line(1) + line(2)).subarray(0, 30), 3, undefined],
    ['flipped', flipped, 3, undefined],
    ['none', Buffer.from('no gzip'), 3, undefined],
    ['tail', Buffer.concat([one, Buffer.from('rest that is no member')]), 3, undefined],
  ] as const) {
    const path = join(home, `${name}.ndjson.gz`)
    writeFileSync(path, bytes)
    const done = await sluice(['discover', '--source', 'replay', path, '--quiet'], { home })
    assert.equal(done.code, code, `${name}: ${done.code} ${done.stderr}`)
    if (lines !== undefined) assert.equal(done.stdout.split('\n').length - 1, lines, name)
    const asked = await sluice(['query', '--file', path, 'select count(*)::int n from input'], {
      home,
    })
    if (lines !== undefined) assert.equal(asked.stdout, `{"n":${lines}}\n`, asked.stderr)
    else assert.ok([0, 3].includes(asked.code ?? 70), `${name}: ${asked.code} ${asked.stderr}`)
  }
})

test('a line that grows without end is refused before it fills the memory', async t => {
  const home = makeHome(t)
  const path = join(home, 'bomb.ndjson.gz')
  // 400 MB of one line in less than half a megabyte.
  writeFileSync(path, gzipSync(`{"v":1,"x":"${'0'.repeat(400 * 2 ** 20)}"}\n`))
  const argv = ['discover', '--source', 'replay', path, '--quiet']
  const done = await sluice(argv, { home, env: { NODE_OPTIONS: '--max-old-space-size=200' } })
  assert.equal(done.code, 3, done.stderr.slice(0, 300))
  const asked = await sluice(['query', '--file', path, 'from input'], { home })
  assert.equal(asked.code, 3, asked.stderr.slice(0, 300))
})
