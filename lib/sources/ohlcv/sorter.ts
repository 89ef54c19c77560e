import { join } from 'node:path'
import type { Numbers, NumberTable } from '../../store/duck/numbers.ts'
import { FACTS, type Fact } from './bar-facts.ts'
import type { IntervalOf } from './bar-interval.ts'
import { makeFolder } from './folder.ts'
import type { Bar } from './price-row.ts'
import type { Instrument } from './symbol.ts'

/** A table of bars on disk, sorted by DuckDB in 256 MB of memory whatever its size. */
interface Sorter {
  add(bars: readonly Bar[]): void
  /**
   * The most common step between consecutive bars of each mint that has one; the smallest of
   * equally common ones.
   */
  modes(): Promise<Map<string, number>>
  /** All bars by close time, then as compareBars orders them. */
  sorted(intervalOf: IntervalOf): AsyncGenerator<Bar[]>
  /** Removes the files. */
  close(): void
}

const COLUMNS = [
  'mint',
  'open_at',
  'open',
  'high',
  'low',
  'close',
  'volume',
  'trades',
  ...FACTS.map(fact => `fact_${fact}`),
]

const MODES = `
  with steps as (
    select mint, open_at - lag(open_at) over (partition by mint order by open_at) as step from bars
  ), counted as (
    select mint, step, count(*) as n from steps where step > 0 group by mint, step
  )
  select mint, arg_min(step, (-n, step)) from counted group by mint`

const SORTED = `
  select b.* from bars b join names n using (mint)
  order by open_at + n.length, n.rank, ${COLUMNS.slice(2)
    .map(name => `b.${name}`)
    .join(', ')}`

/** Opens an empty table in a folder of its own. Close it, whatever happens. */
export async function openSorter(signal: AbortSignal): Promise<Sorter> {
  const { openDuck } = await import('../../store/duck/duck.ts')
  const folder = makeFolder()
  try {
    const duck = await openDuck(join(folder.path, 'bars.duckdb'), {
      memory: '256MB',
      temporary: folder.path,
    })
    signal.addEventListener('abort', duck.interrupt)
    const close = (): void => {
      signal.removeEventListener('abort', duck.interrupt)
      duck.close()
      folder.remove()
    }
    await duck.run('set preserve_insertion_order = false')
    const bars = await duck.numbers.create('bars', COLUMNS)
    return makeSorter(duck.numbers, bars, close)
  } catch (error) {
    folder.remove()
    throw error
  }
}

function makeSorter(numbers: Numbers, bars: NumberTable, close: () => void): Sorter {
  const names = makeNames()
  return {
    close,
    add: batch => bars.add(batch.map(bar => toRow(bar, names))),
    async modes() {
      bars.flush()
      const modes = new Map<string, number>()
      for await (const [mints = [], steps = []] of numbers.columns(MODES)) {
        mints.forEach((index, i) => {
          modes.set(names.at(index).mint, steps[i]!)
        })
      }
      return modes
    },
    async *sorted(intervalOf) {
      bars.flush()
      const table = await numbers.create('names', ['mint', 'rank', 'length'])
      table.add(names.ranked().map(({ index, mint }, rank) => [index, rank, intervalOf(mint)]))
      table.flush()
      for await (const columns of numbers.columns(SORTED)) yield toBars(columns, names)
    },
  }
}

/** Trades and facts are −1 on disk where unknown, so that they sort as compareBars sorts them. */
const toRow = (bar: Bar, names: Names): number[] => [
  names.indexOf(bar),
  bar.openAt,
  bar.open,
  bar.high,
  bar.low,
  bar.close,
  bar.volume,
  Number.isNaN(bar.trades) ? -1 : bar.trades,
  ...FACTS.map(fact => bar.facts?.[fact] ?? -1),
]

/** Bars of a block of columns: an object per row, nothing else per row and value. */
function toBars(columns: readonly number[][], names: Names): Bar[] {
  const [
    mints = [],
    openAts = [],
    opens = [],
    highs = [],
    lows = [],
    closes = [],
    volumes = [],
    trades = [],
    ...told
  ] = columns
  return mints.map((index, i) => {
    const { mint, currency } = names.at(index)
    const count = trades[i]!
    return {
      mint,
      currency,
      openAt: openAts[i]!,
      open: opens[i]!,
      high: highs[i]!,
      low: lows[i]!,
      close: closes[i]!,
      volume: volumes[i]!,
      trades: count < 0 ? Number.NaN : count,
      ...factsIn(told, i),
    }
  })
}
function factsIn(columns: readonly number[][], row: number): Pick<Bar, 'facts'> {
  const known = FACTS.flatMap((fact, f): [Fact, number][] => {
    const value = columns[f]?.[row] ?? -1
    return value < 0 ? [] : [[fact, value]]
  })
  return known.length === 0 ? {} : { facts: Object.fromEntries(known) }
}
type Names = ReturnType<typeof makeNames>

/** Instruments as small numbers, so that a table of bars holds numbers only. */
function makeNames() {
  const indexes = new Map<string, number>()
  const list: Instrument[] = []
  return {
    indexOf({ mint, currency }: Bar): number {
      let index = indexes.get(mint)
      if (index === undefined) {
        index = list.length
        indexes.set(mint, index)
        list.push({ mint, currency })
      }
      return index
    },
    at: (index: number): Instrument => list[index]!,
    /** Every index and its mint, in the order of mints. */
    ranked: (): { index: number; mint: string }[] =>
      list.map(({ mint }, index) => ({ index, mint })).sort((a, b) => (a.mint < b.mint ? -1 : 1)),
  }
}
