import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { prepareStages, stagesOf } from '../../../lib/backtest/backtest-stages.ts'
import { makePaperDraws, type Odds } from '../../../lib/backtest/paper-draws.ts'
import { byWeek, scoreOf } from '../../../lib/backtest/paper-score.ts'
import { runFromLedger } from '../../../lib/backtest/run-from-ledger.ts'
import { runOpened } from '../../../lib/cli/fused.ts'
import { tidy } from '../../../lib/market/ratio.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { type Attempt, makeAttempts } from '../../../lib/trade/paper/attempts.ts'
import { makePaper } from '../../../lib/trade/paper/paper.ts'
import { paperCosts } from '../../../lib/trade/paper/paper-costs.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-from-ledger-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** A Monday, 2023-11-13 UTC. */
const START = 1_699_833_600_000
const DAY = 86_400_000
const WSOL = 'So11111111111111111111111111111111111111112'

/** Long after the last line: whatever is in flight is dead by then. */
const tick = (ts: number): Rec => ({ v: 1, id: 'tick', ts, kind: 'tick', source: 't' })

/** A pool of 1,000 SOL and 1,000,000 tokens without a fee, told every 50 ms for five seconds. */
const reserves = (mint: string, at: number): Rec[] =>
  Array.from({ length: 100 }, (_, i) => ({
    v: 1,
    id: `${mint}:${i}`,
    ts: at + i * 50,
    kind: 'market',
    mint,
    pool: `P${mint}`,
    source: 't',
    market: {
      dex: 'raydium',
      quoteMint: WSOL,
      baseAmount: '1000000000000',
      quoteAmount: '1000000000000',
      baseDecimals: 6,
      feeBps: 0,
    } as NonNullable<Rec['market']>,
  }))

const orderLine = (mint: string, decidedAt: number, more: object = {}): Rec => ({
  v: 1,
  id: `buy:${mint}#2`,
  ts: decidedAt + 1070,
  kind: 'order',
  mint,
  pool: `P${mint}`,
  source: 'execute',
  order: {
    intent: `buy:${mint}`,
    cause: `${mint}:10`,
    venue: 'paper',
    side: 'buy',
    state: 'landed',
    reasons: [],
    attempt: 1,
    inMint: WSOL,
    outMint: mint,
    inAmount: '1000000000',
    minOutAmount: '1',
    decidedAt,
    ...more,
  } as NonNullable<Rec['order']>,
})

function attemptsOf(...recs: Rec[]): Attempt[] {
  const attempts = makeAttempts()
  for (const rec of recs) attempts.take(rec)
  return attempts.value()
}

/** 600 ms and an exponential time of mean 300 ms; 3 % fail and 2 % never land. */
const COSTS: Parameters<typeof paperCosts>[0] = {
  chain: undefined,
  slippageBps: 30,
  poolFeeBps: 25,
  seed: 's',
  latency: 600,
  jitter: 300,
  revertRate: 0.03,
  expireRate: 0.02,
  expiry: undefined,
  poolQuiet: 10_000,
  networkFee: 5000n,
  priorityFee: 20_000n,
  maxPriorityFee: 500_000n,
  relayTip: 0n,
  rent: undefined,
}

test('what paper says of an order, by hand', () => {
  const attempts = attemptsOf(orderLine('M', START + 500), orderLine('N', START + 500))
  const draws = makePaperDraws(attempts, makePaper(paperCosts(COSTS)))
  for (const rec of [...reserves('M', START), tick(START + 60_000)]) draws.take(rec)
  const odds = draws.value()
  // Nothing was told of N.
  assert.equal(odds.get('buy:N/1'), 'no-line')
  const { landing, slots, cost, rate } = odds.get('buy:M/1') as Odds
  // 3 % revert and 2 % expire; 400 draws are within four deviations (0.044) of the rest.
  assert.ok(Math.abs(landing - 0.95) < 0.044, `${landing}`)
  // The pool keeps k: 1 SOL brings 10^12 · 10^9 / (10^12 + 10^9) = 999,000,999 base units.
  assert.deepEqual(rate, { low: 0.999000999, middle: 0.999000999, high: 0.999000999 })
  assert.deepEqual(cost, { low: 25_000, middle: 25_000, high: 25_000 })
  // 600 ms and an exponential time of mean 300 ms: quantiles 608, 808 and 1,707 ms, the next line
  // of the pool up to 50 ms later, slots of 214 ms.
  assert.equal(slots!.low, 3)
  assert.equal(slots!.middle, 4)
  assert.ok(slots!.high >= 7 && slots!.high <= 9, `${slots!.high}`)
})

