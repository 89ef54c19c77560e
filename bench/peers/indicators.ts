import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { makeRng } from '../../lib/base/rng.ts'
import { makeAtr } from '../../lib/indicators/atr.ts'
import { makeBollinger } from '../../lib/indicators/bollinger.ts'
import { makeEma } from '../../lib/indicators/ema.ts'
import { makeEwma } from '../../lib/indicators/ewma.ts'
import type { Bar, Indicator } from '../../lib/indicators/indicator.ts'
import { makeMacd } from '../../lib/indicators/macd.ts'
import { makeMfi } from '../../lib/indicators/mfi.ts'
import { makeObv } from '../../lib/indicators/obv.ts'
import { makeParkinson } from '../../lib/indicators/parkinson.ts'
import { makeRoc } from '../../lib/indicators/roc.ts'
import { makeRollingSigma } from '../../lib/indicators/rolling-sigma.ts'
import { makeRsi } from '../../lib/indicators/rsi.ts'
import { makeSma } from '../../lib/indicators/sma.ts'
import { makeStochastic } from '../../lib/indicators/stochastic.ts'
import { makeTrueRange } from '../../lib/indicators/true-range.ts'
import { makeVpt } from '../../lib/indicators/vpt.ts'
import { makeWilder } from '../../lib/indicators/wilder.ts'
import { makeWilliamsR } from '../../lib/indicators/williams-r.ts'

const BARS = 100_000

function walk(): Bar[] {
  const rng = makeRng('indicators')
  let close = 100
  return Array.from({ length: BARS }, () => {
    const open = close
    close *= Math.exp(0.003 * rng.normal())
    const [high, low] = [
      Math.max(open, close) * (1 + 0.001 * rng.next()),
      Math.min(open, close) * (1 - 0.001 * rng.next()),
    ]
    return { open, high, low, close, volume: 1000 * rng.exponential(1) }
  })
}

interface Timing {
  program: string
  what: string
  us: number
}

function timed(what: string, bars: readonly Bar[], take: (bar: Bar) => number): Timing {
  let sum = 0
  for (const bar of bars.slice(0, BARS / 10)) sum += take(bar)
  const startedAt = performance.now()
  for (const bar of bars) sum += take(bar)
  const us = ((performance.now() - startedAt) * 1000) / bars.length
  if (Number.isNaN(sum)) throw new Error('a value is missing')
  return { program: 'sluice', what, us }
}

/** Every indicator of lib/indicators, and their 25 outputs read after each bar. */
function all(): (bar: Bar) => number {
  const [macd, bands, stochastic] = [
    makeMacd(12, 26, 9),
    makeBollinger(20, 2),
    makeStochastic(5, 3, 3),
  ]
  const closes: Indicator<number>[] = [
    ...[makeSma(10), makeEma(10), makeRsi(14), makeRollingSigma(20), makeRoc(10), makeWilder(14)],
    ...[makeRollingSigma(20, { sample: true }), makeEwma(0.94), macd, bands],
  ]
  const bars: Indicator<Bar>[] = [
    ...[makeTrueRange(), makeAtr(14), makeWilliamsR(14), makeObv(), makeMfi(14)],
    ...[makeParkinson(20), makeVpt(), stochastic],
  ]
  return bar => {
    let sum = 0
    for (const each of closes) {
      each.update(bar.close)
      sum += each.value() ?? 0
    }
    for (const each of bars) {
      each.update(bar)
      sum += each.value() ?? 0
    }
    return (
      sum +
      (macd.signal() ?? 0) +
      (macd.histogram() ?? 0) +
      (bands.upper() ?? 0) +
      (bands.lower() ?? 0) +
      (stochastic.d() ?? 0)
    )
  }
}

function three(): (bar: Bar) => number {
  const kept = [makeSma(20), makeRollingSigma(20), makeEwma(0.94)]
  return ({ close }) => {
    let sum = 0
    for (const each of kept) {
      each.update(close)
      sum += each.value() ?? 0
    }
    return sum
  }
}

/**
 * Rows of our timings and, where `runPeers` prints any for the CSV file it is given, those of the
 * others.
 */
export function indicatorRows(folder: string, runPeers: (path: string) => string): string[][] {
  const bars = walk()
  const path = join(folder, 'bars.csv')
  writeFileSync(
    path,
    bars
      .map(({ open, high, low, close, volume }) => `${[open, high, low, close, volume]}\n`)
      .join(''),
  )
  const ours = [
    timed('25 outputs, bar by bar', bars, all()),
    timed('mean, σ and exponential mean of closes, bar by bar', bars, three()),
  ]
  const theirs = runPeers(path)
    .split('\n')
    .filter(row => row !== '')
    .map(row => JSON.parse(row) as Timing)
  const base = (row: Timing): number =>
    (row.program.startsWith('river') || row === ours[1] ? ours[1] : ours[0])!.us!
  const rows = [...ours, ...theirs].map(row => [
    row.program,
    row.what,
    row.us.toFixed(2),
    (row.us / base(row)).toFixed(2),
  ])
  return theirs.length > 0
    ? rows
    : [...rows, ['TA-Lib, pandas, river', 'skipped: bench/peers/setup.sh indicators', '', '']]
}
