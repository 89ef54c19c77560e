import { intervalName } from '../../market/interval-name.ts'
import type { IntervalOf } from './bar-interval.ts'
import { readFileName } from './file-name.ts'
import type { Bar } from './price-row.ts'

/** Instruments remembered per file: one is named, of more their number is told. */
const MAX_MINTS = 10_000
/** More files than this share a line by format. */
const MAX_LINES = 6

interface Seen {
  path: string
  format: string
  bars: number
  mints: Set<string>
}

/** What the files of a run were found to be, told in a line each, or one for many of a kind. */
export interface ToldFiles {
  found(path: string, format: string): unknown
  /** Counts the bars of a file as they pass. */
  counted(path: string, bars: AsyncGenerator<Bar[]>): AsyncGenerator<Bar[]>
  /** Tells what was found so far, once. */
  tell(intervalOf: IntervalOf): void
}

/** Makes a list that tells people by `say`. */
export function makeToldFiles(say: (text: string) => void): ToldFiles {
  const all = new Map<string, Seen>()
  let isTold = false
  return {
    // A file that is opened anew is counted anew.
    found: (path, format) => isTold || all.set(path, { path, format, bars: 0, mints: new Set() }),
    async *counted(path, batches) {
      for await (const bars of batches) {
        const seen = isTold ? undefined : all.get(path)
        if (seen !== undefined) count(seen, bars)
        yield bars
      }
    },
    tell(intervalOf) {
      if (isTold) return
      isTold = true
      const files = [...all.values()].filter(({ bars }) => bars > 0)
      const groups = files.length > MAX_LINES ? byFormat(files) : files.map(one => [one])
      for (const group of groups) say(lineOf(group, intervalOf))
      for (const { path, format, bars } of all.values())
        if (bars === 0) say(`${path}: ${format} without a bar`)
    },
  }
}

function count(seen: Seen, bars: readonly Bar[]): void {
  seen.bars += bars.length
  for (const { mint } of bars) if (seen.mints.size < MAX_MINTS) seen.mints.add(mint)
}

function byFormat(files: readonly Seen[]): Seen[][] {
  const groups = new Map<string, Seen[]>()
  for (const file of files) groups.set(file.format, [...(groups.get(file.format) ?? []), file])
  return [...groups.values()]
}

/** `ADA_BTC-30m.json: freqtrade JSON, 30m, 1,200 bars, ADA/BTC`. */
function lineOf(files: readonly Seen[], intervalOf: IntervalOf): string {
  const mints = [...new Set(files.flatMap(({ mints }) => [...mints]))]
  const lengths = [...new Set(mints.map(mint => intervalName(intervalOf(mint))))]
  const bars = files.reduce((sum, { bars }) => sum + bars, 0)
  const [first] = files
  const place = files.length === 1 ? first!.path : `${files.length} files`
  const who =
    mints.length === 1 ? nameOf(first!.path, mints[0]!) : `${number(mints.length)} symbols`
  const about = [first!.format, lengths.slice(0, 3).join(' and '), `${number(bars)} bars`, who]
  return `${place}: ${about.join(', ')}`
}

const number = (value: number): string => value.toLocaleString('en-US')

/** A pair as people write it, where the name of the file has it so; else the symbol. */
function nameOf(path: string, mint: string): string {
  const [base = '', quote = ''] = readFileName(path).symbol.split(/[_/-]/)
  return `${base}${quote}`.toUpperCase() === mint && quote !== '' ? `${base}/${quote}` : mint
}
