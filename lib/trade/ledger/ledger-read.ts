import { closeSync, openSync } from 'node:fs'
import { UsageError } from '../../base/errors.ts'
import type { Rec } from '../../records/record.ts'
import { foreign, type LedgerHead } from './ledger-lines.ts'
import { walkLedger } from './ledger-walk.ts'

/** What a ledger holds beside its lines. */
export interface LedgerRead {
  head: LedgerHead
  lines: number
  /**
   * Where it stops making sense at its end: a line that is being written now, or that a crash cut
   * off.
   */
  torn: { line: number; bytes: number } | undefined
}

/**
 * Reads a ledger without touching it: no lock, no repair, so it may be read while execute writes
 * it. `apply` gets every line in order. A torn end is told, as the next start would cut it off; any
 * other line that is not as it was written is a DataError naming it. UsageError when there is no
 * such file.
 */
export function readLedger(path: string, apply: (rec: Rec) => void): LedgerRead {
  const fd = openForReading(path)
  try {
    let head: LedgerHead | undefined
    const { lines, end, size } = walkLedger(fd, path, {
      head: found => (head = found),
      line: apply,
    })
    if (head === undefined) throw foreign(path, 1, 'it has no first line')
    return { head, lines, torn: end < size ? { line: lines + 2, bytes: size - end } : undefined }
  } finally {
    closeSync(fd)
  }
}

/** Opens a ledger that has to be there. */
export function openForReading(path: string): number {
  try {
    return openSync(path, 'r')
  } catch (error) {
    throw new UsageError(
      `cannot read the ledger ${path}: ${(error as NodeJS.ErrnoException).code ?? 'error'}`,
    )
  }
}
