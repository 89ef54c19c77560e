import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { sh } from '../../kit/proc.ts'

const page = readFileSync('lib/features/README.md', 'utf8')

test('the picture of the features is what its command draws, byte for byte', async () => {
  const [, command, path] =
    /```sh\n(discover [^`]*chart [^`]*?) > (bench\/pictures\/\S+)\n```/.exec(page) ?? []
  assert.ok(command !== undefined && path !== undefined, 'the page shows the command')
  assert.ok(page.includes(`](../../${path})`), 'the page shows the picture')
  const { stdout, code, stderr } = await sh(command)
  assert.equal(code, 0, stderr)
  assert.equal(stdout, readFileSync(path, 'utf8'), `draw it again: ${command} > ${path}`)
})
