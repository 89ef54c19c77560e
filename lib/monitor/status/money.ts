import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ALERTS } from '../../alerts/alerts.ts'
import type { Position } from '../../records/position.ts'
import { journalDir, listDays } from '../../store/journal/days.ts'
import { lastLines } from '../../store/journal/tail.ts'
import { ageText, type Item, percent } from './item.ts'
import { lastObjects } from './newest.ts'

/** Positions of the ledgers that are not closed. */
export const positionItems = (home: string, now: number): Item[] =>
  ledgersIn(home).flatMap(path => openPositions(path, now))

/** Paths of the ledgers of a home. */
export function ledgersIn(home: string): string[] {
  const dir = join(home, 'ledger')
  const files = existsSync(dir) ? readdirSync(dir).filter(file => file.endsWith('.ndjson')) : []
  return files.sort().map(file => join(dir, file))
}

function openPositions(path: string, now: number): Item[] {
  const last = new Map<string, { mint: string; position: Position }>()
  for (const [raw] of lastLines(path, Number.MAX_SAFE_INTEGER)) {
    if (!raw.includes('"position":{')) continue
    const { mint, position } = JSON.parse(raw) as { mint: string; position?: Position }
    if (position !== undefined) last.set(position.id, { mint, position })
  }
  const open = [...last.values()].filter(({ position }) => position.status !== 'closed')
  return open.map(({ mint, position }) => {
    const { status, openedAt, costLamports } = position
    const ageMs = now - openedAt
    const gain = position.peak === undefined ? '' : `, best ${percent(position.peak)}`
    const text = `${status} for ${ageText(ageMs)}, cost ${costLamports} lamports${gain}`
    return {
      what: 'position',
      name: mint,
      level: status === 'orphan' ? 'error' : 'ok',
      text,
      status,
      ageMs,
      costLamports,
    }
  })
}

/** Alerts of the last day, newest last. */
export function alertItems(home: string, now: number, most = 5): Item[] {
  const days = listDays(journalDir(home, ALERTS)).filter(day => !day.isArchive)
  const rows = days.slice(-2).flatMap(({ path }) => lastObjects(path, 1 << 18))
  const recent = rows.filter(row => Number(row.ts) > now - 86_400_000).slice(-most)
  return recent.map(row => {
    const alert = (row.alert ?? {}) as { severity?: string; name?: string; text?: string }
    const level = alert.severity === 'error' ? 'error' : 'warn'
    const ageMs = now - Number(row.ts)
    return {
      what: 'alert',
      name: `${row.source}.${alert.name}`,
      level,
      text: `${alert.text} (${ageText(ageMs)} ago)`,
      ageMs,
    }
  })
}
