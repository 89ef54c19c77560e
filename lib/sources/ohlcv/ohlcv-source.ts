import { checkFiles, isRereadable } from '../../base/bytes.ts'
import { UsageError } from '../../base/errors.ts'
import type { Values } from '../../base/flags.ts'
import type { Rec } from '../../records/record.ts'
import type { EventTime } from '../../stream/event-time.ts'
import type { Intake } from '../../stream/intake.ts'
import { deferLine, type Line, makeLine } from '../../stream/line.ts'
import type { Source } from '../../stream/step.ts'
import { untilStopped } from '../../stream/until-stopped.ts'
import { timeRuleOf, type writingFlags } from '../../table/time-flags.ts'
import { type IntervalOf, intervalsFrom, makeSteps } from './bar-interval.ts'
import { candleLines, type Ticking } from './candle-lines.ts'
import { readTable } from './file-bars.ts'
import { fillGaps } from './gap-fill.ts'
import { parseColumns } from './header-words.ts'
import { makeNaming, type Naming } from './naming.ts'
import { mergeOrdered, Unordered } from './ordered.ts'
import { isParquet, readParquet } from './parquet.ts'
import type { Bar } from './price-row.ts'
import { openSorter } from './sorter.ts'
import type { tableFlags } from './table-flags.ts'
import { makeToldFiles, type ToldFiles } from './told-files.ts'

export interface OhlcvOptions
  extends Omit<Values<typeof tableFlags>, 'gaps'>,
    Partial<Values<typeof writingFlags>>,
    Partial<Pick<Values<typeof tableFlags>, 'gaps'>> {
  /** By time, which is usual, or one file after the other. */
  order?: 'time' | 'file' | undefined
  /** Length of a bar in ms; found from the data when absent. */
  interval: number | undefined
  /** Time between ticks in ms; 0 = none. */
  tick: number
  paths: readonly string[]
  intake(path: string): Intake
  /** Judges the times of bars, for the ticks between them; without it all are believed. */
  time?: EventTime
  count(what: string, by?: number): void
  warn(text: string): void
  /** Told what each file was found to be. */
  say?(text: string): void
  /** Prints each line when its text is asked for. */
  isDeferring?: boolean | undefined
}

/**
 * More files than this are not merged while open: they would cost memory and file handles without
 * bound.
 */
const MAX_OPEN = 64

/**
 * Candles of price tables in any format that is recognised. Files that are in time order (a first
 * reading tells) are merged as they stream; others, pipes and bars of mixed lengths are sorted on
 * disk before the first line.
 * Throws UsageErrors for flags and unreadable files.
 */
export async function openOhlcv(options: OhlcvOptions): Promise<Source> {
  const { paths, order = 'time', interval, isDeferring } = options
  const tick: Ticking = { every: options.tick, time: options.time }
  const make = countingUnknown(isDeferring === true ? deferLine : makeLine, options.count)
  const { symbol, currency, warn, decimal = '.' } = options
  const columns = parseColumns(options.columns ?? [])
  const rule = timeRuleOf(options)
  const told = makeToldFiles(options.say ?? (() => undefined))
  const { found } = told
  const naming = makeNaming({ columns, symbol, currency, interval, rule, decimal, found, warn })
  await checkFiles(paths)
  const canReread = (await Promise.all(paths.map(isRereadable))).every(Boolean)
  const areParquet = await Promise.all(paths.map(isParquet))
  if (order === 'file' && !canReread && interval === undefined) {
    throw new UsageError(
      '--order file reads a pipe once and cannot look for the length of its bars: pass --interval',
    )
  }
  const open = (
    signal: AbortSignal,
    intake?: (path: string) => Intake,
  ): AsyncGenerator<Bar[]>[] => {
    const tableOf = naming.reading()
    return paths.map((path, i) => {
      const read = areParquet[i] ? readParquet : readTable
      return told.counted(path, read(path, tableOf(path), signal, intake?.(path)))
    })
  }
  const canMerge = canReread && paths.length <= MAX_OPEN
  const look = async <T>(signal: AbortSignal, act: () => Promise<T>): Promise<T> => {
    try {
      return await act()
    } catch (error) {
      // Rows that were passed over may be why nothing tells the length: they are named first.
      if (error instanceof UsageError) for await (const _ of inTurn(open(signal, options.intake)));
      throw error
    }
  }
  const { gaps = 'fill', count, intake } = options
  const fill: Fill = (bars, intervalOf, isOrdered) =>
    fillGaps(bars, { gaps, intervalOf, isOrdered, count })
  const by: Reading = { interval, naming, told, tick, make, look, open, fill, intake }
  const lines = order === 'file' ? fileLines(by) : timeLines(by, canMerge)
  return { lines: signal => untilStopped(lines(signal), signal) }
}

