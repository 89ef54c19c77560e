import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { UsageError } from '../../../lib/base/errors.ts'
import { withEnvFile } from '../../../lib/cli/env-file.ts'
import { homeOf, passedOver } from '../../../lib/cli/home.ts'

/** A folder that is gone after the test. */
function makeFolder(t: { after(fn: () => void): void }): string {
  const path = mkdtempSync(join(tmpdir(), 'sluice-place-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

// XDG base directory specification 0.8: "All paths set in these environment variables must be
// absolute. If an implementation encounters a relative path … it should consider the path invalid
// and ignore it"; an unset or empty XDG_DATA_HOME is $HOME/.local/share.
test('the default home is the XDG data folder of the user', () => {
  const path = (env: Record<string, string>) => homeOf(env, undefined, '/srv').path
  assert.equal(path({ HOME: '/home/ann' }), '/home/ann/.local/share/sluice')
  assert.equal(path({ HOME: '/home/ann', XDG_DATA_HOME: '/big' }), '/big/sluice')
  assert.equal(path({ XDG_DATA_HOME: '/big' }), '/big/sluice')
  assert.equal(
    path({ HOME: '/home/ann', XDG_DATA_HOME: 'rel/ative' }),
    '/home/ann/.local/share/sluice',
  )
  assert.equal(path({ HOME: '/home/ann', XDG_DATA_HOME: '' }), '/home/ann/.local/share/sluice')
})

test('without HOME nobody says whose folder it is', () => {
  for (const env of [{}, { HOME: '' }, { HOME: 'relative' }, { XDG_DATA_HOME: 'relative' }])
    assert.throws(() => homeOf(env), /no home .*HOME is not set.*--home DIR/)
  assert.equal(homeOf({ SLUICE_HOME: '/s' }).path, '/s')
})

test('a named home is absolute; --home wins over SLUICE_HOME', () => {
  assert.deepEqual(homeOf({ SLUICE_HOME: 'data' }, undefined, '/srv'), {
    path: '/srv/data',
    from: 'environment',
  })
  assert.deepEqual(homeOf({ SLUICE_HOME: '/a' }, '../b', '/srv/x'), {
    path: '/srv/b',
    from: 'flag',
  })
})

test('./data is seen where it holds a ledger, a journal, a configuration or a switch', t => {
  const cwd = makeFolder(t)
  const home = homeOf({ HOME: '/home/ann' })
  const data = join(cwd, 'data')
  assert.equal(passedOver(home, cwd), undefined)
  mkdirSync(join(data, 'ledger'), { recursive: true })
  mkdirSync(join(data, 'journal'))
  writeFileSync(join(data, 'prices.csv'), '')
  // A folder of prices is nobody's home.
  assert.equal(passedOver(home, cwd), undefined)
  for (const mark of ['ledger/paper.ndjson', 'config.json', 'sluice.duckdb', 'KILL']) {
    writeFileSync(join(data, mark), '')
    assert.equal(passedOver(home, cwd), data, mark)
    assert.equal(passedOver(homeOf({ SLUICE_HOME: '/s' }), cwd), undefined, 'named')
    rmSync(join(data, mark))
  }
  mkdirSync(join(data, 'journal', 'events'))
  assert.equal(passedOver(home, cwd), undefined, 'an empty journal')
  writeFileSync(join(data, 'journal/events/2026-11-20.ndjson'), '')
  assert.equal(passedOver(home, cwd), data)
  // Whoever has ~/.local/share as the current folder does not mean two homes.
  assert.equal(passedOver({ path: data, from: 'default' }, cwd), undefined)
})

test('an env file adds what is not set, and only when it is named', t => {
  const path = join(makeFolder(t), '.env')
  writeFileSync(path, '# keys\nexport A=1\nB="two words"\n\nC=3\nD="a\nb" # lines\n', {
    mode: 0o600,
  })
  assert.deepEqual(withEnvFile({ A: 'mine' }, path), {
    A: 'mine',
    B: 'two words',
    C: '3',
    D: 'a\nb',
  })
  assert.equal(withEnvFile({ SLUICE_ENV_FILE: path }).C, '3')
  const plain = { A: 'mine' }
  assert.equal(withEnvFile(plain), plain)
  // Set to nothing is set: whoever empties a name does not want it from elsewhere.
  assert.equal(withEnvFile({ C: '' }, path).C, '')
})

test('an env file that cannot be trusted or read is refused without its values', t => {
  const dir = makeFolder(t)
  const path = join(dir, '.env')
  const refused = (text: string, reason: RegExp, mode = 0o600): void => {
    writeFileSync(path, text)
    chmodSync(path, mode)
    assert.throws(
      () => withEnvFile({}, path),
      (error: Error) => {
        assert.ok(error instanceof UsageError)
        assert.match(error.message, reason)
        assert.doesNotMatch(error.message, /s3cret|\n/)
        return true
      },
    )
  }
  refused('A=s3cret\n', /can be written by others; chmod 600/, 0o620)
  refused('A=s3cret\n', /can be written by others; chmod 600/, 0o602)
  // node:util parseEnv would take such a line for a part of the next name.
  refused('A=s3cret\nSLUICE_HOME /s3cret\nB=1\n', /line 2: expected NAME=value/)
  refused('A="s3cret\n s3cret"\ns3cret\n', /line 3: expected NAME=value/)
  refused(`A=${'s3cret'.repeat(200_000)}\n`, /longer than 1 MiB/)
  assert.throws(() => withEnvFile({}, join(dir, 'none')), /--env-file: cannot read .*none: ENOENT/)
  assert.throws(() => withEnvFile({ SLUICE_ENV_FILE: dir }), /SLUICE_ENV_FILE: .* is not a file/)
})
