import { StringDecoder } from 'node:string_decoder'
import { DataError } from '../../../base/errors.ts'

/** One line of a CSV file: its number in the file and its text. */
export interface CsvLine {
  no: number
  text: string
}

/** Longest line held in memory. */
const MAX_LINE = 2 ** 20

/**
 * Non-blank lines of CSV text, one batch per chunk; CRLF and a byte order mark are dropped. Throws
 * on an endless line.
 */
export async function* readCsvLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<CsvLine[]> {
  const decoder = new StringDecoder('utf8')
  let no = 0
  let rest = ''
  const split = (text: string, isLast: boolean): CsvLine[] => {
    const batch: CsvLine[] = []
    let from = 0
    for (
      let to = text.indexOf('\n');
      to >= 0 || (isLast && from < text.length);
      to = text.indexOf('\n', from)
    ) {
      const next = to < 0 ? text.length : to
      const end = text.charCodeAt(next - 1) === 13 ? next - 1 : next
      no++
      if (end > from) batch.push({ no, text: text.slice(from, end) })
      from = next + 1
    }
    rest = text.slice(from)
    if (rest.length > MAX_LINE)
      throw new DataError(`longer than ${MAX_LINE} bytes`, { line: no + 1 })
    return batch
  }
  let isStart = true
  for await (const chunk of chunks) {
    let text = rest + decoder.write(chunk)
    if (isStart && text.charCodeAt(0) === 0xfeff) text = text.slice(1)
    if (text.length > 0) isStart = false
    const batch = split(text, false)
    if (batch.length > 0) yield batch
  }
  const last = split(rest + decoder.end(), true)
  if (last.length > 0) yield last
}

/**
 * Fields of one line (RFC 4180): a field in double quotes may hold separators and doubled quotes. A
 * quoted field must end on its line: no column of a price table holds line breaks, and one stray
 * quote must not swallow the rows after it.
 */
export function splitFields(text: string, separator: string): string[] {
  if (!text.includes('"')) return text.split(separator)
  const fields: string[] = []
  for (let at = 0; ; ) {
    const end = text.charCodeAt(at) === 34 ? closingQuote(text, at) : at
    let to = text.indexOf(separator, end)
    if (to < 0) to = text.length
    fields.push(end > at ? unquoted(text.slice(at, to)) : text.slice(at, to))
    if (to === text.length) return fields
    at = to + separator.length
  }
}

/** Index just behind the quote that closes the one at `from`. */
function closingQuote(text: string, from: number): number {
  for (let at = from + 1; ; at += 2) {
    at = text.indexOf('"', at)
    if (at < 0)
      throw new DataError(`a quote is not closed: ${JSON.stringify(text.slice(from, from + 40))}`)
    if (text.charCodeAt(at + 1) !== 34) return at + 1
  }
}

const unquoted = (field: string): string => {
  const inner = field.trimEnd()
  if (!inner.endsWith('"'))
    throw new DataError(`text behind a closing quote: ${JSON.stringify(inner.slice(0, 40))}`)
  return inner.slice(1, -1).replaceAll('""', '"')
}

/**
 * The separator of a header line: the one of comma, semicolon and tab that makes most fields of it.
 */
export function separatorOf(header: string): string {
  const counts = [',', ';', '\t'].map(separator => ({
    separator,
    fields: header.split(separator).length,
  }))
  return counts.reduce((best, next) => (next.fields > best.fields ? next : best)).separator
}