type Fill = (
  bars: AsyncIterable<Bar[]>,
  intervalOf: IntervalOf,
  isOrdered: boolean,
) => AsyncGenerator<Bar[]>

/** What both orders of reading need. */
interface Reading {
  interval: number | undefined
  naming: Naming
  told: ToldFiles
  tick: Ticking
  make(rec: Rec): Line
  look<T>(signal: AbortSignal, act: () => Promise<T>): Promise<T>
  open(signal: AbortSignal, intake?: (path: string) => Intake): AsyncGenerator<Bar[]>[]
  fill: Fill
  intake(path: string): Intake
}

const fileLines = ({ interval, naming, told, tick, make, look, open, fill, intake }: Reading) =>
  async function* lines(signal: AbortSignal): AsyncGenerator<Line[]> {
    const intervalOf =
      interval === undefined
        ? await look(signal, () => lookAt(inTurn(open(signal)), interval, naming))
        : () => interval
    if (interval === undefined) told.tell(intervalOf)
    const bars = fill(inTurn(open(signal, intake)), intervalOf, false)
    yield* candleLines(bars, intervalOf, tick, make)
    told.tell(intervalOf)
  }

const timeLines = (by: Reading, canMerge: boolean) =>
  async function* lines(signal: AbortSignal): AsyncGenerator<Line[]> {
    const { interval, naming, told, tick, make, look, open, fill, intake } = by
    const intervalOf = canMerge
      ? await look(signal, () => lookAtOrdered(mergeOrdered(open(signal)), interval, naming))
      : undefined
    if (intervalOf === undefined) {
      yield* sortedLines(open(signal, intake), { interval, tick, make, naming, told, fill }, signal)
      return
    }
    told.tell(intervalOf)
    const bars = fill(mergeOrdered(open(signal, intake)), intervalOf, true)
    yield* candleLines(bars, intervalOf, tick, make)
  }

async function* inTurn(files: readonly AsyncIterable<Bar[]>[]): AsyncGenerator<Bar[]> {
  for (const file of files) yield* file
}

/** The lengths of the bars, from a first reading that passes bad rows over. */
async function lookAt(
  bars: AsyncIterable<Bar[]>,
  interval: number | undefined,
  naming: Naming,
): Promise<IntervalOf> {
  const steps = makeSteps()
  for await (const batch of bars) for (const bar of batch) steps.see(bar)
  return naming.agree(intervalsFrom(steps.modes(), interval, naming.lengths))
}

/**
 * The same; undefined when the order of opening is not the order of closing: files unordered, or
 * bars of mixed lengths.
 */
async function lookAtOrdered(
  bars: AsyncIterable<Bar[]>,
  interval: number | undefined,
  naming: Naming,
): Promise<IntervalOf | undefined> {
  const lengths = new Set<number>()
  const mints = new Set<string>()
  const seen = async function* (): AsyncGenerator<Bar[]> {
    for await (const batch of bars) {
      for (const { mint } of batch) mints.add(mint)
      yield batch
    }
  }
  try {
    const intervalOf = await lookAt(seen(), interval, naming)
    // Sorted, so that what cannot be told is told of the same one however rows lie in files.
    for (const mint of [...mints].sort()) lengths.add(intervalOf(mint))
    return lengths.size > 1 ? undefined : intervalOf
  } catch (error) {
    if (error instanceof Unordered) return undefined
    throw error
  }
}

interface Sorting {
  interval: number | undefined
  tick: Ticking
  make(rec: Rec): Line
  naming: Naming
  told: ToldFiles
  fill: Fill
}

/** Counts candles of which nobody knows what their prices are in. */
const countingUnknown =
  (make: (rec: Rec) => Line, count: OhlcvOptions['count']) =>
  (rec: Rec): Line => {
    if (rec.candle !== undefined && rec.candle.currency === undefined) count('unknown-currency')
    return make(rec)
  }

async function* sortedLines(
  files: readonly AsyncIterable<Bar[]>[],
  { interval, tick, make, naming, told, fill }: Sorting,
  signal: AbortSignal,
): AsyncGenerator<Line[]> {
  const sorter = await openSorter(signal)
  try {
    for await (const bars of inTurn(files)) sorter.add(bars)
    const modes = interval === undefined ? await sorter.modes() : new Map<string, number>()
    const intervalOf = naming.agree(intervalsFrom(modes, interval, naming.lengths))
    told.tell(intervalOf)
    yield* candleLines(fill(sorter.sorted(intervalOf), intervalOf, true), intervalOf, tick, make)
  } finally {
    sorter.close()
  }
}
