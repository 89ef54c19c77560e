import assert from 'node:assert/strict'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeKillSwitch } from '../../../lib/trade/kill-switch.ts'
import { makeHome } from '../../kit/proc.ts'

test('there, gone again, and whatever cannot be looked at', t => {
  const home = makeHome(t)
  const at = (name: string): string => join(home, name)
  mkdirSync(at('switches'))
  const isKilled = makeKillSwitch(at('switches/KILL'))
  assert.equal(isKilled(), false)
  writeFileSync(at('switches/KILL'), '')
  assert.equal(isKilled(), true)
  rmSync(at('switches/KILL'))
  assert.equal(isKilled(), false)
  rmSync(at('switches'), { recursive: true })
  assert.equal(isKilled(), true, 'its folder is gone')
  mkdirSync(at('switches/KILL'), { recursive: true })
  assert.equal(isKilled(), true, 'a folder of that name')
  writeFileSync(at('file'), '')
  assert.equal(makeKillSwitch(at('file/KILL'))(), true, 'below a file (ENOTDIR)')
  symlinkSync('loop', at('loop'))
  assert.equal(makeKillSwitch(at('loop'))(), true, 'a link to itself (ELOOP)')
  assert.equal(makeKillSwitch(at('none/KILL'))(), true, 'no folder from the start')
})

test('a link is as good as the folder that it leads to', t => {
  const home = makeHome(t)
  const at = (name: string): string => join(home, name)
  mkdirSync(at('disk'))
  symlinkSync('disk/KILL', at('second'))
  symlinkSync(at('second'), at('KILL'))
  const isKilled = makeKillSwitch(at('KILL'))
  assert.equal(isKilled(), false, 'it leads to where nothing is yet')
  writeFileSync(at('disk/KILL'), '')
  assert.equal(isKilled(), true)
  rmSync(at('disk'), { recursive: true })
  assert.equal(isKilled(), true, 'what it leads to is gone with its folder')
})

test('a disk that was unmounted, and one that fails', () => {
  let disk: Record<string, number | string> = { '/mnt/a': 7 }
  const isKilled = makeKillSwitch('/mnt/a/KILL', path => disk[path] ?? 'ENOENT')
  assert.equal(isKilled(), false)
  disk = { '/mnt/a': 1 }
  assert.equal(isKilled(), true, 'the folder below the mount')
  disk = { '/mnt/a': 7 }
  assert.equal(isKilled(), false, 'mounted again')
  for (const code of ['EACCES', 'EIO', 'ESTALE', 'ENOTCONN']) {
    disk = { '/mnt/a': 7, '/mnt/a/KILL': code }
    assert.equal(isKilled(), true, code)
  }
})
