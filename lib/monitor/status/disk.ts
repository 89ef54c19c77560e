import { existsSync, lstatSync, readdirSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { journalDir, listDays, listJournals } from '../../store/journal/days.ts'
import type { Item } from './item.ts'

/** Below this a journal stops by itself (journal --min-free). */
const LOW_BYTES = 5 * 2 ** 30

/**
 * What the home takes of the disk: a row for each of its folders and files of 1 MB and more, and
 * one for all with what is left. `retainDays` is how many days sync keeps of a journal. Sizes are
 * those of files, as `du --apparent-size` tells them. Nothing for a home that is empty.
 */
export function diskItems(home: string, retainDays: number): Item[] {
  const parts = existsSync(home)
    ? readdirSync(home).map(name => ({ name, bytes: bytesOf(join(home, name)) }))
    : []
  if (parts.length === 0) return []
  const large = parts.filter(({ bytes }) => bytes >= 2 ** 20).sort((a, b) => b.bytes - a.bytes)
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0)
  const { bavail, bsize } = statfsSync(home)
  const freeBytes = bavail * bsize
  const whole: Item = {
    what: 'disk',
    name: 'home',
    level: freeBytes < LOW_BYTES ? 'warn' : 'ok',
    text: `${sizeText(bytes)} used, ${sizeText(freeBytes)} free`,
    bytes,
    freeBytes,
  }
  return [whole, ...large.map(part => partItem(home, part, retainDays))]
}

function partItem(
  home: string,
  { name, bytes }: { name: string; bytes: number },
  retainDays: number,
): Item {
  const item: Item = { what: 'disk', name, level: 'ok', text: sizeText(bytes), bytes }
  if (name !== 'journal') return item
  const days = listJournals(home).flatMap(one => listDays(journalDir(home, one)))
  const [oldest] = days.map(({ date }) => date).sort()
  if (oldest === undefined) return item
  const text = `${item.text} since ${oldest}; sync keeps ${retainDays} days`
  return { ...item, text, oldest, retainDays }
}

/** Bytes of a file, or of all files below a folder. Links are not followed. */
function bytesOf(path: string): number {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  // A file that was replaced while we looked takes nothing any more.
  if (stat === undefined) return 0
  if (!stat.isDirectory()) return stat.size
  return readdirSync(path).reduce((sum, name) => sum + bytesOf(join(path, name)), 0)
}

/** `38 MB`, `1.2 GB`. */
const sizeText = (bytes: number): string =>
  bytes < 2 ** 30 ? `${Math.round(bytes / 2 ** 20)} MB` : `${(bytes / 2 ** 30).toFixed(1)} GB`
