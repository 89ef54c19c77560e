import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { basename, join } from 'node:path'
import { DataError } from '../../base/errors.ts'
import { fileMode } from '../../base/modes.ts'
import { unseal } from '../sealed/checksum.ts'
import { type Head, type HeadKeeper, keepHead, readHead } from '../sealed/head-file.ts'
import { listDays } from './days.ts'
import { lineBefore, linesIn } from './tail.ts'

/** Where a journal keeps how far its newest file was on disk. */
export const headPath = (dir: string): string => join(dir, '.head')

/** Opens the head of a journal for writing. */
export const keepJournalHead = (dir: string): HeadKeeper => keepHead(headPath(dir), fileMode())

/** Lines that a journal had and has not any more. */
interface Gone {
  path: string
  /** Number of the first of them. */
  line: number
  why: string
}

/** What the head of a journal says of its newest file. */
export interface HeadState {
  head: Head
  gone: Gone | undefined
}

/**
 * Holds a journal against its head: last lines that were cut off, a newest file that is gone or
 * another. Undefined where it has no head, as versions before kept none. Days that were archived
 * have all their lines in the archive.
 */
export function stateOfHead(dir: string): HeadState | undefined {
  const head = readHead(headPath(dir))
  if (head === undefined) return undefined
  const path = join(dir, head.file)
  const day = listDays(dir).find(each => `${each.date}.ndjson` === basename(path))
  if (day?.isArchive) return { head, gone: undefined }
  const of = `${headPath(dir)} tells of ${head.bytes} bytes`
  if (day === undefined) return { head, gone: { path, line: 1, why: `it is gone: ${of}` } }
  const fd = openSync(path, 'r')
  try {
    const { size } = fstatSync(fd)
    if (size < head.bytes) {
      const why = `its last lines are gone: ${of}, and ${size} are here`
      return { head, gone: { path, line: linesOf(path) + 1, why } }
    }
    const isIt = isEndOfLine(fd, head.bytes) && chainAt(fd, head.bytes) === head.chain
    const why = `it is not the file that ${headPath(dir)} tells of`
    return { head, gone: isIt ? undefined : { path, line: linesOf(path) + 1, why } }
  } finally {
    closeSync(fd)
  }
}

/** The chain behind the line that ends at an offset; undefined where that line has no checksum. */
export function chainAt(fd: number, at: number): number | undefined {
  const last = lineBefore(fd, at)
  return last === undefined ? undefined : unseal(last).seal?.chain
}

function isEndOfLine(fd: number, at: number): boolean {
  const byte = Buffer.alloc(1)
  return at > 0 && readSync(fd, byte, 0, 1, at - 1) === 1 && byte[0] === 10
}

function linesOf(path: string): number {
  let count = 0
  for (const _ of linesIn(path)) count++
  return count
}

/** The error for what is gone, and what to do. */
export function goneError({ path, line, why }: Gone, journal: string): DataError {
  const error = new DataError(
    `${why}; put a copy of the file back, or go on without by “sluice journal repair ${journal}”`,
    { line },
  )
  error.place = path
  return error
}
