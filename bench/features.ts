import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultsOf } from '../lib/base/flags.ts'
import { regimeFlags } from '../lib/features/families/pool-state.ts'
import { whaleSetFlags } from '../lib/features/families/whales-family.ts'
import { makeFeatures } from '../lib/features/features-step.ts'
import { SET_NAMES, type SetName } from '../lib/features/sets.ts'
import type { Rec } from '../lib/records/record.ts'
import { makeHistogram } from '../lib/stream/histogram.ts'
import { parseLine } from '../lib/stream/parse.ts'
import { machine, showFigures, tableOf } from './kit/figures.ts'
import { countLines, madeFile, marketFile } from './kit/input.ts'
import { measure } from './kit/measure.ts'
import { indicatorRows } from './peers/indicators.ts'

/**
 * What features cost: per event and set (with parsing left out), all candle sets over real candles,
 * memory of 10,000 pools, and the indicators beside TA-Lib, pandas and river where
 * bench/peers/setup.sh has installed them.
 *   node --import tsx bench/features.ts [--write]
 */
const folder = mkdtempSync(join(tmpdir(), 'sluice-features-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
process.env.SLUICE_HOME = folder
const CANDLES = new URL('../../shared/data/binance-5m-2024-07/5m-pairs.csv.gz', import.meta.url)
  .pathname

/** An arbitrage path beside every fourth market line, since the simulation has none. */
function withPaths(raws: readonly string[]): string[] {
  return raws.flatMap((raw, i) => {
    const rec = JSON.parse(raw) as Rec
    if (rec.kind !== 'market' || i % 4 > 0) return [raw]
    const amounts = { inAmount: '1000000000', outAmount: '1004200000' }
    const leg = { dex: 'd', inMint: 'S', outMint: 'T', ...amounts }
    const opportunity = {
      path: [leg],
      ...amounts,
      feeLamports: '305000',
      depthUsd: 20_000 + (i % 977),
      spread: 0.004,
    }
    const { v, ts, mint } = rec
    return [
      raw,
      JSON.stringify({
        v,
        id: `opportunity:x:${i}`,
        ts,
        kind: 'opportunity',
        mint,
        source: 'b',
        opportunity,
      }),
    ]
  })
}

function perEvent(raws: readonly string[], set: SetName): string[] {
  const step = makeFeatures({
    sets: [set],
    every: 0,
    ...defaultsOf(regimeFlags),
    ...defaultsOf(whaleSetFlags),
    smartWallets: undefined,
    smartRanking: 100,
    garch: { mu: 0, omega: 1e-6, alpha: 0.1, beta: 0.8 },
    maxTokens: 50_000,
    count() {},
  })
  const [micros, all] = [makeHistogram(), makeHistogram()]
  let isMine = false
  for (const [i, raw] of raws.entries()) {
    const line = parseLine(raw, i)
    const startedAt = performance.now()
    step.line(line, out => {
      isMine = out.raw !== raw
    })
    const took = (performance.now() - startedAt) * 1000
    // The first tenth is for the compiler of the engine.
    if (i < raws.length / 10) continue
    all.add(took)
    if (isMine) micros.add(took)
  }
  const us = (x: number): string => `${x.toFixed(1)} µs`
  return [
    set,
    micros.count().toLocaleString('en'),
    us(micros.sum() / micros.count()),
    us(micros.quantile(0.5)),
    us(micros.quantile(0.99)),
    us(all.quantile(0.99)),
  ]
}

const idleMb = async (): Promise<number> =>
  (await measure(['node', '-e', 'setTimeout(() => {}, 300)'], '/dev/null')).peakMb

async function memory(): Promise<string> {
  const input = marketFile(folder, 1_000_000, 10_000)
  const { peakMb } = await measure(
    ['dist/bin/features', '--sets', 'pool', '--every', '0', '--quiet'],
    input,
  )
  return (
    `\`features --sets pool\` with 10,000 pools of 100 snapshots: ` +
    `${(peakMb - (await idleMb())).toFixed(0)} MB above an idle node.`
  )
}

async function overCandles(): Promise<string> {
  if (!existsSync(CANDLES))
    return (
      'All candle sets over real candles: skipped, no ' +
      `${CANDLES.split('/').slice(-3).join('/')}.`
    )
  const input = madeFile(folder, 'candles.ndjson', `discover --source ohlcv ${CANDLES} --quiet`)
  const lines = countLines(input)
  const bare = await measure(['node', 'bench/bare.mjs'], input)
  const { seconds, peakMb } = await measure(
    ['dist/bin/features', '--sets', 'sequence,price,volatility', '--every', '0', '--quiet'],
    input,
  )
  const rate = Math.round(lines / seconds).toLocaleString('en')
  return (
    `\`features --sets sequence,price,volatility --every 0\` over ` +
    `${lines.toLocaleString('en')} lines of 5-minute candles of 10 pairs: ${rate} lines/s ` +
    `(${(seconds / bare.seconds).toFixed(1)} × the bare loop; a line grows to about 8 KB), ` +
    `peak ${peakMb.toFixed(0)} MB.`
  )
}

const events = readFileSync(
  madeFile(folder, 'events.ndjson', 'discover --source sim --days 1 --quiet'),
  'utf8',
)
const raws = withPaths(events.trimEnd().split('\n'))
const sets = SET_NAMES.map(set => perEvent(raws, set))
const head = ['set', 'lines with it', 'mean', 'p50', 'p99', 'p99 of all lines']
const facts = [await overCandles(), await memory()]
const python = new URL('peers/venv/bin/python', import.meta.url).pathname
const peers = indicatorRows(folder, path =>
  existsSync(python)
    ? spawnSync(python, ['bench/peers/indicators.py', 'time', path], { encoding: 'utf8' }).stdout
    : '',
)
const parts = [
  `Printed by \`make bench\` on ${machine()}: one step on one line of a simulated day, ` +
    'parsing left out.',
  tableOf(head, sets),
  ...facts,
  'Indicators on the same 100,000 bars, µs per bar:',
  tableOf(['program', 'what', 'µs per bar', 'ratio to ours'], peers),
]
showFigures('features', `${parts.join('\n\n')}\n`)
