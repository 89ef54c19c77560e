import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const sources = ['cmd', 'lib'].flatMap(folder =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => join(folder, name)),
)

test('the type of flags follows from their declaration: no interface lists them again', () => {
  const again = sources.filter(path =>
    /\binterface \w*Flags\b/.test(readFileSync(join(ROOT, path), 'utf8')),
  )
  assert.ok(sources.length > 300)
  assert.deepEqual(again, [])
})
