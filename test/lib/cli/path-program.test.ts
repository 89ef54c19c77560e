import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { namesOnPath, programOnPath } from '../../../lib/cli/path-program.ts'
import { makeHome, sh } from '../../kit/proc.ts'

/** A folder with programs; each is a shell script of the given text. */
function folder(t: { after(fn: () => void): void }, programs: Record<string, string>): string {
  const path = join(makeHome(t), 'bin')
  mkdirSync(path)
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(path, name), `#!/bin/bash\n${text}\n`)
    chmodSync(join(path, name), 0o755)
  }
  return path
}

test('the first executable of PATH is the program, whatever lies before it', t => {
  const bin = folder(t, { 'sluice-foo': 'true' })
  const other = folder(t, { 'sluice-foo': 'true', 'sluice-bar': 'true' })
  const plain = folder(t, { 'sluice-foo': 'true' })
  chmodSync(join(plain, 'sluice-foo'), 0o644)
  mkdirSync(join(plain, 'sluice-bar'))
  symlinkSync('/nowhere', join(bin, 'sluice-lost'))
  const path = [plain, '/no/such/folder', bin, other].join(':')
  assert.equal(programOnPath('foo', path), join(bin, 'sluice-foo'))
  assert.equal(programOnPath('bar', path), join(other, 'sluice-bar'))
  assert.equal(programOnPath('lost', path), undefined)
  assert.deepEqual(namesOnPath(path), ['bar', 'foo'])
})

test('names are a-z, 0-9 and -; nothing else is looked for', t => {
  const bin = folder(t, { 'sluice-a b': 'true', 'sluice-Foo': 'true', 'sluice-x;y': 'true' })
  assert.deepEqual(namesOnPath(bin), [])
  for (const name of ['Foo', 'a b', '../sluice-a', '-x', 'x;y', ''])
    assert.equal(programOnPath(name, bin), undefined, name)
})

test('the current folder is looked in only where PATH says so', t => {
  const bin = folder(t, { 'sluice-here': 'true' })
  const before = process.cwd()
  process.chdir(bin)
  try {
    for (const path of [undefined, '', ':/usr/bin', '/usr/bin:'])
      assert.equal(programOnPath('here', path), undefined, path)
    assert.equal(programOnPath('here', '.'), 'sluice-here')
  } finally {
    process.chdir(before)
  }
})

test('arguments, streams and exit code pass through; built-in names win', async t => {
  const bin = folder(t, {
    'sluice-foo': 'printf "[%s]" "$@"; cat; echo told >&2; exit 37',
    'sluice-gate': 'echo never',
  })
  const line = (words: string) =>
    sh(`export PATH="${bin}:$PATH"; echo in | sluice ${words}`, { input: '' })
  const foo = await line("foo --help 'a b' -- --x")
  assert.equal(foo.stdout, '[--help][a b][--][--x]in\n')
  assert.equal(foo.stderr, 'told\n')
  assert.equal(foo.code, 37)
  assert.doesNotMatch((await line('gate --help')).stdout, /never/)
  const help = await line('help')
  assert.match(help.stdout, /On PATH:\n {2}foo +runs sluice-foo\n$/)
  assert.match((await line('help foo')).stdout, /^\[--help\]in/)
  const typo = await line('fooo')
  assert.equal(typo.code, 2)
  assert.match(typo.stderr, /^fooo: no such command; did you mean foo\? \(see sluice help\)\n$/)
})

test('signals reach the program, and how it ended is how we end', async t => {
  const bin = folder(t, {
    'sluice-trap': 'trap "echo got; exit 9" TERM INT; echo up; while :; do sleep 0.05; done',
    'sluice-die': 'kill -SEGV $$',
  })
  const at = `export PATH="${bin}:$PATH"; `
  for (const signal of ['TERM', 'INT']) {
    // A session of its own: no terminal that would tell both.
    const done = await sh(
      `${at} setsid sluice trap > "$SLUICE_HOME/out" & p=$!; ` +
        'until grep -q up "$SLUICE_HOME/out" 2>/dev/null; do sleep 0.05; done; ' +
        `kill -${signal} $p; wait $p; c=$?; cat "$SLUICE_HOME/out"; exit $c`,
    )
    assert.equal(done.stdout, 'up\ngot\n', done.stderr)
    assert.equal(done.code, 9)
  }
  const died = await sh(`${at} sluice die; echo $?`)
  assert.equal(died.stdout, `${128 + 11}\n`)
})

test('a program that cannot be started is one line and exit 2', async t => {
  const bin = folder(t, {})
  writeFileSync(join(bin, 'sluice-odd'), '#!/no/such/interpreter\n')
  chmodSync(join(bin, 'sluice-odd'), 0o755)
  const done = await sh(`export PATH="${bin}:$PATH"; sluice odd`)
  assert.equal(done.code, 2)
  assert.match(done.stderr, /^odd: .*sluice-odd cannot be run: [^\n]+\n$/)
})