test('an order is placed when its run decided, not when its line was read', () => {
  // A run with its own clock decides 3 s after the line; the pool has moved by then.
  const attempts = attemptsOf(orderLine('M', START + 3500))
  const sure = { ...COSTS, jitter: 0, revertRate: 0, expireRate: 0 }
  const draws = makePaperDraws(attempts, makePaper(paperCosts(sure)), 10)
  for (const rec of reserves('M', START)) {
    const isLate = rec.ts >= START + 4000
    draws.take(isLate ? { ...rec, market: { ...rec.market!, baseAmount: '2000000000000' } } : rec)
  }
  const { rate, slots } = draws.value().get('buy:M/1') as Odds
  // Twice the tokens: 2 · 10^12 · 10^9 / (10^12 + 10^9), floored.
  assert.equal(rate!.middle, 1.998001998)
  assert.equal(slots!.middle, Math.round(600 / 214))
})

const stated = (low: number, middle: number, high: number) => ({ low, middle, high })

test('scores by a table of forty orders', () => {
  const recs: Rec[] = []
  const odds = new Map<string, Odds>()
  for (let i = 0; i < 40; i++) {
    const mint = `T${i}`
    // 30 of 40 land, 10 never do; of those that land every second is outside in its slots.
    const state = i < 30 ? 'landed' : 'expired'
    const decidedAt = START + (i < 20 ? 0 : 7 * DAY)
    recs.push(orderLine(mint, decidedAt, { state, reasons: i < 30 ? [] : ['dropped'] }))
    const slots = i % 2 === 0 ? 4 : 6
    const fill = { intent: `buy:${mint}`, side: 'buy', inAmount: '100', outAmount: '90' } as const
    const fees = { feeLamports: '5', priorityFeeLamports: '10', tipLamports: '7', slots }
    if (i < 30)
      recs.push({ v: 1, id: `f${i}`, ts: 0, kind: 'fill', source: 'x', fill: { ...fill, ...fees } })
    odds.set(`buy:${mint}/1`, {
      landing: 0.9,
      slots: stated(3, 4, 5),
      cost: stated(22, 22, 22),
      rate: stated(0.95, 1, 1.05),
    })
  }
  const attempts = attemptsOf(...recs)
  const { landings, slots, cost, rate } = scoreOf(attempts, odds, 214)
  // Wilson for 30 of 40: 0.5981 to 0.8581 (Newcombe 1998, method 3): 0.9 is not in it.
  assert.equal(landings!.value, 0.75)
  assert.ok(Math.abs(landings!.low - 0.5981) < 1e-3 && Math.abs(landings!.high - 0.8581) < 1e-3)
  assert.deepEqual([landings!.expected, landings!.verdict], [0.9, 'unlike'])
  assert.deepEqual([slots!.inside, slots!.apart, slots!.verdict], [0.5, 0, 'unlike'])
  assert.deepEqual([cost!.inside, cost!.apart, cost!.verdict], [1, 0, 'like'])
  assert.deepEqual([rate!.inside, rate!.apart, rate!.verdict], [0, -0.1, 'unlike'])
  // Two weeks of twenty: too few for a verdict.
  const weeks = byWeek(attempts)
  assert.deepEqual(
    weeks.map(([from, some]) => [from, some.length, scoreOf(some, odds, 214).slots!.verdict]),
    [
      [START, 20, 'too-few'],
      [START + 7 * DAY, 20, 'too-few'],
    ],
  )
})

