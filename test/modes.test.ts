import assert from 'node:assert/strict'
import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { sh } from './kit/proc.ts'

/** Mode of everything below a folder, by its path from there. */
function modesIn(dir: string, from = ''): [string, number][] {
  return readdirSync(join(dir, from)).flatMap(name => {
    const path = join(from, name)
    const found = lstatSync(join(dir, path))
    const below = found.isDirectory() ? modesIn(dir, path) : []
    return [[path, found.mode & 0o777] as [string, number], ...below]
  })
}

/** A home after a day of trading on paper, its journals, and two loads of the database. */
async function homeOf(t: TestContext, flag: string): Promise<[string, number][]> {
  const home = mkdtempSync(join(tmpdir(), 'sluice-modes-'))
  t.after(() => rmSync(home, { recursive: true }))
  const line =
    `discover --source sim --days 0.1 --seed 7 | journal events --min-free 0B ${flag} ` +
    `| features --sets pool | strategy | gate | execute --ledger home ${flag} ` +
    `| journal trades --min-free 0B ${flag} > /dev/null && sluice sync ${flag} ` +
    `&& sluice sync ${flag}`
  const done = await sh(`umask 022; ${line}`, { home })
  assert.equal(done.code, 0, done.stderr)
  const modes = modesIn(home)
  for (const path of ['ledger/paper.ndjson', 'sluice.duckdb', 'journal/events'])
    assert.ok(
      modes.some(([name]) => name === path),
      `${path} is there`,
    )
  return modes
}

test('what tells what is held or traded is for its owner only', async t => {
  for (const [path, mode] of await homeOf(t, ''))
    assert.equal(mode & 0o077, 0, `${path} is ${mode.toString(8)}`)
})

test('--shared leaves it to the umask', async t => {
  const modes = new Map(await homeOf(t, '--shared'))
  assert.equal(modes.get('ledger/paper.ndjson'), 0o644)
  assert.equal(modes.get('journal/events'), 0o755)
  assert.equal(modes.get('sluice.duckdb'), 0o644)
})
