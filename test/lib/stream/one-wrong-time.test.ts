import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { registry } from '../../../cmd/registry.ts'
import { preparePipeline } from '../../../lib/cli/fused.ts'
import { splitPipeline } from '../../../lib/cli/pipeline.ts'
import { openStages } from '../../../lib/cli/prepare.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { parseLine } from '../../../lib/stream/parse.ts'
import { pump } from '../../../lib/stream/run.ts'
import { sluice } from '../../kit/proc.ts'

/**
 * The law of time for every step with a clock, and for the whole line: one line whose time is wrong
 * changes nothing but itself, wherever it stands, whichever token it is of and however lines are
 * batched.
 */
const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000]
const [LEAST, MOST] = [0, 9_999_999_999_999]
const LOOSE = 'gate --weights x=1 --without holders,top10,lp-burned,freeze,mint,age'
const ALL = 'features --every 0 --sets pool,tabular,sequence,regime,whales --smart-ranking 20'
const PIPES = [
  'quality',
  ALL,
  'strategy',
  `features --sets pool | strategy | ${LOOSE}`,
  `features --sets pool | strategy | ${LOOSE} --only-passed`,
  `features --sets pool | strategy | ${LOOSE} | execute --time-stop 20m`,
  'features --sets pool | label --horizons h1,n10,path --every 1m',
]

let lines: string[] = []
const home = mkdtempSync(join(tmpdir(), 'sluice-time-'))
after(() => rmSync(home, { recursive: true }))
before(async () => {
  const words = ['discover', '--source', 'sim', '--seed', 'time', '--days', '0.12', '--quiet']
  const made = await sluice([...words, '--tick', '60s'])
  const all = made.stdout.split('\n').slice(0, -1)
  const raws = all.filter((raw, i) => i % 5 === 0 || !raw.includes('"kind":"trade"'))
  // An opinion on every seventh market line, so that there is something to decide and to trade.
  lines = raws.map((raw, i) => {
    const rec: Rec = JSON.parse(raw)
    const score = { x: { value: 0.7 + 0.3 * ((i % 10) / 10), at: rec.ts } }
    return rec.kind === 'market' && i % 7 === 0 ? JSON.stringify({ ...rec, score }) : raw
  })
})

/** Output of a pipe in this process; `chunk` lines are read at once. */
async function through(pipe: string, raws: readonly string[], chunk = 64): Promise<string[]> {
  const signal = new AbortController().signal
  const around = { env: { SLUICE_HOME: home }, commands: Object.keys(registry), signal }
  const steps = await preparePipeline(splitPipeline(pipe), registry, {
    ...around,
    isDeterministic: true,
  })
  for (const { ctx } of steps) ctx.log.warn = () => {}
  const out: string[] = []
  const sink = {
    write: () => undefined,
    lines: (made: readonly { raw: string }[]) => void out.push(...made.map(({ raw }) => raw)),
    isClosed: () => false,
  }
  async function* source() {
    for (let at = 0; at < raws.length; at += chunk)
      yield raws.slice(at, at + chunk).map((raw, i) => parseLine(raw, at + i + 1))
  }
  await pump(source(), await openStages(steps), sink)
  return out
}

const isMarked = (raw: string): boolean => raw.includes('"marks":["time-jump"]')

/** A line like the one at `at`, or a tick, with another id and time. */
function wrongLine(at: number, ts: number, isTick: boolean, no: number): string {
  const rec: Rec = JSON.parse(lines[at]!)
  const head = { v: 1, id: `wrong:${no}`, ts, source: 'x' }
  return JSON.stringify(isTick ? { ...head, kind: 'tick' } : { ...rec, ...head })
}

const wrong = fc.record({
  at: fc.nat(),
  far: fc.oneof(
    fc.integer({ min: HOUR + 10 * MINUTE, max: 3 * DAY }),
    fc.integer({ min: DAY, max: 40 * 365 * DAY }),
    fc.constant(Number.MAX_SAFE_INTEGER),
  ),
  isAhead: fc.boolean(),
  isTick: fc.boolean(),
})

/** The lines with wrong ones put in, never two within three lines. */
function damaged(places: readonly (typeof wrong extends fc.Arbitrary<infer T> ? T : never)[]) {
  const all = [...lines]
  const taken = places
    .map(({ at, ...rest }) => ({ ...rest, at: 1 + (at % (lines.length - 1)) }))
    .sort((a, b) => b.at - a.at)
    .filter(({ at }, i, sorted) => i === 0 || sorted[i - 1]!.at - at > 3)
  for (const [no, { at, far, isAhead, isTick }] of taken.entries()) {
    const { ts } = JSON.parse(lines[at]!) as Rec
    const moved = Math.max(LEAST, Math.min(MOST, isAhead ? ts + far : ts - far))
    all.splice(at, 0, wrongLine(at, moved, isTick, no))
  }
  return { all, wrongs: taken.length }
}