test('what says nothing of the network is counted apart', () => {
  const attempts = attemptsOf(
    orderLine('A', START, { state: 'sent' }),
    orderLine('B', START, { state: 'expired', reasons: ['no-quote'] }),
    orderLine('C', START),
  )
  const said: Odds = { landing: 1 }
  const odds = new Map([
    ['buy:A/1', said],
    ['buy:B/1', said],
  ])
  assert.deepEqual(scoreOf(attempts, odds, 214), {
    orders: 3,
    left: { 'unknown-end': 1, 'not-sent': 1, 'not-over': 1 },
  })
})

const EXECUTE = 'execute --time-stop 8s --max-positions 100 --max-streak 100 --max-drawdown 1'
const AROUND = { env: { SLUICE_HOME: folder }, signal: new AbortController().signal }

/** Forty tokens, one after the other, each bought on its eleventh line. */
function recorded(): string {
  const path = join(folder, 'decided.ndjson')
  const lines = Array.from({ length: 40 }, (_, i) => reserves(`M${i}`, START + i * 5000))
    .flat()
    .map(rec => (rec.id.endsWith(':10') ? { ...rec, decision: { act: 'buy', reasons: [] } } : rec))
  lines.push(tick(START + 40 * 5000 + 60_000))
  writeFileSync(path, lines.map(line => `${JSON.stringify(line)}\n`).join(''))
  return path
}

/** Trades a recording on paper and keeps the ledger. */
async function ledgerOf(recording: string, name: string, flags: string): Promise<string> {
  const ledger = join(folder, `${name}.ndjson`)
  const stages = stagesOf(`${EXECUTE} ${flags} --ledger ${ledger}`, [recording])
  await runOpened(await prepareStages(stages, AROUND), {
    sink: { write: () => undefined, lines: () => undefined, isClosed: () => false },
    signal: AROUND.signal,
    isQuiet: true,
  })
  return ledger
}

async function fromLedger(ledger: string, recording: string, pipeline = EXECUTE): Promise<any[]> {
  let text = ''
  const options = { ledger, pipeline, files: [recording], quiet: true }
  await runFromLedger(options, AROUND, { write: async more => void (text += more) })
  return text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
}

test('a paper run is what paper says of it; one with other luck and costs is not', async () => {
  const recording = recorded()
  const same = await ledgerOf(recording, 'same', '')
  const [diff, ...scores] = await fromLedger(same, recording)
  assert.deepEqual([diff.of, diff.divergences, diff.common], ['diff', 0, diff.decisions])
  assert.deepEqual(
    scores.map(({ of, landings, slots, cost, rate }) => [
      of,
      ...[landings, slots, cost, rate].map(each => each.verdict),
    ]),
    [
      ['week', 'like', 'like', 'like', 'like'],
      ['paper', 'like', 'like', 'like', 'like'],
    ],
  )
  const slow = await ledgerOf(
    recording,
    'slow',
    '--seed other --latency 2500ms --expire-rate 0.4 --network-fee 0.001',
  )
  const found = await fromLedger(slow, recording)
  const { landings, slots, cost } = found.at(-1)
  assert.deepEqual(
    [landings, slots, cost].map(each => each.verdict),
    ['unlike', 'unlike', 'unlike'],
  )
  // 1,000,000 lamports where paper pays 5,000, beside a priority fee of 20,000.
  assert.equal(cost.apart, tidy(1_020_000 / 25_000 - 1))
  const { counts } = found.find(({ of }) => of === 'diff')
  assert.ok(counts['fill missing-a'] > 0 && counts['fill time'] > 0 && counts['fill cost'] > 0)
})

test('the replay begins with the cash that the ledger tells', async () => {
  const recording = recorded()
  // Enough for one buy and a half: the second is refused unless the first was sold again.
  const [diff] = await fromLedger(await ledgerOf(recording, 'poor', '--cash 0.15'), recording)
  assert.deepEqual([diff.of, diff.divergences], ['diff', 0])
  const [apart] = await fromLedger(join(folder, 'poor.ndjson'), recording, `${EXECUTE} --cash 9`)
  assert.equal(apart.of, 'divergence')
})

test('a file without an order is refused', async () => {
  const empty = join(folder, 'empty.ndjson')
  writeFileSync(empty, '')
  await assert.rejects(fromLedger(empty, recorded()), /--from-ledger .*: it holds no order/)
})
