import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { journalDir, listDays, listJournals } from '../../store/journal/days.ts'
import type { KeepState } from '../../store/keep/keep.ts'
import { databasePath } from '../../store/tables/sync.ts'
import { ageText, type Item } from './item.ts'
import { lastObjects } from './newest.ts'

/** A keep that has not written its heartbeat for this long is dead. */
const SILENT_MS = 60_000

/** What `keep` runs, by its heartbeat files. */
export function pipelineItems(home: string, now: number): Item[] {
  const dir = join(home, 'keep')
  const files = existsSync(dir) ? readdirSync(dir).filter(file => file.endsWith('.json')) : []
  return files.sort().map(file => {
    const state = JSON.parse(readFileSync(join(dir, file), 'utf8')) as KeepState
    const { name, restarts, lastEnd } = state
    const silentMs = now - state.heartbeatAt
    const isDead = state.state !== 'stopped' && silentMs > SILENT_MS
    const said = isDead ? 'dead' : state.state
    const end = lastEnd === undefined ? '' : `, last ${lastEnd}`
    const text =
      `${said} for ` +
      `${ageText(state.state === 'stopped' || isDead ? silentMs : now - state.startedAt)}, ` +
      `${restarts} restarts${end}`
    return {
      what: 'pipeline',
      name,
      level: levelOf(said, lastEnd),
      text,
      state: said,
      restarts,
      silentMs,
    }
  })
}

function levelOf(state: string, lastEnd: string | undefined): Item['level'] {
  if (state === 'running') return 'ok'
  if (state === 'stopped') return lastEnd === undefined || lastEnd === 'exit 0' ? 'ok' : 'error'
  return state === 'waiting' ? 'warn' : 'error'
}

/**
 * Newest line of each journal: how far it is behind in event time, and when it was written. The
 * freshest one must not be behind by more than `maxLagMs`.
 */
export function journalItems(home: string, now: number, maxLagMs: number): Item[] {
  const items = listJournals(home).flatMap((name): Item[] => {
    const day = listDays(journalDir(home, name)).at(-1)
    if (day === undefined || day.isArchive) return []
    const { mtimeMs } = statSync(day.path)
    const writtenMs = Math.round(now - mtimeMs)
    const ts = lastObjects(day.path, 1 << 16).at(-1)?.ts
    const head = { what: 'journal', name, level: 'ok', writtenMs } as const
    if (typeof ts !== 'number') return [{ ...head, text: `written ${ageText(writtenMs)} ago` }]
    return [
      {
        ...head,
        lagMs: now - ts,
        text: `event time ${ageText(now - ts)} behind, written ${ageText(writtenMs)} ago`,
      },
    ]
  })
  const freshest = items.toSorted(
    (a, b) => Number(a.lagMs ?? Infinity) - Number(b.lagMs ?? Infinity),
  )[0]
  return items.map(item =>
    item === freshest && Number(item.lagMs) > maxLagMs ? { ...item, level: 'warn' } : item,
  )
}

/** Age of the published database. */
export function databaseItems(home: string, now: number): Item[] {
  const path = databasePath(home)
  if (!existsSync(path))
    return [{ what: 'database', name: 'sluice', level: 'warn', text: 'none yet; run sluice sync' }]
  const { mtimeMs, size } = statSync(path)
  const ageMs = Math.round(now - mtimeMs)
  const text = `synced ${ageText(ageMs)} ago, ${Math.round(size / 2 ** 20)} MB`
  return [{ what: 'database', name: 'sluice', level: 'ok', text, ageMs, bytes: size }]
}

/** Switches that are thrown. */
export function switchItems(home: string): Item[] {
  const text = 'scoring is off; remove the file to go on'
  return existsSync(join(home, 'ML_OFF'))
    ? [{ what: 'switch', name: 'ML_OFF', level: 'warn', text }]
    : []
}
