import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import execute from '../../../cmd/execute.ts'
import { stagesOf } from '../../../lib/backtest/backtest-stages.ts'
import { runShare } from '../../../lib/backtest/branches.ts'
import { makeFolded } from '../../../lib/backtest/folded.ts'
import { combinationsOf, parseAxis } from '../../../lib/backtest/grid.ts'
import type { SweepOptions } from '../../../lib/backtest/run-sweep.ts'
import { walkForward } from '../../../lib/backtest/walk-forward.ts'
import { makeRng } from '../../../lib/base/rng.ts'
import type { StepCommand } from '../../../lib/cli/command.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { sluice } from '../../kit/proc.ts'
import { linesOf, move } from '../../kit/random-market.ts'
import { contextOf, runStep } from '../../kit/step.ts'
import { csvOf, INTERVAL, type RandomBar } from './random-candles.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-sweep-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** Bars of three tokens; from `cut` on those of another future. */
function barsOf(count: number, cut: number, future: string): RandomBar[] {
  const [past, later] = [makeRng('past'), makeRng(future)]
  return Array.from({ length: count }, (_, i) => {
    const rng = i < cut ? past : later
    return {
      token: i % 3,
      change: rng.normal() * 0.01,
      wick: rng.next() / 200,
      volume: 1e5,
      isMissing: false,
    }
  })
}
const LINE =
  'strategy | gate --cooldown 0 | execute --max-daily-loss 10 --max-drawdown 1 --max-streak ' +
  '100 --buy-slippage-bps 3000'
const AXES = ['gate --min-combined 0.5 0.6 0.7', 'execute --stop-loss 0.02 0.1']

async function resultsOf(file: string, ends: readonly number[]) {
  const stages = stagesOf(LINE, [])
  stages.unshift([
    'discover',
    '--source',
    'ohlcv',
    '--currency',
    'sol',
    '--interval',
    `${INTERVAL / 1000}s`,
    file,
  ])
  const combinations = combinationsOf(AXES.map(parseAxis))
  const share = {
    stages,
    shared: 2,
    ends,
    combinations: combinations.map((combination, index) => ({ index, combination })),
  }
  const around = { env: { SLUICE_HOME: folder }, signal: new AbortController().signal }
  return { results: await runShare(share, around), combinations }
}
const OPTIONS: SweepOptions = {
  pipeline: '',
  files: [],
  axes: [],
  folds: 3,
  by: 'profit' as const,
  threads: 1,
  resample: 200,
  seed: 's',
  ruin: 0.5,
  period: 3_600_000,
}

test('what is chosen on a fold does not know the folds after it', async () => {
  const COUNT = 3 * 900
  const start = 1_700_000_100_000
  const ends = [1, 2].map(i => start + i * 300 * INTERVAL)
  const folds: { best?: number; chosenOn: { trades: number }; outOfSample: object }[][] = []
  for (const future of ['one future', 'another future']) {
    const file = join(folder, `${future}.csv`)
    writeFileSync(file, csvOf(barsOf(COUNT, 3 * 600, future)))
    const { results, combinations } = await resultsOf(file, ends)
    const lines = walkForward(results, combinations, OPTIONS) as any[]
    assert.deepEqual(
      lines.map(line => line.of),
      ['fold', 'fold', 'out-of-sample'],
    )
    assert.equal(lines[2].trials, 6)
    assert.equal(lines[2].trades, lines[0].outOfSample.trades + lines[1].outOfSample.trades)
    folds.push(lines)
  }
  const [one, other] = folds as [(typeof folds)[0], (typeof folds)[0]]
  assert.ok((one[0]?.chosenOn.trades ?? 0) > 3, 'too few trades to choose by')
  // Folds 1 and 2 are the same in both futures: the same choices, and the same figures of the
  // second fold.
  assert.deepEqual(other[0], one[0])
  assert.deepEqual([other[1]?.best, other[1]?.chosenOn], [one[1]?.best, one[1]?.chosenOn])
  assert.notDeepEqual(other[1]?.outOfSample, one[1]?.outOfSample)
})

