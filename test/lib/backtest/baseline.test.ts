import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type BaselineOptions, runBaseline } from '../../../lib/backtest/run-baseline.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-baseline-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** Midnight of 2023-11-15 UTC. */
const START = 1_700_006_400_000
const DAYS = 20

/**
 * Each day a buy at 1 on the first bar, a sale on the second, filled at the open of the third: 1.25
 * on even days, 0.75 on odd ones. The model of the recording knows which.
 */
function recording(): string {
  const lines: object[] = []
  for (let day = 0; day < DAYS; day++)
    for (const bar of [0, 1, 2]) {
      const isGood = day % 2 === 0
      const openAt = START + day * DAY + bar * 6 * HOUR
      const open = bar < 2 ? 1 : isGood ? 1.25 : 0.75
      lines.push({
        v: 1,
        id: `c:${day}:${bar}`,
        ts: openAt + 6 * HOUR,
        kind: 'candle',
        mint: 'M',
        source: 't',
        candle: {
          intervalMs: 6 * HOUR,
          openAt,
          open,
          high: Math.max(open, 1),
          low: Math.min(open, 1),
          close: 1,
          volume: 1e6,
          currency: 'sol',
          trades: 5,
        },
        ...(bar === 0 && {
          prediction: { sequence: { version: '1', profitable: isGood ? 1 : 0, rugRisk: 0 } },
        }),
        ...(bar < 2 && {
          strategy: { s: { signal: bar === 0 ? 'buy' : 'sell', confidence: 1, reasons: [] } },
        }),
      })
    }
  return lines.map(line => `${JSON.stringify(line)}\n`).join('')
}

const file = join(folder, 'days.ndjson')
writeFileSync(file, recording())

const GATE = 'gate --size 1 --max-size 1'
const EXECUTE =
  'execute --cash 10 --slippage-bps 0 --pool-fee-bps 0 --network-fee 0 --priority-fee 0 ' +
  '--max-priority-fee 0 --rent 0 --revert-rate 0 --expire-rate 0 --jitter 0 --stop-loss 1 ' +
  '--take-profit none --trailing-stop 1 --time-stop 30d --sell-slippage-bps 9000 ' +
  '--max-drawdown 1 --max-daily-loss 10 --max-streak 100'
const WITH = `${GATE} | ${EXECUTE}`
const WITHOUT = `${GATE} --no-use-ml | ${EXECUTE}`

const OPTIONS: BaselineOptions = {
  pipeline: WITH,
  baseline: WITHOUT,
  files: [file],
  draws: 0,
  quiet: true,
  period: DAY,
  resample: 500,
  ruin: 0.5,
  seed: 's',
}

async function linesOf(options: Partial<BaselineOptions>): Promise<any[]> {
  let text = ''
  await runBaseline(
    { ...OPTIONS, ...options },
    { env: { SLUICE_HOME: folder }, signal: new AbortController().signal },
    { write: async more => void (text += more) },
  )
  return text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
}

const near = (found: number, wanted: number, what: string): void =>
  assert.ok(Math.abs(found - wanted) < 1e-8, `${what}: ${found}, by hand ${wanted}`)

test('with and without the model, by hand: ten bad days left out are 2.5 SOL', async () => {
  const [own, other, difference] = await linesOf({})
  // 1 SOL each time: ten times +0.25, against ten times +0.25 and ten times −0.25.
  assert.deepEqual(
    [own.name, own.trades, own.wins, own.pnlLamports],
    ['pipeline', 10, 10, '2500000000'],
  )
  assert.deepEqual(
    [other.name, other.trades, other.wins, other.pnlLamports],
    ['baseline', 20, 10, '0'],
  )
  assert.equal(difference.pnlLamports, '2500000000')
  near(difference.final.value, 0.25, 'final equity')
  // Worth of the account at the end of each day, and returns on the day before.
  const worths = Array.from({ length: DAYS }, (_, day) => [
    10 + 0.25 * (Math.floor(day / 2) + 1),
    day % 2 === 0 ? 10.25 : 10,
  ]) as [number, number][]
  const before: [number, number][] = [[10, 10], ...worths]
  const gaps = worths.map(([a, b], i) => a / before[i]![0] - b / before[i]![1])
  near(difference.mean.value, gaps.reduce((x, y) => x + y, 0) / DAYS, 'mean')
  // On the first day both are the same.
  assert.deepEqual(
    [difference.periods, difference.differing, difference.equity, difference.verdict],
    [DAYS, gaps.filter(gap => Math.abs(gap) > 1e-12).length, 'marked', 'better'],
  )
  assert.ok(0 < difference.mean.low && difference.mean.low < difference.mean.value)
  assert.ok(difference.mean.value < difference.mean.high)
})

