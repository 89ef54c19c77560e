import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { childArgs } from '../../kit/child.ts'

const ROOT = process.cwd()
const NEW = childArgs(new URL('../../../lib/dev/new.ts', import.meta.url))

test('what make new starts keeps the style, runs, and is not made twice', t => {
  const copy = mkdtempSync(join(tmpdir(), 'sluice-new-'))
  t.after(() => rmSync(copy, { recursive: true, force: true }))
  for (const path of ['cmd', 'lib', 'tsconfig.json', 'biome.json', 'package.json'])
    cpSync(join(ROOT, path), join(copy, path), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  const run = (...words: string[]) =>
    spawnSync(process.execPath, words, { cwd: copy, encoding: 'utf8', timeout: 120_000 })
  const start = (...words: string[]) => run(...NEW, ...words)

  const made: string[] = []
  for (const [name, kind] of [
    ['wobble-one', 'step'],
    ['ponder', 'tool'],
    ['aurora', 'source'],
    ['zephyr-two', 'source'],
  ] as const) {
    const done = start(name, kind)
    assert.equal(done.status, 0, done.stderr)
    made.push(...(done.stderr.match(/[\w/-]+\.ts/g) ?? []))
  }
  for (const [name, kind] of [
    ['Bad', 'step'],
    ['x', 'verb'],
    ['ohlcv', 'source'],
    ['ponder', 'tool'],
  ] as const)
    assert.equal(start(name, kind).status, 2, name)

  const sources = readFileSync(join(copy, 'lib/sources/sources.ts'), 'utf8')
  assert.match(sources, /fromLive,\n {2}fromAurora,\n {2}fromZephyrTwo,\n\]/)
  const style = run('node_modules/.bin/biome', 'check', '--error-on-warnings', ...made)
  assert.equal(style.status, 0, style.stdout + style.stderr)
  const list = run('--import', 'tsx', 'cmd/main.ts', 'discover', '--list-sources', '--quiet')
  assert.match(list.stdout, /"source":"zephyr-two"/)
  for (const words of [
    ['wobble-one', '--quiet'],
    ['ponder'],
    ['discover', '--source', 'aurora', '--quiet'],
  ]) {
    const done = spawnSync(process.execPath, ['--import', 'tsx', 'cmd/main.ts', ...words], {
      cwd: copy,
      encoding: 'utf8',
      input: '',
      env: { ...process.env, SLUICE_HOME: copy },
    })
    assert.equal(done.status, 0, `${words}: ${done.stderr}`)
    assert.equal(done.stdout, '')
  }
})
