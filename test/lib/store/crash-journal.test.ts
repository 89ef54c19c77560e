import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeRng, type Rng } from '../../../lib/base/rng.ts'
import { freshHome, market, START, stored } from './lines.ts'
import { ended, runs, sleep, start } from './program.ts'

const LINES = 1500

/** Lines of very different length over two days. */
function makeLines(rng: Rng): string[] {
  return Array.from({ length: LINES }, (_, i) => {
    const filler = 'x'.repeat(rng.next() < 0.05 ? rng.below(3900) : rng.below(60))
    return market(i, START + i * 10_000, { token: { description: filler } }).raw
  })
}

/**
 * Sends lines from `from` on in pieces that cut lines anywhere, until all are sent or the child is
 * gone.
 */
async function send(
  child: ChildProcess,
  lines: readonly string[],
  from: number,
  rng: Rng,
): Promise<void> {
  const text = `${lines.slice(from).join('\n')}\n`
  child.stdin?.on('error', () => {})
  for (let at = 0; at < text.length && child.exitCode === null && child.signalCode === null; ) {
    const size = 1 + rng.below(8000)
    child.stdin?.write(text.slice(at, at + size))
    at += size
    if (rng.next() < 0.5) await sleep(rng.below(3))
  }
  child.stdin?.end()
}

/** One life of the journal; returns how many lines it acknowledged and whether all went well. */
async function live(
  home: string,
  lines: readonly string[],
  from: number,
  rng: Rng,
  isLast: boolean,
): Promise<number> {
  const child = start(home, ['journal', 'events', '--min-free', '0B'])
  let out = ''
  child.stdout?.on('data', data => {
    out += data
  })
  const done = ended(child)
  const sending = send(child, lines, from, rng)
  if (!isLast) {
    while (out === '' && child.exitCode === null) await sleep(1)
    await sleep(rng.below(40))
    // A reader that has stopped: the pipe fills, and what is written then is not acknowledged.
    if (rng.next() < 0.5) child.stdout?.pause()
    await sleep(rng.below(40))
    child.kill('SIGKILL')
    child.stdout?.resume()
  }
  const { code, stderr } = await done
  await sending
  if (isLast) assert.equal(code, 0, stderr)
  const acknowledged = out.split('\n').slice(0, -1)
  assert.deepEqual(acknowledged, lines.slice(from, from + acknowledged.length))
  return acknowledged.length
}

function journaled(home: string): string[] {
  const dir = join(home, 'journal', 'events')
  const days = readdirSync(dir)
    .filter(file => file.endsWith('.ndjson'))
    .sort()
  return days.flatMap(day => stored(readFileSync(join(dir, day), 'utf8')))
}

test('kill -9 of journal: what was acknowledged is there, once, in order', {
  timeout: 3_600_000,
}, async t => {
  let kills = 0
  let resent = 0
  for (let seed = 1; seed <= runs(8); seed++) {
    const rng = makeRng(`crash-journal-${seed}`)
    const home = freshHome()
    const lines = makeLines(rng)
    let from = 0
    for (let life = 0; life < 3 && from < LINES; life++) {
      from += await live(home, lines, from, rng, false)
      kills++
      const kept = journaled(home)
      assert.deepEqual(
        kept.slice(0, from),
        lines.slice(0, from),
        `seed ${seed}: an acknowledged line is missing`,
      )
      resent += Math.max(0, kept.length - from)
    }
    await live(home, lines, from, rng, true)
    assert.deepEqual(journaled(home), lines, `seed ${seed}`)
  }
  t.diagnostic(
    `${kills} kills; ${resent} lines were written but not acknowledged, came again and ` +
      'stayed single',
  )
})
