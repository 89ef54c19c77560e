import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { syncFolder } from '../base/atomic-write.ts'
import { UsageError } from '../base/errors.ts'
import { lastLines } from '../store/journal/tail.ts'
import type { SavedTime } from '../stream/event-time.ts'
import type { makeLabeler } from './labeler.ts'

type Labeler = ReturnType<typeof makeLabeler>

const VERSION = 1
const FILE = 'label.ndjson'

/** Which input a state has seen: ids of its first and its last line. */
export interface Extent {
  first: string
  last: string
  /** What the judge of event time knew at the last; absent in states of before there was one. */
  time?: SavedTime
}

/**
 * Writes what is pending to DIR/label.ndjson as one step: header, then one line per mint. Whoever
 * reads it finds the state after this run or the one before, never a mixture.
 */
export function saveState(
  dir: string,
  settings: unknown,
  labeler: Labeler,
  seen: Extent | undefined,
): void {
  mkdirSync(dir, { recursive: true })
  const path = join(dir, FILE)
  const fd = openSync(`${path}.part`, 'w')
  try {
    let text = `${JSON.stringify({ version: VERSION, settings, seen })}\n`
    for (const item of labeler.save()) {
      text += `${JSON.stringify(item)}\n`
      if (text.length > 1 << 20) text = write(fd, text)
    }
    write(fd, text)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(`${path}.part`, path)
  syncFolder(dir)
}

function write(fd: number, text: string): '' {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
  return ''
}

/**
 * Takes up where the last run ended, and tells what that had seen. Throws a UsageError when the
 * state is of another version or other settings.
 */
export function loadState(dir: string, settings: unknown, labeler: Labeler): Extent | undefined {
  const path = join(dir, FILE)
  if (!existsSync(path)) return undefined
  const lines = itemsOf(path)
  const header = lines.next().value as { version: number; settings: unknown; seen?: Extent }
  if (header?.version !== VERSION || JSON.stringify(header.settings) !== JSON.stringify(settings)) {
    throw new UsageError(
      `${path} was written with other settings; finish with those, or remove it to start anew`,
    )
  }
  labeler.load(lines.next().value, lines)
  return header.seen
}

function* itemsOf(path: string): Generator<unknown> {
  for (const [raw] of lastLines(path, Number.MAX_SAFE_INTEGER)) yield JSON.parse(raw)
}
