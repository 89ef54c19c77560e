import { closeSync, fstatSync, openSync } from 'node:fs'
import { UsageError } from '../../base/errors.ts'
import type { Rec } from '../../records/record.ts'
import { checkLine, foreign, type LedgerHead, linesOf, parse } from './ledger.ts'

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
 * other foreign line is a DataError naming it. UsageError when there is no such file.
 */
export function readLedger(path: string, apply: (rec: Rec) => void): LedgerRead {
  const fd = openForReading(path)
  try {
    const { size } = fstatSync(fd)
    let head: LedgerHead | undefined
    let no = 0
    let end = 0
    let bad = false
    for (const { text, to } of linesOf(fd)) {
      if (bad) throw foreign(path, no, 'not JSON')
      no++
      const parsed = parse(text)
      bad = parsed === undefined
      if (bad) continue
      if (head === undefined) head = headOf(path, parsed)
      else apply(checkLine(path, no, parsed))
      end = to
    }
    if (head === undefined) throw foreign(path, 1, 'it has no first line')
    const lines = bad ? no - 2 : no - 1
    return { head, lines, torn: end < size ? { line: lines + 2, bytes: size - end } : undefined }
  } finally {
    closeSync(fd)
  }
}

function openForReading(path: string): number {
  try {
    return openSync(path, 'r')
  } catch (error) {
    throw new UsageError(
      `cannot read the ledger ${path}: ${(error as NodeJS.ErrnoException).code ?? 'error'}`,
    )
  }
}

const AMOUNT = /^\d{1,30}$/

function headOf(path: string, parsed: unknown): LedgerHead {
  const { ledger, v, mode, cashLamports } = (parsed ?? {}) as Partial<LedgerHead>
  const isWhole =
    typeof mode === 'string' && typeof cashLamports === 'string' && AMOUNT.test(cashLamports)
  if (ledger !== 'sluice' || v !== 1 || !isWhole)
    throw foreign(path, 1, 'expected {"ledger":"sluice","v":1,…}')
  return { ledger, v, mode, cashLamports }
}
