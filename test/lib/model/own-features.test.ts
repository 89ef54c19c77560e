import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeHome, sh } from '../../kit/proc.ts'

/** What models/README.md says under “Own features”, block by block. */
const section = /## Own features\n([\s\S]*?)\n## /.exec(readFileSync('models/README.md', 'utf8'))
const block = (language: string): string =>
  new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(section?.[1] ?? '')?.[1] ?? ''
const lacking = ['python3', 'jq'].find(name => spawnSync(name, ['--version']).status !== 0)

test('own and built-in columns train and serve by the recipe, and not under another hash', {
  skip: lacking === undefined ? false : `no ${lacking}`,
}, async t => {
  const home = makeHome(t)
  const run = (line: string) => sh(`cd ${home}; ${line}`, { home, timeoutMs: 240_000 })
  const [program, commands] = [block('python'), block('bash')]
  writeFileSync(join(home, 'mine.py'), program)
  const done = await run(`set -e\n${commands}`)
  assert.equal(done.code, 0, done.stderr)
  const scored = readFileSync(join(home, 'scored.ndjson'), 'utf8').trim().split('\n')
  assert.ok(scored.length > 100, String(scored.length))
  for (const row of scored) {
    const [mint, p] = JSON.parse(row)
    assert.ok(typeof mint === 'string' && p >= 0 && p <= 1, row)
  }
  const bundle = JSON.parse(readFileSync(join(home, 'own-models/mine/1/bundle.json'), 'utf8'))
  const [{ set, features }] = bundle.inputs
  assert.equal(set, 'mine')
  for (const name of ['marketCap@1:number', 'poolAgeMinutes@1:number'])
    assert.ok(features.includes(name), name)

  // The same program, whose author says that its values mean something else now.
  writeFileSync(join(home, 'mine.py'), program.replace('mine 1', 'mine 2'))
  const other = await run(
    "head -20000 events.ndjson | sluice run 'features --sets pool | exec python3 mine.py | " +
      "predict --models own-models --model mine@1' | jq -r '.prediction.mine | .error // .p | " +
      "values' | sort -u",
  )
  assert.equal(other.code, 0, other.stderr)
  assert.deepEqual(other.stdout.trim().split('\n'), ['feature-hash', 'not-ready'])

  const path = join(home, 'export/manifest.json')
  const manifest = JSON.parse(readFileSync(path, 'utf8'))
  writeFileSync(path, JSON.stringify({ ...manifest, sets: { mine: 'v1' } }))
  const refused = await run(
    'sluice train export --set mine --kind moon --label profitable --out x/y',
  )
  assert.equal(refused.code, 2, refused.stderr)
  assert.match(refused.stderr, /features\.mine\.hash is "v1", expected 12 to 64 hex digits/)
})