for (const pipe of PIPES)
  test(`${pipe}: wrong times change nothing but their own lines`, async () => {
    const clean = await through(pipe, lines)
    assert.ok(clean.length > 0, 'it said nothing: the law would hold for any step')
    const passes = !/execute|label/.test(pipe)
    await fc.assert(
      fc.asyncProperty(
        fc.array(wrong, { minLength: 1, maxLength: 8 }),
        fc.constantFrom(1, 7, 64, 1000),
        async (places, chunk) => {
          const { all, wrongs } = damaged(places)
          const out = await through(pipe, all, chunk)
          assert.deepEqual(
            out.filter(raw => !isMarked(raw)),
            clean,
          )
          assert.equal(out.filter(isMarked).length, passes ? wrongs : 0)
        },
      ),
      { numRuns: 4 },
    )
  })

test('a gap costs one line; what the whole market is like is not told for an hour', async () => {
  // More tokens trade later on: by time this is before the middle.
  const at = Math.floor(lines.length / 5)
  const moved = (raw: string): string => {
    const rec: Rec = JSON.parse(raw)
    return JSON.stringify({ ...rec, ts: rec.ts + 30 * DAY })
  }
  const out = await through(ALL, [...lines.slice(0, at), ...lines.slice(at).map(moved)])
  assert.equal(out.filter(isMarked).length, 1)
  assert.ok(isMarked(out[at]!))
  const since = (JSON.parse(out[at]!) as Rec).ts
  const told = out
    .slice(at)
    .map(raw => JSON.parse(raw) as Rec)
    .filter(({ features }) => features?.regime !== undefined)
  const early = told.filter(({ ts }) => ts < since + HOUR - MINUTE)
  assert.ok(early.length > 0 && early.every(({ features }) => features!.regime!.ready === false))
  assert.ok(told.some(({ ts, features }) => ts > since + HOUR && features!.regime!.ready))
})

const STATEFUL = [
  'features --every 0 --sets pool,regime',
  'features --sets pool | label --horizons h1,n10 --every 1m',
  `features --sets pool | strategy | ${LOOSE} | execute`,
]
for (const pipe of STATEFUL)
  test(`${pipe}: stopped behind a wrong line, it goes on as if it never had`, async () => {
    const part = lines.slice(0, 900)
    const wrongs = [part.length - 300, 300].map((at, no) => ({ at, no }))
    const all = [...part]
    for (const { at, no } of wrongs)
      all.splice(at, 0, wrongLine(at, (JSON.parse(part[at]!) as Rec).ts + 90 * DAY, no === 0, no))
    const dir = mkdtempSync(join(home, 'state-'))
    const kept = pipe
      .replace(/^features --every 0/, `$& --state ${dir}/features`)
      .replace(/label/, `$& --state ${dir}/label`)
      .replace(/execute/, `$& --ledger ${dir}/ledger.ndjson`)
    // Only the last step is stopped: what it reads is the whole output of those before it.
    const stages = kept.split(' | ')
    const fed = stages.length === 1 ? all : await through(stages.slice(0, -1).join(' | '), all)
    const last = stages.at(-1)!
    const cut = 301
    const out = [
      ...(await through(last, fed.slice(0, cut))),
      ...(await through(last, fed.slice(cut))),
    ]
    assert.ok(isMarked(fed[cut - 1]!) || stages.length === 1)
    assert.deepEqual(out, await through(pipe, all))
  })

test('a wrong time moves no day of a journal, the first one neither', async () => {
  const days = (): string[] =>
    readdirSync(join(home, 'journal', 'days'))
      .filter(isDay)
      .sort()
  const isDay = (file: string): boolean => file.endsWith('.ndjson')
  const part = lines.slice(0, 50)
  const { ts } = JSON.parse(part[0]!) as Rec
  const odd = (no: number, far: number): string => wrongLine(10 + no, ts + far, no === 1, no)
  const input = [odd(0, 900 * DAY), ...part, odd(1, 400 * DAY), odd(2, -400 * DAY), lines[50]!]
  const out = await through('journal days --min-free 0B', input)
  assert.deepEqual(days(), [`${new Date(ts).toISOString().slice(0, 10)}.ndjson`])
  const written = readFileSync(join(home, 'journal', 'days', days()[0]!), 'utf8').split('\n')
  assert.equal(out.length, input.length)
  assert.equal(written.length - 1, input.length)
})
