import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeRng, type Rng } from '../../../lib/base/rng.ts'
import { makeJournal } from '../../../lib/store/journal/journal.ts'
import { feed, freshHome, market, START, stored } from './lines.ts'
import { ended, runs, sleep, start } from './program.ts'

const lines = Array.from({ length: 6000 }, (_, i) => market(i, START + i * 3000))

function decisions(home: string): string[] {
  const dir = join(home, 'journal', 'decisions')
  if (!existsSync(dir)) return []
  const days = readdirSync(dir)
    .filter(file => file.endsWith('.ndjson'))
    .sort()
  return days.flatMap(day => stored(readFileSync(join(dir, day), 'utf8')))
}

/**
 * `discover --source journal events --after decisions | journal decisions`, one of them killed
 * after a while.
 */
async function live(home: string, rng: Rng, victim: 'source' | 'sink' | 'none'): Promise<void> {
  const flags = ['--follow', '--after', 'decisions', '--warm', '1h']
  const source = start(home, ['discover', '--source', 'journal', 'events', ...flags])
  const sink = start(home, ['journal', 'decisions', '--min-free', '0B'])
  source.stdout?.pipe(sink.stdin as NodeJS.WritableStream)
  for (const stream of [sink.stdin, source.stdout])
    stream?.on('error', () => source.kill('SIGKILL'))
  sink.stdout?.resume()
  const both = Promise.all([ended(source), ended(sink)])
  if (victim === 'none') {
    while (!decisions(home).includes(lines.at(-1)?.raw ?? '') && source.exitCode === null)
      await sleep(50)
    source.kill('SIGTERM')
    const [first, second] = await both
    assert.deepEqual([first.code, second.code], [143, 0], first.stderr + second.stderr)
    return
  }
  const { length } = decisions(home)
  for (let i = 0; i < 1000 && decisions(home).length === length && source.exitCode === null; i++)
    await sleep(5)
  await sleep(rng.below(60))
  ;(victim === 'source' ? source : sink).kill('SIGKILL')
  sink.once('close', () => source.kill('SIGKILL'))
  await both
}

/** Writes events until told to stop. */
function makeWriter(home: string) {
  const events = makeJournal({ home, name: 'events', fsync: 1000, minFree: 0, recall: 0 })
  let written = 0
  const timer = setInterval(() => {
    feed(events, lines.slice(written, written + 5))
    written = Math.min(written + 5, lines.length)
  }, 5)
  return {
    written: () => written,
    finish() {
      clearInterval(timer)
      feed(events, lines.slice(written))
      events.close?.()
    },
  }
}

test('kill -9 of either side of a hand-over: every event is in the next journal once', {
  timeout: 3_600_000,
}, async t => {
  let between = 0
  for (let seed = 1; seed <= runs(2); seed++) {
    const rng = makeRng(`crash-handover-${seed}`)
    const home = freshHome()
    const writer = makeWriter(home)
    for (let life = 0; life < 4; life++) {
      await live(home, rng, rng.next() < 0.5 ? 'source' : 'sink')
      const { length } = decisions(home)
      if (length > 0 && length < writer.written()) between++
    }
    writer.finish()
    await live(home, rng, 'none')
    assert.deepEqual(
      decisions(home),
      lines.map(line => line.raw),
      `seed ${seed}`,
    )
  }
  t.diagnostic(`${between} kills with events on the way`)
})
