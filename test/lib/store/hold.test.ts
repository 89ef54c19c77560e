import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { TemporaryError } from '../../../lib/base/errors.ts'
import { holdFile, holdFolder, holdForLife, isHeld, takeLock } from '../../../lib/store/hold.ts'
import { holdWallet } from '../../../lib/trade/ledger/wallet-hold.ts'

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-hold-'))
  t.after(() => rmSync(dir, { recursive: true }))
  return dir
}

/** Holds a file by its name, as a writer would; its descriptor, or the words of the refusal. */
function hold(path: string, onWeak?: (text: string) => void): number | string {
  const fd = openSync(path, 'a')
  try {
    holdFile(fd, path, onWeak)
    return fd
  } catch (error) {
    closeSync(fd)
    assert.ok(error instanceof TemporaryError, String(error))
    return error.message
  }
}
const isRefused = (found: number | string): boolean =>
  typeof found === 'string' && /has its writer already/.test(found)

test('a file is held by what it is: another name of it is the same file, a copy is not', t => {
  const dir = folder(t)
  const [path, link, hard, copy] = ['l', 'm', 'h', 'c'].map(name => join(dir, name)) as [
    string,
    string,
    string,
    string,
  ]
  const fd = hold(path)
  assert.ok(typeof fd === 'number')
  symlinkSync(path, link)
  linkSync(path, hard)
  writeFileSync(copy, '')
  for (const name of [path, link, hard]) {
    const found = hold(name)
    assert.ok(isRefused(found), `${name}: ${found}`)
    if (process.platform === 'linux') assert.match(String(found), /this process/)
  }
  const other = hold(copy)
  assert.ok(typeof other === 'number')
  closeSync(other)
  closeSync(fd)
  const again = hold(link)
  assert.ok(typeof again === 'number', 'it is free when its descriptor is closed')
  closeSync(again)
})

test('a folder is held by what it is', t => {
  const dir = folder(t)
  mkdirSync(join(dir, 'a'))
  symlinkSync(join(dir, 'a'), join(dir, 'b'))
  const held = holdFolder(join(dir, 'a'))
  assert.throws(() => holdFolder(join(dir, 'b')), /has its writer already/)
  held.release()
  holdFolder(join(dir, 'b')).release()
})

/** Locks of keep, learn, budgets, retraining, states of steps: all are this one. */
test('a role in a folder is held under every name; what a dead process left holds nothing', t => {
  const dir = folder(t)
  const lock = join(dir, '.learn.lock')
  mkdirSync(join(dir, 'a'))
  symlinkSync(join(dir, 'a'), join(dir, 'b'))
  const ends: (() => void)[] = []
  const cases: [what: string, make: () => void, isFree: boolean][] = [
    ['a file that is left', () => writeFileSync(lock, `${process.pid}\n`), true],
    ['one of a running process id', () => writeFileSync(join(dir, '.learn.1.1'), '1\n'), true],
    ['a copy of a held one', () => ends.push(takeLock(join(dir, 'a'), 'learn').release), true],
    ['a link to a held one', () => symlinkSync(join(dir, 'a/.learn.lock'), lock), false],
    ['a hard link', () => linkSync(join(dir, 'a/.learn.lock'), lock), false],
  ]
  for (const [what, make, isFree] of cases) {
    if (!isFree) rmSync(lock)
    make()
    const take = () => takeLock(dir, 'learn').release()
    if (isFree) take()
    else assert.throws(take, /has its learn already/, what)
  }
  assert.throws(() => takeLock(join(dir, 'b'), 'learn'), /has its learn already/, 'by a link')
  assert.equal(isHeld(join(dir, 'a/.learn.lock')), true)
  for (const end of ends) end()
  assert.equal(isHeld(join(dir, 'a/.learn.lock')), false)
  takeLock(join(dir, 'b'), 'learn').release()
})

/** A process that holds a file and says so, in another pid namespace where `apart`. */
async function holderOf(path: string, apart: boolean) {
  const program = ['flock', path, 'sh', '-c', 'echo held; exec sleep 30']
  const [file, ...args] = apart
    ? ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc', ...program]
    : program
  const child = spawn(file!, args, { stdio: ['ignore', 'pipe', 'ignore'], detached: true })
  child.on('error', () => {})
  const said = await Promise.race([once(child.stdout, 'data'), once(child, 'close')])
  const hasIt = String(said[0]).includes('held')
  return { hasIt, end: () => hasIt && process.kill(-child.pid!, 'SIGKILL'), child }
}

for (const apart of [false, true])
  test(`held by a process${apart ? ' of another pid namespace' : ''}, until killed`, async t => {
    const path = join(folder(t), 'l')
    writeFileSync(path, '')
    const { hasIt, end, child } = await holderOf(path, apart)
    if (!hasIt) return t.skip('flock or unshare cannot be used here')
    const refused = hold(path)
    assert.ok(isRefused(refused), String(refused))
    if (!apart) assert.match(String(refused), /process \d+ \(.*(flock|sleep).*\)/)
    const closed = once(child, 'close')
    end()
    await closed
    let fd = hold(path)
    for (let tries = 0; typeof fd === 'string' && tries < 50; tries++) {
      await new Promise(resolve => setTimeout(resolve, 20))
      fd = hold(path)
    }
    assert.ok(typeof fd === 'number', String(fd))
    closeSync(fd)
  })

test('without a program that asks the kernel: refused for money, else told', t => {
  const path = join(folder(t), 'l')
  const { PATH } = process.env
  process.env.PATH = folder(t)
  t.after(() => (process.env.PATH = PATH))
  assert.match(String(hold(path)), /neither flock nor perl is on PATH\); install flock/)
  const told: string[] = []
  const fd = hold(path, text => told.push(text))
  assert.ok(typeof fd === 'number')
  assert.match(told.join(), /noticed only under this name/)
  assert.match(String(hold(path, () => {})), /already/)
  closeSync(fd)
})

test('perl does where flock is missing', t => {
  const path = join(folder(t), 'l')
  const bin = folder(t)
  const perl = ['/usr/bin/perl', '/bin/perl', '/usr/local/bin/perl'].find(each => {
    try {
      closeSync(openSync(each, 'r'))
      return true
    } catch {
      return false
    }
  })
  if (perl === undefined) return t.skip('there is no perl here')
  symlinkSync(perl, join(bin, 'perl'))
  const { PATH } = process.env
  process.env.PATH = bin
  t.after(() => (process.env.PATH = PATH))
  const fd = hold(path)
  assert.ok(typeof fd === 'number', String(fd))
  assert.ok(isRefused(hold(path)))
  holdFolder(bin).release()
  closeSync(fd)
})

test('a wallet has one process, whatever home it trades from', t => {
  const env = { XDG_STATE_HOME: folder(t) }
  const one = holdWallet('WaLLet1', env)
  assert.throws(() => holdWallet('WaLLet1', env), /WaLLet1\.lock has its writer already/)
  holdWallet('WaLLet2', env).release()
  one.release()
  holdWallet('WaLLet1', env).release()
  const nowhere = { XDG_STATE_HOME: join(env.XDG_STATE_HOME, 'sluice/wallets/WaLLet1.lock') }
  assert.throws(() => holdWallet('WaLLet1', nowhere), TemporaryError)
})

test('a key file has one process too, and one that is not there is for others to tell', t => {
  const key = join(folder(t), 'key.json')
  holdForLife(key, 'user')
  writeFileSync(key, '[]', { mode: 0o600 })
  holdForLife(key, 'user')
  assert.throws(() => holdForLife(key, 'user'), /key\.json has its user already: this process/)
})
