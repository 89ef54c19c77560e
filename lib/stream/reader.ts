import { isUtf8 } from 'node:buffer'
import { DataError } from '../errors.ts'
import type { Intake } from './intake.ts'
import type { Line } from './line.ts'

/** Longest line we hold in memory. The longest honest record is a few hundred kilobytes. */
export const MAX_LINE = 16 * 2 ** 20

/**
 * Splits chunks of bytes into records: one batch per chunk, so that a live line leaves at once and bulk is batched by
 * itself. Accepts a byte order mark, CRLF and blank lines. Lines before a bad one are handed over before it throws.
 * A last line without newline counts if it parses; otherwise the input was torn.
 */
export async function* readLines(chunks: AsyncIterable<Buffer>, intake: Intake): AsyncGenerator<Line[]> {
  const splitter = makeSplitter(intake)
  for await (const chunk of chunks) {
    const batch: Line[] = []
    try {
      splitter.push(chunk, batch)
    } catch (error) {
      if (batch.length > 0) yield batch
      throw error
    }
    if (batch.length > 0) yield batch
  }
  const last: Line[] = []
  splitter.end(last)
  if (last.length > 0) yield last
  intake.finish()
}

function makeSplitter(intake: Intake) {
  let tail: Buffer[] = []
  let tailBytes = 0
  let isStart = true
  let isSkipping = false

  const keep = (bytes: Buffer): void => {
    if (bytes.length === 0 || isSkipping) return
    tailBytes += bytes.length
    if (tailBytes <= MAX_LINE) tail.push(bytes)
    else giveUp(Buffer.concat([...tail, bytes]))
  }
  /** A line beyond all bounds: its head goes to the rejects, the rest is passed over. */
  const giveUp = (head: Buffer): void => {
    isSkipping = true
    tail = []
    tailBytes = 0
    const error = new DataError(`longer than ${MAX_LINE} bytes`)
    intake.refuse(error, `${head.toString('latin1', 0, 1000)}…`, intake.seen() + 1)
  }
  const take = (): Buffer => {
    const whole = tail.length === 1 ? (tail[0] as Buffer) : Buffer.concat(tail)
    tail = []
    tailBytes = 0
    return whole
  }
  const start = (bytes: Buffer): Buffer => {
    isStart = false
    return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes
  }
  return {
    push(chunk: Buffer, batch: Line[]): void {
      const last = chunk.lastIndexOf(10)
      if (last < 0) return keep(chunk)
      let body = chunk.subarray(0, last)
      if (isSkipping) {
        body = body.subarray(chunk.indexOf(10) + 1)
        isSkipping = false
      } else if (tail.length > 0) {
        keep(body)
        body = take()
      }
      if (isStart) body = start(body)
      // Kept first, so that an error in this chunk loses nothing of the next.
      keep(Buffer.from(chunk.subarray(last + 1)))
      splitText(body, intake, batch)
    },
    end(batch: Line[]): void {
      if (tailBytes === 0) return
      let body = take()
      if (isStart) body = start(body)
      takeLast(body, intake, batch)
    },
  }
}

function splitText(body: Buffer, intake: Intake, batch: Line[]): void {
  if (!isUtf8(body)) return splitBytes(body, intake, batch)
  const text = body.toString('utf8')
  for (let from = 0; from <= text.length; ) {
    let to = text.indexOf('\n', from)
    if (to < 0) to = text.length
    takeText(text, from, to, intake, batch)
    from = to + 1
  }
}

function takeText(text: string, from: number, to: number, intake: Intake, batch: Line[]): void {
  const end = to > from && text.charCodeAt(to - 1) === 13 ? to - 1 : to
  const line = intake.parse(text.slice(from, end))
  if (line !== undefined) batch.push(line)
}

/** Somewhere in these lines is a byte that is not UTF-8: decoding would change it silently, so such a line is bad. */
function splitBytes(body: Buffer, intake: Intake, batch: Line[]): void {
  for (let from = 0; from <= body.length; ) {
    let to = body.indexOf(10, from)
    if (to < 0) to = body.length
    const bytes = body.subarray(from, to)
    if (isUtf8(bytes)) {
      const text = bytes.toString('utf8')
      takeText(text, 0, text.length, intake, batch)
    } else intake.parse(`\u0000${bytes.toString('latin1')}`)
    from = to + 1
  }
}

function takeLast(body: Buffer, intake: Intake, batch: Line[]): void {
  const text = body.toString('utf8')
  try {
    JSON.parse(text)
  } catch {
    if (text.trim() === '') return
    return intake.refuse(new DataError('input ended inside a record'), text, intake.seen() + 1)
  }
  splitText(body, intake, batch)
}
