import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { anchorsOf, faultsOf, linksOf } from '../lib/dev/docs/docs-pages.ts'
import { testEnv } from './kit/proc.ts'

/** A shell block of a page, and what the page says of how it is run. */
interface Block {
  text: string
  /** `install`: by make test-install; `endless`: until it is stopped. */
  run: 'here' | 'install' | 'endless'
}

/** Words before a block that say how it is run. */
const HOW = { 'run by make test-install': 'install', 'runs until stopped': 'endless' } as const

function blocksOf(page: string): Block[] {
  const block = /(?:<!-- ([a-z -]+) -->\n)?^```(?:sh|bash|shell)\n([\s\S]*?)^```/gm
  return [...readFileSync(page, 'utf8').matchAll(block)].map(([, how, text]) => ({
    text: text!,
    run: HOW[how as keyof typeof HOW] ?? 'here',
  }))
}

/** Nine days of 5-minute bars, a random walk from a fixed seed: what a reader’s own file holds. */
function candles(): string {
  let [price, state] = [60_000, 12_345]
  const chance = (): number => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31
  const rows = ['timestamp,open,high,low,close,volume']
  for (let i = 0; i < 2500; i++) {
    const close = price * (1 + (chance() - 0.5) / 100)
    const [low, high] = [Math.min(price, close) * 0.999, Math.max(price, close) * 1.001]
    const cells = [price, high, low, close].map(value => value.toFixed(2))
    rows.push(`${1_733_011_200_000 + i * 300_000},${cells.join(',')},${(chance() * 90).toFixed(3)}`)
    price = Number(cells[3])
  }
  return `${rows.join('\n')}\n`
}

interface Ended {
  code: number | null
  stderr: string
}

/** Runs a block as a reader would paste it; an endless one is asked to end after some seconds. */
async function run(block: Block, folder: string): Promise<Ended> {
  const child = spawn('bash', ['-c', `set -euo pipefail\n${block.text}`], {
    cwd: folder,
    env: { ...testEnv(join(folder, 'home')), XDG_DATA_HOME: join(folder, 'xdg') },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  })
  const end = (signal: NodeJS.Signals): void => {
    try {
      process.kill(-child.pid!, signal)
    } catch {
      // It has ended by itself.
    }
  }
  const soft = block.run === 'endless' ? setTimeout(() => end('SIGTERM'), 20_000) : undefined
  const hard = setTimeout(() => end('SIGKILL'), 120_000)
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => (stderr = (stderr + chunk).slice(-20_000)))
  const code = await new Promise<number | null>(resolve => child.on('close', resolve))
  clearTimeout(soft)
  clearTimeout(hard)
  return { code, stderr }
}

for (const page of ['README.md', 'pipelines/README.md'])
  test(`every shell block of ${page} runs as it stands, one after the other`, async t => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-page-'))
    t.after(() => rmSync(folder, { recursive: true, force: true }))
    writeFileSync(join(folder, 'BTCUSDT.csv'), candles())
    symlinkSync(resolve('pipelines'), join(folder, 'pipelines'))
    const blocks = blocksOf(page)
    assert.ok(blocks.length > 2, 'the page has shell blocks')
    for (const block of blocks.filter(each => each.run !== 'install')) {
      const { code, stderr } = await run(block, folder)
      const isFine = code === 0 || (block.run === 'endless' && (code === 143 || code === 130))
      assert.ok(isFine, `exit ${code} of\n${block.text}\n${stderr}`)
    }
  })

test('links and anchors are found where they are, and code is no link', () => {
  const text = '# A b, `c`!\n[x](y.md#a-b-c) ![p](q.svg) `[n](no)`\n```sh\n[m](no)\n```\n'
  assert.deepEqual(linksOf(text), ['y.md#a-b-c', 'q.svg'])
  assert.deepEqual([...anchorsOf(text)], ['a-b-c'])
})

test('a page with a dead link or anchor is told', t => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-links-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const [page, other] = [join(folder, 'a.md'), join(folder, 'b.md')]
  writeFileSync(other, '# Here\n')
  writeFileSync(page, '[1](b.md#here) [2](b.md#there) [3](c.md) [4](https://example.org/x)\n')
  assert.deepEqual(faultsOf([page]), [
    `${page}: b.md#there: no such heading`,
    `${page}: c.md: there is no such file`,
  ])
})
