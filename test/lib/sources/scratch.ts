import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BadLines, Intake } from '../../../lib/stream/intake.ts'
import { makeIntake } from '../../../lib/stream/intake.ts'
import type { Line } from '../../../lib/stream/line.ts'
import type { Source } from '../../../lib/stream/step.ts'

/** Writes files into a folder that is removed when `use` returns. */
export async function withFiles<T>(
  files: Record<string, string | Buffer>,
  use: (path: (name: string) => string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'sources-test-'))
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
    return await use(name => join(folder, name))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** All lines of a source, and the error that ended it, if one did. */
export async function drain(source: Source, signal = new AbortController().signal) {
  const lines: Line[] = []
  let error: unknown
  try {
    for await (const batch of source.lines(signal)) lines.push(...batch)
  } catch (thrown) {
    error = thrown
  } finally {
    await source.close?.()
  }
  return { lines, raw: lines.map(line => line.raw), error }
}

/** An intake per file, with what was rejected. */
export function makeIntakes(skip = false, max = 1) {
  const rejects: string[] = []
  const policy: BadLines = { skip, max, reject: entry => void rejects.push(entry) }
  const intake = (path: string): Intake => makeIntake([], policy, path)
  return { rejects, intake }
}
