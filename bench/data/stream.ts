import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { openBytes } from '../../lib/base/bytes.ts'
import type { Rec } from '../../lib/records/record.ts'
import { readCsvLines, splitFields } from '../../lib/sources/ohlcv/formats/csv.ts'
import { encode } from '../../lib/stream/encode.ts'
import { makeTicker, tickLine } from '../../lib/stream/ticks.ts'

/** Turns a data file into records or rows; `note` prints a finding on stderr. */
export type Convert = (
  path: string,
  note: (text: string) => void,
  words: readonly string[],
) => AsyncIterable<unknown>

const never = new AbortController().signal

/** The whole text of a file, plain or compressed, without a byte order mark. */
export async function readText(path: string): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of openBytes(path, never)) chunks.push(chunk)
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/^\ufeff/, '')
}

/** Rows of a CSV file with a header; an absent or empty field is ''. */
export async function* readRows(path: string): AsyncGenerator<(column: string) => string> {
  let header: string[] | undefined
  for await (const lines of readCsvLines(openBytes(path, never))) {
    for (const { text } of lines) {
      const fields = splitFields(text, ',')
      if (header === undefined) header = fields
      else {
        const names = header
        yield column => fields[names.indexOf(column)] ?? ''
      }
    }
  }
}

/**
 * Records in the order of time, ticks where time passes ten seconds. Records of one time keep their
 * order.
 */
export function* inTime(records: readonly Rec[]): Generator<Rec> {
  const due = makeTicker(10_000)
  for (const rec of [...records].sort((a, b) => a.ts - b.ts)) {
    const at = due(rec)
    if (at !== undefined) yield tickLine(at).rec
    yield rec
  }
}

/**
 * Prints what a converter makes when its file is the program: `node --import tsx bench/data/NAME.ts
 * [FILE] [WORD…]`.
 */
export async function main(url: string, dataset: string, convert: Convert): Promise<void> {
  if (process.argv[1] !== fileURLToPath(url)) return
  const [
    path = fileURLToPath(new URL(`../../../shared/data/${dataset}`, import.meta.url)),
    ...words
  ] = process.argv.slice(2)
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  for await (const item of convert(path, text => console.error(text), words)) {
    if (process.stdout.destroyed) return
    if (!process.stdout.write(`${encode(item)}\n`))
      await Promise.race([once(process.stdout, 'drain'), once(process.stdout, 'close')])
  }
}

/** Middle value; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1
    ? sorted[half]!
    : ((sorted[half - 1] ?? Number.NaN) + (sorted[half] ?? Number.NaN)) / 2
}
