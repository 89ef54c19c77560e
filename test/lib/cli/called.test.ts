import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { commandCalled } from '../../../lib/cli/door/called.ts'

const COMMANDS = { gate: 0, 'train-export': 0, label: 0 }

test('a command is known by the name it was called by, through links', t => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-called-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const files = ['sluice', 'gate', 'train-export', 'gate.js', 'label.mjs', 'main.ts', 'toString']
  for (const name of files) writeFileSync(join(folder, name), '')
  const links = { g: 'gate', g2: 'g', label: 'sluice', 'train-export.js': 'gate', s: 'sluice' }
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(folder, name))
  const called = (name: string) => commandCalled(join(folder, name), COMMANDS)

  assert.equal(called('sluice'), undefined)
  assert.equal(called('gate'), 'gate')
  assert.equal(called('train-export'), 'train-export')
  assert.equal(called('gate.js'), 'gate')
  assert.equal(called('label.mjs'), 'label')
  assert.equal(called('main.ts'), undefined)
  assert.equal(called('toString'), undefined, 'no name that every object has')
  assert.equal(called('g'), 'gate', 'a link of another name')
  assert.equal(called('g2'), 'gate', 'a link to a link')
  assert.equal(called('label'), 'label', 'a link made by hand, as busybox has them')
  assert.equal(called('train-export.js'), 'train-export', 'the name called goes first')
  assert.equal(called('s'), undefined)
  assert.equal(commandCalled(undefined, COMMANDS), undefined)
})
