import { UsageError } from '../../base/errors.ts'
import type { Values } from '../../base/flags.ts'
import { intervalName } from '../../market/interval-name.ts'
import type { TimeRule } from '../../table/table-time.ts'
import type { IntervalOf } from './bar-interval.ts'
import type { TableOptions } from './file-bars.ts'
import { readFileName } from './file-name.ts'
import type { Currency } from './formats/price-table.ts'
import type { Field } from './header-words.ts'
import { type Instrument, makeInstruments } from './symbol.ts'
import type { tableFlags } from './table-flags.ts'

interface NamingOptions extends Pick<Values<typeof tableFlags>, 'symbol' | 'currency'> {
  /** `--columns`: our field → the file's column. */
  columns: ReadonlyMap<Field, string>
  /** `--interval` in ms. */
  interval: number | undefined
  rule: TimeRule
  decimal: ',' | '.'
  /** Told what each file is. */
  found?: ((path: string, format: string) => unknown) | undefined
  /** Told once per file of what is not known or does not agree. */
  warn(text: string): void
}

/** What the names of files say of their bars, and where that is not enough. */
export interface Naming {
  /** For one reading of all files: how each is to be read. */
  reading(): (path: string) => TableOptions
  /** Lengths of bars that names tell, by mint; known once a file has been begun. */
  lengths: ReadonlyMap<string, number>
  /** Says where bars have another length than the name of their file; returns what it got. */
  agree(intervalOf: IntervalOf): IntervalOf
}

/**
 * Takes pair, currency and length of bars from file names, where neither a column nor a flag says
 * them. Reading throws a UsageError for files of one instrument whose names tell two lengths.
 */
export function makeNaming(options: NamingOptions): Naming {
  const { symbol, interval } = options
  const once = onceOnly(options.warn)
  const lengths = new Map<string, number>()
  const paths = new Map<string, string>()
  const compare = (mint: string, found: number, how: string): void => {
    const named = lengths.get(mint)
    if (named === undefined || named === found) return
    const [name, taken] = [intervalName(named), intervalName(found)]
    once(`${paths.get(mint)}: its name says bars of ${name}, ${how} ${taken}: ${taken} is taken`)
  }
  const note = (path: string, mint: string, named: number): void => {
    const known = lengths.get(mint)
    if (known !== undefined && known !== named && interval === undefined)
      throw new UsageError(
        `${paths.get(mint)} and ${path} hold bars of two lengths of ${mint}: read one of them`,
      )
    lengths.set(mint, named)
    paths.set(mint, path)
    if (interval !== undefined) compare(mint, interval, '--interval says')
  }
  return {
    lengths,
    reading() {
      const instrument = makeInstruments(options.currency)
      return path => {
        const { symbol: named, intervalMs } = readFileName(path)
        const begin = (name: string, isFromName: boolean, told?: Currency): Instrument => {
          const made = instrument(name, told)
          if (isFromName && intervalMs !== undefined) note(path, made.mint, intervalMs)
          if (made.currency === undefined) once(unknownCurrency(path, made.mint), path)
          else if (made.currency !== (options.currency ?? made.currency))
            once(
              `${path}: prices of ${made.mint} are in ${made.currency} by that name, whatever ` +
                '--currency says of others',
              path,
            )
          return made
        }
        return tableOptions(path, { ...options, symbol, named, begin })
      }
    },
    agree(intervalOf) {
      if (interval === undefined)
        for (const mint of lengths.keys()) compare(mint, intervalOf(mint), 'their step is')
      return intervalOf
    },
  }
}

const unknownCurrency = (path: string, mint: string): string =>
  `${path}: nothing says what prices of ${mint} are in, so their currency is unknown; say ` +
  '--currency usd or --currency sol'

/** Passes each text on once; texts of one key count as the same. */
function onceOnly(warn: (text: string) => void): (text: string, key?: string) => void {
  const said = new Set<string>()
  return (text, key = text) => {
    if (said.has(key)) return
    said.add(key)
    warn(text)
  }
}

interface FileNaming extends NamingOptions {
  named: string
  begin(name: string, isFromName: boolean, told?: Currency): Instrument
}

/** How one file is read: its instruments are looked at as they come up first. */
function tableOptions(
  path: string,
  { columns, symbol, named, rule, decimal, found, begin }: FileNaming,
): TableOptions {
  const known = new Map<string, Instrument>()
  let hasColumn = false
  return {
    columns,
    rule,
    decimal,
    found: format => found?.(path, format),
    nameFor(columns, told) {
      hasColumn = columns.symbol !== undefined
      if (hasColumn && symbol !== undefined)
        throw new UsageError(`--symbol: ${path} says it in its column ${columns.symbol?.name}`)
      return symbol ?? told ?? named
    },
    instrument(name, told) {
      let made = known.get(name)
      if (made === undefined) known.set(name, (made = begin(name, !hasColumn, told)))
      return made
    },
  }
}