test(
  'a combination of a sweep earns what it earns alone, in the same order on any number of ' +
    'threads',
  async () => {
    const file = join(folder, 'sweep.csv')
    writeFileSync(file, csvOf(barsOf(1800, 1800, 'none')))
    const source = `discover --source ohlcv --currency sol --interval ${INTERVAL / 1000}s '${file}'`
    const sweep = (threads: number) =>
      sluice([
        'backtest',
        `${source} | ${LINE}`,
        ...AXES.flatMap(axis => ['--sweep', axis]),
        '--threads',
        String(threads),
      ])
    const [one, three] = [await sweep(1), await sweep(3)]
    assert.equal(one.code, 0, one.stderr)
    assert.equal(three.stdout, one.stdout)
    const lines = one.stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    assert.equal(lines.length, 7)
    assert.equal(lines[6].trials, 6)
    const alone = LINE.replace('--cooldown 0', '--cooldown 0 --min-combined 0.6').replace(
      'execute',
      'execute --stop-loss 0.1',
    )
    const { stdout } = await sluice([
      'backtest',
      '--quiet',
      '--write',
      'report',
      `${source} | ${alone}`,
    ])
    const report = JSON.parse(stdout.split('\n')[0]!)
    assert.deepEqual(lines[3].set, { 'gate --min-combined': '0.6', 'execute --stop-loss': '0.1' })
    assert.ok(report.trades > 3, `${report.trades} trades`)
    for (const key of ['trades', 'wins', 'pnlLamports', 'drawdown', 'open'])
      assert.equal(lines[3][key], report[key], key)
  },
)

test(
  'money of a sweep: each fold starts with all the cash, none is made or lost, none goes below ' +
    'zero',
  async () => {
    const START = 2_000_000_000n
    const big = (text: string | undefined): bigint => BigInt(text ?? '0')
    const flags = {
      cash: START,
      maxDrawdown: 1,
      maxStreak: 100,
      maxDailyLoss: START,
      buySlippageBps: 3000,
      timeStop: 20_000,
    }
    let fills = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(move, { minLength: 30, maxLength: 150 }),
        fc.integer({ min: 1, max: 60_000 }),
        async (moves, ms) => {
          const lines = linesOf(moves)
          const end = (JSON.parse(lines[0]!) as Rec).ts + ms
          const make = async () =>
            (execute as StepCommand<any>).make(contextOf(execute, flags as never))
          const { step, results } = makeFolded(make, START, [end])
          const out = (await runStep(step, lines, 16)).map(raw => JSON.parse(raw) as Rec)
          for (const isLater of [false, true]) {
            let cash = START
            const held = new Map<string, { tokens: bigint; rent: bigint }>()
            for (const { ts, order, fill } of out.filter(rec => rec.ts >= end === isLater)) {
              if (order?.state === 'reverted') cash -= big(order.feeLamports)
              if (fill === undefined) continue
              fills++
              const key = fill.position!
              const at = held.get(key) ?? { tokens: 0n, rent: 0n }
              cash -= big(fill.feeLamports) + big(fill.priorityFeeLamports)
              if (fill.side === 'buy') {
                cash -= big(fill.inAmount) + big(fill.rentLamports)
                held.set(key, { tokens: big(fill.outAmount), rent: big(fill.rentLamports) })
              } else {
                cash += big(fill.outAmount)
                at.tokens -= big(fill.inAmount)
                assert.ok(at.tokens >= 0n, 'sold more than this fold bought')
                if (at.tokens === 0n) cash += at.rent
              }
              assert.ok(cash >= 0n, `cash ${cash} at ${ts}`)
            }
            const { value, changes } = results()[isLater ? 1 : 0]!
            if (held.size > 0 && [...held.values()].every(({ tokens }) => tokens === 0n)) {
              const gain = changes.reduce((sum, change) => sum + change.gain, 0)
              assert.ok(
                Math.abs(gain - Number(cash - START) / Number(START)) < 1e-6,
                `${gain} for ${cash}`,
              )
              assert.equal(value.open, 0)
            }
          }
        },
      ),
      { numRuns: 40 },
    )
    assert.ok(fills > 100, `only ${fills} fills`)
  },
)

test('a stopped sweep prints nothing and ends as stopped; a bad row is named', async () => {
  const argv = [
    'backtest',
    'discover --source sim --days 365 | strategy | gate | execute',
    '--sweep',
    AXES[0]!,
  ]
  const stopped = await sluice([...argv, '--threads', '2'], {
    drive: child => void setTimeout(() => child.kill('SIGINT'), 2500),
  })
  assert.deepEqual([stopped.code, stopped.signal, stopped.stdout], [130, null, ''], stopped.stderr)
  const file = join(folder, 'bad.csv')
  writeFileSync(file, `${csvOf(barsOf(900, 900, 'none'))}TOKEN0,x,1,1,1,1,1\n`)
  const bad = await sluice(['backtest', '--on', file, LINE, '--sweep', AXES[0]!, '--threads', '2'])
  assert.equal(bad.code, 3, bad.stderr)
  assert.match(bad.stderr, /bad\.csv: line 902: timestamp: expected a time/)
})
