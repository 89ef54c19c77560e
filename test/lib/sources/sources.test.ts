import assert from 'node:assert/strict'
import { test } from 'node:test'
import { discoverOver } from '../../../cmd/discover.ts'
import { UsageError } from '../../../lib/base/errors.ts'
import { int } from '../../../lib/base/flags.ts'
import type { SourceCommand } from '../../../lib/cli/command.ts'
import { sourceKind, speed } from '../../../lib/sources/source.ts'
import { SOURCES, sourceFlags } from '../../../lib/sources/sources.ts'
import { makeLine } from '../../../lib/stream/line.ts'
import { contextOf } from '../../kit/step.ts'

/** As a stranger would write it: so many ticks, a second apart. */
const ticking = sourceKind({
  name: 'ticking',
  summary: 'ticks a second apart',
  gives: ['tick'],
  needs: 'nothing',
  flags: { ticks: int('how many', { default: 3, min: 0 }), speed },
  hasFiles: false,
  make: ({ flags }) => ({
    async *lines() {
      const at = (i: number) => ({
        v: 1 as const,
        id: `tick:${i}`,
        ts: 1000 * i,
        source: 'ticking',
      })
      yield Array.from({ length: flags.ticks }, (_, i) => makeLine({ ...at(i), kind: 'tick' }))
    },
  }),
})
const all = [...SOURCES, ticking]

async function run(flags: object): Promise<string[]> {
  const command = discoverOver(all) as SourceCommand<any>
  const source = await command.make(contextOf(command, flags as never))
  const out: string[] = []
  for await (const batch of source.lines(new AbortController().signal))
    for (const { raw } of batch) out.push(raw)
  return out
}

test('a source from elsewhere is opened by its name, with its flags, and listed', async () => {
  assert.equal((await run({ source: 'ticking', ticks: 2 })).length, 2)
  const rows = (await run({ listSources: true })).map(raw => JSON.parse(raw))
  const row = rows.find(({ source }) => source === 'ticking')
  assert.deepEqual(row, {
    source: 'ticking',
    summary: 'ticks a second apart',
    gives: ['tick'],
    needs: 'nothing',
    flags: ['--ticks', '--speed'],
  })
})

test('a flag of another source is refused with the names of those that have it', async () => {
  const refusal = (text: RegExp) => (error: unknown) =>
    error instanceof UsageError && text.test(error.message)
  const wrong = (flags: object): Promise<string[]> => run({ source: 'ticking', ...flags })
  await assert.rejects(wrong({ seed: '7' }), refusal(/^--seed is for --source sim, not ticking$/))
  const several = /^--order is for --source replay or ohlcv, not ticking$/
  await assert.rejects(wrong({ order: 'time' }), refusal(several))
  await assert.rejects(
    run({ source: 'sim', ticks: 1 }),
    refusal(/^--ticks is for --source ticking/),
  )
})

test('each flag stands under its source, once; what several have stands apart', () => {
  const flags = sourceFlags(all)
  assert.equal(flags.seed?.group, 'Flags of --source sim')
  assert.equal(flags.ticks?.group, 'Flags of --source ticking')
  for (const name of ['order', 'speed', 'interval', 'candles', 'tick', 'state'])
    assert.equal(flags[name]?.group, 'Flags of several sources', name)
})

test('two sources that declare a flag of one name apart are refused', () => {
  const again = { ...ticking, name: 'again', flags: { ticks: int('others', { default: 1 }) } }
  assert.throws(() => sourceFlags([...all, again]), /another source has a flag ticks of its own/)
  const taking = sourceKind({ ...ticking, flags: { source: int('own', { default: 1 }) } } as never)
  assert.throws(() => discoverOver([...SOURCES, taking]), /ticking: .* flag source/)
})
