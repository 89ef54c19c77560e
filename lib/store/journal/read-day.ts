import { type FileHandle, open } from 'node:fs/promises'
import { DataError, TemporaryError } from '../../base/errors.ts'
import type { Line } from '../../stream/line.ts'
import { parseLine } from '../../stream/parse.ts'
import { MAX_LINE } from '../../stream/reader.ts'
import { type Checker, makeChecker } from '../sealed/checksum.ts'
import type { Day } from './days.ts'
import { damaged, lineBefore, unsealed } from './tail.ts'

interface Chunk {
  lines: Line[]
  /** Where reading goes on: bytes in a plain day, lines in an archived one. */
  next: number
}

const BLOCK = 1 << 18

/**
 * Whole lines of a day from position `from` to its present end, or to `until`. An unfinished last
 * line is left for the next call: its writer may finish it, or be killed and write something else
 * in its place. Throws a DataError naming file and line when one is not as it was written, or is no
 * record.
 */
export async function* readDay(
  day: Day,
  from: number,
  signal: AbortSignal,
  until?: number,
): AsyncGenerator<Chunk> {
  if (day.isArchive) yield* readArchive(day, from, signal, until)
  else yield* readPlain(day, from, signal, until)
}

async function* readPlain(
  day: Day,
  from: number,
  signal: AbortSignal,
  until?: number,
): AsyncGenerator<Chunk> {
  const handle = await openDay(day.path)
  try {
    const checker = makeChecker(from === 0 ? undefined : (lineBefore(handle.fd, from) ?? ''))
    let at = from
    let size = BLOCK
    while (!signal.aborted) {
      const room = Math.min(size, (until ?? Number.MAX_SAFE_INTEGER) - at)
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(room), 0, room, at)
      const end = buffer.subarray(0, bytesRead).lastIndexOf(10) + 1
      if (end === 0) {
        if (bytesRead < room || room < size) return
        if (size > MAX_LINE)
          throw new DataError(`${day.path}: a line of more than ${MAX_LINE} bytes at byte ${at}`)
        size *= 4
        continue
      }
      const lines = parseBytes(buffer.subarray(0, end), day.path, at, checker)
      at += end
      size = BLOCK
      yield { lines, next: at }
    }
  } finally {
    await handle.close()
  }
}

async function openDay(path: string): Promise<FileHandle> {
  try {
    return await open(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new TemporaryError(`${path} was archived a moment ago; start again`)
  }
}

/** Whole lines that start at offset `at` of a file. */
function parseBytes(bytes: Buffer, path: string, at: number, checker: Checker): Line[] {
  const lines: Line[] = []
  let from = 0
  for (const raw of bytes.toString('utf8', 0, bytes.length - 1).split('\n')) {
    const to = bytes.indexOf(10, from)
    const text = unsealed(checker, raw, bytes.subarray(from, to), path, at + from)
    try {
      lines.push(parseLine(text, 0))
    } catch (error) {
      throw damaged(path, at + from, (error as Error).message)
    }
    from = to + 1
  }
  return lines
}

function parseBlock(text: string, path: string, at: number): Line[] {
  const lines: Line[] = []
  for (const raw of text.split('\n')) {
    try {
      lines.push(parseLine(raw, 0))
    } catch (error) {
      throw new DataError(`${path}, at or before line ${at}: ${(error as Error).message}`)
    }
  }
  return lines
}

async function* readArchive(
  day: Day,
  from: number,
  signal: AbortSignal,
  until?: number,
): AsyncGenerator<Chunk> {
  const { archivedLines } = await import('../duck/archive.ts')
  let at = from
  for await (const raws of archivedLines(day.path, from, until)) {
    if (signal.aborted) return
    at += raws.length
    yield { lines: parseBlock(raws.join('\n'), day.path, at), next: at }
  }
}
