import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { makeHome, testEnv } from '../kit/proc.ts'

/** Everything below a folder: path, mode, time of change and bytes of files. */
const stateOf = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .sort()
    .map(name => {
      const path = join(dir, name)
      const { mode, mtimeMs, size } = statSync(path)
      const text = statSync(path).isFile() ? readFileSync(path, 'latin1').slice(0, 200) : ''
      return `${name} ${mode} ${mtimeMs} ${size} ${text}`
    })

/** The program as a package manager installs it for all users: nobody may write in it. */
function installed(t: { after(fn: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-package-'))
  const modes = (dirs: number, files: number): void => {
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (name.startsWith('node_modules')) continue
      const path = join(folder, name)
      chmodSync(path, statSync(path).isDirectory() ? dirs : files)
    }
  }
  for (const name of ['package.json', 'models', 'dist'])
    cpSync(name, join(folder, name), {
      recursive: true,
      filter: from => !/\/(test-|tests?\b)|\.map$/.test(from.slice(1)),
    })
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
  modes(0o555, 0o444)
  t.after(() => {
    modes(0o755, 0o644)
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

test('examples of a read-only package are put to use by name, trained further, kept at home', t => {
  const program = installed(t)
  const home = makeHome(t)
  const before = stateOf(join(program, 'models'))
  const run = (...argv: string[]): Record<string, unknown>[] =>
    execFileSync(process.execPath, [join(program, 'dist/bin/sluice'), ...argv], {
      env: testEnv(home),
      cwd: home,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line))
  const uses = (name: string): [unknown, unknown, boolean][] =>
    run('models', 'list')
      .filter(row => row.name === name)
      .map(({ version, uses, dir }) => [version, uses, String(dir).startsWith(home)])

  const [[shipped]] = uses('sequence') as [[string, unknown, boolean]]
  // What ships as an example is in use for nothing until somebody says so.
  assert.deepEqual(uses('sequence'), [[shipped, [], false]])
  run('models', 'promote', 'sequence@example')
  assert.deepEqual(uses('sequence'), [[shipped, ['production'], true]])
  const rows = Array.from({ length: 200 }, (_, i) => `${1_700_000_000 + 60 * i},${i % 7},${i % 2}`)
  writeFileSync(join(home, 'rows.csv'), `t,a,y\n${rows.join('\n')}\n`)
  const table = ['rows.csv', '--set', 'own', '--label', 'y', '--time', 't', '--features', 'a']
  run('train', ...table, '--out', 'sequence@own.1')
  assert.deepEqual(uses('sequence'), [
    [shipped, ['production'], true],
    ['own.1', [], true],
  ])
  run('models', 'promote', 'sequence@own.1')
  // The version that a rollback returns to has come along.
  assert.deepEqual(uses('sequence'), [
    [shipped, ['previous'], true],
    ['own.1', ['production'], true],
  ])
  run('models', 'rollback', 'sequence')
  assert.deepEqual(uses('sequence')[0], [shipped, ['production'], true])
  // By hand or not, each change of an alias is a row of promotions.
  run('models', 'alias', 'sequence@own.1', 'shadow', '--reason', 'a look')
  const written = readdirSync(join(home, 'rows/promotions'))
    .flatMap(file =>
      readFileSync(join(home, 'rows/promotions', file), 'utf8')
        .trim()
        .split('\n'),
    )
    .map(line => JSON.parse(line))
    .map(({ action, from, to, by, reason }) => [action, from, to, by, reason])
  assert.deepEqual(written, [
    ['promote', undefined, shipped, 'hand', 'by hand'],
    ['promote', shipped, 'own.1', 'hand', 'by hand'],
    ['rollback', 'own.1', shipped, 'hand', 'by hand'],
    ['shadow', undefined, 'own.1', 'hand', 'a look'],
  ])
  assert.deepEqual(stateOf(join(program, 'models')), before)
})