test('the other way round the difference is the same with the other sign', async () => {
  const [there] = (await linesOf({ draws: 0 })).filter(line => line.of === 'difference')
  const [back, random] = (await linesOf({ pipeline: WITHOUT, baseline: WITH, draws: 0 })).filter(
    line => line.of !== 'run',
  )
  assert.equal(back.pnlLamports, '-2500000000')
  assert.equal(back.verdict, 'worse')
  near(back.mean.value, -there.mean.value, 'mean')
  near(back.final.value, -there.final.value, 'final')
  assert.equal(random.why, 'none were asked for')
})

test('periods are those of the recording, whoever traded when; a run equals itself', async () => {
  // Without marks the lines of a run end with its last sale, on the day before the last.
  const unmarked = `${WITH} --mark 0`
  const [own, other, difference] = await linesOf({
    pipeline: unmarked,
    baseline: unmarked,
    draws: 0,
  })
  assert.deepEqual([own.to < START + 19 * DAY, own.periods], [true, DAYS - 1])
  assert.deepEqual({ ...other, name: '' }, { ...own, name: '' })
  assert.deepEqual(
    [difference.periods, difference.differing, difference.equity, difference.verdict],
    [DAYS, 0, 'realised', 'same'],
  )
  assert.deepEqual(difference.final, { value: 0 })
})

test('random entries: as many, of the same size, on candidates alone', async () => {
  const random = (await linesOf({ draws: 60 })).at(-1)
  assert.deepEqual([random.entries, random.candidates, random.draws, random.short], [10, 20, 60, 0])
  // Of ten entries g are on good days: the end is 1 + 0.025 × (2g − 10), and g is hypergeometric
  // with mean 5 and deviation √(10 × ½ × ½ × 10/19) = 1.147, so 95 % of ends lie in 1 ± 0.15. Ten
  // good ones among 20 have a chance of 5e-6.
  near(random.own, 1.25, 'own')
  // 0.25 of ten entries.
  near(random.ownPerEntry, 0.025, 'gain of an entry')
  near(random.perEntry.low, (random.final.low - 1) / 10, 'the same of the draws')
  assert.equal(random.fewest, 10)
  for (const [name, end] of Object.entries<number>(random.final)) {
    const good = ((end - 1) / 0.025 + 10) / 2
    near(good, Math.round(good), name)
    assert.ok(Math.abs(end - 1) < 0.15 + 1e-9, `${name} ${end}`)
  }
  assert.ok(Math.abs(random.final.middle - 1) < 0.05 + 1e-9)
  assert.ok(random.final.low < 1 && random.final.high > 1)
  assert.deepEqual([random.beaten, random.p], [1, Number((1 / 61).toPrecision(12))])
})

test('nothing to draw is told: no entry, and no line that was refused', async () => {
  const never = WITH.replace('execute', 'execute --max-positions 0')
  const none = (await linesOf({ pipeline: never, draws: 5 })).at(-1)
  assert.deepEqual([none.entries, none.why], [0, 'nothing was bought'])
  const all = (await linesOf({ pipeline: WITHOUT, baseline: WITH, draws: 5 })).at(-1)
  assert.equal(all.why, 'each line that could have been bought was')
})

test('the same bytes again; another seed draws others', async () => {
  const one = await linesOf({ draws: 5 })
  assert.deepEqual(await linesOf({ draws: 5 }), one)
  const other = await linesOf({ draws: 5, seed: 'other' })
  assert.deepEqual(other[2].mean.value, one[2].mean.value)
  assert.notDeepEqual(other[2].mean, one[2].mean)
  const ends = new Set<string>()
  for (const seed of ['a', 'b', 'c', 'd'])
    ends.add(JSON.stringify((await linesOf({ draws: 3, seed })).at(-1)?.final))
  assert.ok(ends.size > 1, 'each seed drew the same')
})

test('what cannot be compared is refused: cash, source, refused lines left out', async () => {
  const refused = async (options: Partial<BaselineOptions>, text: RegExp): Promise<void> => {
    await assert.rejects(linesOf(options), text)
  }
  await refused({ baseline: WITHOUT.replace('--cash 10', '--cash 5') }, /the same cash/)
  await refused({ baseline: `discover --source sim | ${WITHOUT}` }, /the same recording/)
  await refused({ pipeline: WITH.replace('gate', 'gate --only-passed'), draws: 5 }, /--only-passed/)
  await refused({ files: [] }, /more than once/)
})
