import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { makeRng, type Rng } from '../../../lib/rng.ts'
import { makeJournal } from '../../../lib/store/journal.ts'
import type { Step } from '../../../lib/stream/step.ts'
import { feed, freshHome, market, START } from './lines.ts'
import { bundle, ended, runs, sleep, start } from './program.ts'

let program = ''
before(async () => {
  program = await bundle('crash-handover')
})

const lines = Array.from({ length: 3000 }, (_, i) => market(i, START + i * 5000))

function decisions(home: string): string[] {
  const dir = join(home, 'journal', 'decisions')
  if (!existsSync(dir)) return []
  const days = readdirSync(dir)
    .filter(file => file.endsWith('.ndjson'))
    .sort()
  return days.flatMap(day => readFileSync(join(dir, day), 'utf8').split('\n').slice(0, -1))
}

/** `discover --source journal events --after decisions | journal decisions`, one of them killed after a while. */
async function live(home: string, rng: Rng, victim: 'source' | 'sink' | 'none'): Promise<void> {
  const flags = ['--follow', '--after', 'decisions', '--warm', '1h']
  const source = start(program, home, ['discover', '--source', 'journal', 'events', ...flags])
  const sink = start(program, home, ['journal', 'decisions', '--min-free', '0B'])
  source.stdout?.pipe(sink.stdin as NodeJS.WritableStream)
  for (const stream of [sink.stdin, source.stdout]) stream?.on('error', () => source.kill('SIGKILL'))
  sink.stdout?.resume()
  const both = Promise.all([ended(source), ended(sink)])
  if (victim === 'none') {
    while (!decisions(home).includes(lines.at(-1)?.raw ?? '') && source.exitCode === null) await sleep(50)
    source.kill('SIGTERM')
    const [first, second] = await both
    assert.deepEqual([first.code, second.code], [143, 0], first.stderr + second.stderr)
    return
  }
  await sleep(300 + rng.below(450))
  ;(victim === 'source' ? source : sink).kill('SIGKILL')
  sink.once('close', () => source.kill('SIGKILL'))
  await both
}

/** Events come while the next stage reads them. */
async function write(events: Step, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += 10) {
    feed(events, lines.slice(at, at + 10))
    await sleep(16)
  }
}

test('kill -9 of either side of a hand-over: every event is in the next journal once', {
  timeout: 3_600_000,
}, async t => {
  let between = 0
  for (let seed = 1; seed <= runs(2); seed++) {
    const rng = makeRng(`crash-handover-${seed}`)
    const home = freshHome()
    const events = makeJournal({ home, name: 'events', fsyncMs: 1000, minFree: 0, recall: 0 })
    for (let at = 0; at < lines.length; at += 500) {
      const writing = write(events, at, at + 500)
      await live(home, rng, rng.next() < 0.5 ? 'source' : 'sink')
      const { length } = decisions(home)
      if (length > 0 && length % 500 !== 0) between++
      await writing
    }
    events.close?.()
    await live(home, rng, 'none')
    assert.deepEqual(
      decisions(home),
      lines.map(line => line.raw),
      `seed ${seed}`,
    )
  }
  t.diagnostic(`${between} kills in the middle of the stream`)
})
