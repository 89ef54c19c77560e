import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ReportTable } from '../../records/report-rows.ts'
import { listDays } from '../../store/journal/days.ts'
import { lastLines } from '../../store/journal/tail.ts'

type Row = Record<string, unknown>

/** JSON objects at the end of a file; what is not JSON is left out. */
export function lastObjects(path: string, bytes: number): Row[] {
  const found: Row[] = []
  if (!existsSync(path)) return found
  for (const [raw] of lastLines(path, bytes)) {
    const row = parse(raw)
    if (row !== undefined) found.push(row)
  }
  return found
}

function parse(raw: string): Row | undefined {
  try {
    const value = JSON.parse(raw) as unknown
    return typeof value === 'object' && value !== null ? (value as Row) : undefined
  } catch {
    return undefined // A foreign line in a journal is for sync to refuse, not for status.
  }
}

/** Newest rows of a report table from its files, oldest first: no database is opened. */
export function newestRows(home: string, table: ReportTable, days = 2): Row[] {
  const dir = join(home, 'rows', table)
  return listDays(dir)
    .filter(day => !day.isArchive)
    .slice(-days)
    .flatMap(({ path }) => lastObjects(path, 1 << 18))
}
