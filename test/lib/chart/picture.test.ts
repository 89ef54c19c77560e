import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { sh } from '../../proc.ts'

const readme = readFileSync('README.md', 'utf8')

test('the picture of README is what its command draws, byte for byte', async () => {
  const [, command, path] =
    /```sh\n(discover [^`]*chart [^`]*?) > (bench\/pictures\/\S+)\n```/.exec(readme) ?? []
  assert.ok(command !== undefined && path !== undefined, 'README shows the command')
  assert.ok(readme.includes(`](${path})`), 'README shows the picture')
  const { stdout, code, stderr } = await sh(command)
  assert.equal(code, 0, stderr)
  assert.equal(stdout, readFileSync(path, 'utf8'), `draw it again: ${command} > ${path}`)
})
