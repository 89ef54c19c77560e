import { openBytes } from '../../base/bytes.ts'
import { DataError } from '../../base/errors.ts'
import type { Intake } from '../../stream/intake.ts'
import { readCsvLines, separatorOf, splitFields } from './csv.ts'
import { type Columns, type Field, findColumns } from './header-words.ts'
import { type Bar, readBar } from './price-row.ts'
import type { Instrument } from './symbol.ts'

export interface TableOptions {
  /** `--columns`: our field → the file's column. */
  columns: ReadonlyMap<Field, string>
  /**
   * Name of the instrument where the columns hold no symbol. Throws a UsageError when two say it.
   */
  nameFor(columns: Columns): string
  instrument(name: string): Instrument
}

/**
 * The bars of one file in its own order, one batch per chunk of the file. A bad row goes to the
 * intake of the file, or is passed over in a first look (no intake). Throws a DataError when the
 * header lacks a column.
 */
export async function* readTable(
  path: string,
  options: TableOptions,
  signal: AbortSignal,
  intake?: Intake,
): AsyncGenerator<Bar[]> {
  let parse: ((text: string) => Bar) | undefined
  for await (const lines of readCsvLines(openBytes(path, signal, intake?.read))) {
    const bars: Bar[] = []
    let failure: { error: unknown } | undefined
    for (const { no, text } of lines) {
      if (parse === undefined) parse = makeParse(text, no, path, options)
      else {
        try {
          const bar = takeRow(parse, text, no, intake)
          if (bar !== undefined) bars.push(bar)
        } catch (error) {
          failure = { error }
          break
        }
      }
    }
    if (bars.length > 0) yield bars
    if (failure) throw failure.error
  }
  if (parse === undefined) throw new DataError(`${path}: expected a header, got an empty file`)
  intake?.finish()
}

function makeParse(
  header: string,
  no: number,
  path: string,
  options: TableOptions,
): (text: string) => Bar {
  const separator = separatorOf(header)
  const columns = located(path, no, () =>
    findColumns(splitFields(header, separator), options.columns),
  )
  const name = options.nameFor(columns)
  return text => readBar(splitFields(text, separator), columns, options.instrument, name)
}

function takeRow(
  parse: (text: string) => Bar,
  text: string,
  no: number,
  intake: Intake | undefined,
): Bar | undefined {
  const read = (): Bar => {
    try {
      return parse(text)
    } catch (error) {
      if (error instanceof DataError) error.line = no
      throw error
    }
  }
  if (intake !== undefined) return intake.take({ raw: text }, read)
  try {
    return read()
  } catch (error) {
    if (error instanceof DataError) return undefined
    throw error
  }
}

/** Names file and line in a DataError. */
function located<T>(path: string, line: number, act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (error instanceof DataError) {
      error.place = path
      error.line = line
    }
    throw error
  }
}
