import { isUtf8 } from 'node:buffer'
import type { Intake } from './intake.ts'
import type { Line } from './line.ts'

/** Longest line we hold in memory. The longest honest record is a few hundred kilobytes. */
export const MAX_LINE = 16 * 2 ** 20

/**
 * Splits chunks of bytes into records: one batch per chunk, so that a live line leaves at once and
 * bulk is batched by itself. Accepts a byte order mark, CRLF and blank lines. Lines before a bad
 * one are handed over before it throws. A last line without newline counts if it parses; otherwise
 * the input was torn.
 */
export async function* readLines(
  chunks: AsyncIterable<Buffer>,
  intake: Intake,
): AsyncGenerator<Line[]> {
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
    intake.fail(`longer than ${MAX_LINE} bytes`, `${head.toString('latin1', 0, 1000)}…`)
  }
  /** These bytes with what was kept before them, less a byte order mark at the start of input. */
  const whole = (bytes: Buffer): Buffer => {
    const all = tail.length === 0 ? bytes : Buffer.concat([...tail, bytes])
    tail = []
    tailBytes = 0
    const hasMark = isStart && all[0] === 0xef && all[1] === 0xbb && all[2] === 0xbf
    isStart = false
    return hasMark ? all.subarray(3) : all
  }
  return {
    push(chunk: Buffer, batch: Line[]): void {
      const last = chunk.lastIndexOf(10)
      if (last < 0) {
        keep(chunk)
        return
      }
      const first = isSkipping ? chunk.indexOf(10) + 1 : 0
      isSkipping = false
      if (first <= last) splitText(whole(chunk.subarray(first, last)), intake, batch)
      keep(Buffer.from(chunk.subarray(last + 1)))
    },
    end(batch: Line[]): void {
      if (tailBytes === 0) return
      takeLast(whole(Buffer.alloc(0)), intake, batch)
    },
  }
}

function splitText(body: Buffer, intake: Intake, batch: Line[]): void {
  if (isUtf8(body)) splitDecoded(body.toString('utf8'), intake, batch)
  else splitBytes(body, intake, batch)
}

function splitDecoded(text: string, intake: Intake, batch: Line[]): void {
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

/**
 * Somewhere in these lines is a byte that is not UTF-8: decoding would change it silently, so such
 * a line is bad.
 */
function splitBytes(body: Buffer, intake: Intake, batch: Line[]): void {
  for (let from = 0; from <= body.length; ) {
    let to = body.indexOf(10, from)
    if (to < 0) to = body.length
    const bytes = body.subarray(from, to)
    if (isUtf8(bytes)) {
      const text = bytes.toString('utf8')
      takeText(text, 0, text.length, intake, batch)
    } else intake.fail('not UTF-8', bytes.toString('latin1'))
    from = to + 1
  }
}

function takeLast(body: Buffer, intake: Intake, batch: Line[]): void {
  const text = body.toString('utf8')
  if (isJson(text) || text.trim() === '') splitText(body, intake, batch)
  else intake.torn(text)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
