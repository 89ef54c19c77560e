import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { unseal } from '../../../../lib/store/sealed/checksum.ts'
import { openLedger } from '../../../../lib/trade/ledger/ledger.ts'

const HEAD = { ledger: 'sluice', v: 1, mode: 'live', cashLamports: '1' } as const
const MB = 2 ** 20

/** A file system of its own of 16 MB; undefined where this process may not make one. */
function smallDisk(): string | undefined {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', dir], { stdio: 'ignore' })
    return dir
  } catch {
    rmSync(dir, { recursive: true })
    return undefined
  }
}

test('a full disk: the ballast is given back, the exits are still written, and it is known', t => {
  const dir = smallDisk()
  if (dir === undefined) return t.skip('a small file system cannot be mounted here')
  t.after(() => {
    execFileSync('umount', ['-l', dir])
    rmSync(dir, { recursive: true })
  })
  const path = join(dir, 'live.ndjson')
  const line = JSON.stringify({ x: 'y'.repeat(1000) })
  const ledger = openLedger(path, HEAD, () => {}, { ballastBytes: 8 * MB })
  assert.equal(statSync(`${path}.ballast`).size, 8 * MB)
  ledger.append([line])
  assert.throws(() => writeFileSync(join(dir, 'filler'), Buffer.alloc(16 * MB)), /ENOSPC/)
  assert.equal(ledger.isFull(), false)
  // The last page of the file still has some room.
  let count = 1
  for (; !ledger.isFull() && count < 20; count++) ledger.append([line])
  assert.equal(ledger.isFull(), true)
  assert.equal(existsSync(`${path}.ballast`), false)
  for (let i = 0; i < 1000; i++) ledger.append([line])
  const lines = readFileSync(path, 'utf8').split('\n')
  assert.equal(lines.length, 1 + count + 1000 + 1)
  assert.ok(lines.slice(1, -1).every(each => unseal(each).text === line))
  assert.throws(() => {
    for (;;) ledger.append(Array.from({ length: 1000 }, () => line))
  }, /cannot be written, nothing was traded: ENOSPC/)
  assert.ok(
    readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .every((each, i) => i === 0 || unseal(each).text === line),
    'whole lines only',
  )
  ledger.close()
})

test('without a ballast a paper ledger is as before', t => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-ballast-'))
  t.after(() => rmSync(dir, { recursive: true }))
  const path = join(dir, 'paper.ndjson')
  openLedger(path, { ...HEAD, mode: 'paper' }, () => {}).close()
  assert.equal(existsSync(`${path}.ballast`), false)
})
