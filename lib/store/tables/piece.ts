import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { DataError, messageOf } from '../../base/errors.ts'
import { explain, fits } from '../../records/check.ts'
import { PARTS } from '../../records/parts.ts'
import { type Checker, DAMAGES } from '../sealed/checksum.ts'

/** A stored line that was not loaded, or not believed without a word. */
export interface Trouble {
  path: string
  line: number
  reason: string
  raw: string
  what: 'refused' | 'damaged' | 'conflict'
}

/** Lines of a piece that are loaded: their numbers in the file, and their texts by place. */
export interface Piece {
  /** All lines of it, refused ones too. */
  lines: number
  troubles: Trouble[]
  /** Number in the file of each line that is in the piece, in order. */
  numbers: number[]
  textOf(at: number): string
}

/** Where a piece comes from: stored lines with the number of the first. */
interface From {
  path: string
  line: number
  isRecords: boolean
  checker: Checker
}

/** Reads the bytes [from, to) of a file. A RangeError when it has become shorter. */
export function readRange(path: string, from: number, to: number): Buffer {
  const bytes = Buffer.allocUnsafe(to - from)
  const fd = openSync(path, 'r')
  try {
    for (let at = 0; at < bytes.length; ) {
      const got = readSync(fd, bytes, at, bytes.length - at, from + at)
      if (got === 0) throw new RangeError(`${path} became shorter than ${to} bytes`)
      at += got
    }
  } finally {
    closeSync(fd)
  }
  return bytes
}

/**
 * Writes the good ones of whole lines to `target`. A line that is not as it was written, or no
 * record with all its parts as their schemas say, is refused: it would shut out a good one with
 * its id. A line whose own checksum fits is taken where lines before it are missing, and that is
 * said.
 */
export function takePiece(bytes: Buffer, from: From, target: string): Piece {
  const troubles: Trouble[] = []
  const numbers: number[] = []
  const spans: [number, number][] = []
  let line = from.line
  for (let at = 0; at < bytes.length; line++) {
    const end = bytes.indexOf(10, at)
    const raw = bytes.toString('utf8', at, end)
    const { text, damage } = from.checker.take(raw, bytes.subarray(at, end))
    const isWhole = damage === undefined || damage === 'broken-chain' || damage === 'no-start'
    const reason = isWhole ? reasonAgainst(text, from.isRecords) : DAMAGES[damage]
    const tell = (what: Trouble['what'], why: string): void =>
      void troubles.push({ path: from.path, line, reason: why, raw: text, what })
    if (reason !== undefined) tell('refused', reason)
    else {
      if (damage !== undefined) tell('damaged', DAMAGES[damage])
      numbers.push(line)
      spans.push([at, end + 1])
    }
    at = end + 1
  }
  writeSpans(bytes, spans, target)
  const textOf = (at: number): string => bytes.toString('utf8', spans[at]![0], spans[at]![1] - 1)
  return { lines: line - from.line, troubles, numbers, textOf }
}

function writeSpans(bytes: Buffer, spans: readonly [number, number][], target: string): void {
  const fd = openSync(target, 'w', 0o600)
  try {
    for (let i = 0; i < spans.length; ) {
      const start = spans[i]![0]
      let end = spans[i]![1]
      for (i++; i < spans.length && spans[i]![0] === end; i++) end = spans[i]![1]
      for (let at = start; at < end; ) at += writeSync(fd, bytes, at, end - at)
    }
  } finally {
    closeSync(fd)
  }
}

/** Why a text is no record; of rows that are not lines only what every one has is looked at. */
function reasonAgainst(text: string, isRecord: boolean): string | undefined {
  try {
    const rec = JSON.parse(text) as Record<string, unknown>
    if (typeof rec !== 'object' || rec === null) return 'expected an object'
    if (!isRecord)
      return typeof rec.id === 'string' && typeof rec.ts === 'number' ? undefined : 'no id or ts'
    if (!fits('envelope', rec)) explain('envelope', rec)
    for (const part of NAMES)
      if (rec[part] !== undefined && !fits(part, rec[part])) explain(part, rec[part])
    return undefined
  } catch (error) {
    if (error instanceof SyntaxError) return 'not JSON'
    if (error instanceof DataError) return messageOf(error)
    throw error
  }
}

const NAMES = Object.keys(PARTS).filter(name => name !== 'envelope')
