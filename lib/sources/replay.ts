import { checkFiles, openBytes } from '../base/bytes.ts'
import type { Intake } from '../stream/intake.ts'
import type { Line } from '../stream/line.ts'
import { mergeSorted } from '../stream/merge.ts'
import { readLines } from '../stream/reader.ts'
import type { Source } from '../stream/step.ts'
import { untilStopped } from '../stream/until-stopped.ts'

interface ReplayOptions {
  paths: readonly string[]
  /** `file`: one after the other, as named; `time`: merged by ts, each file in its own order. */
  order: 'file' | 'time'
  intake(path: string): Intake
}

/**
 * Recorded NDJSON as it was: every good line leaves with the bytes it had. Throws a UsageError for
 * unreadable files.
 */
export async function openReplay({ paths, order, intake }: ReplayOptions): Promise<Source> {
  await checkFiles(paths)
  return {
    lines(signal) {
      const files = paths.map(path => readLines(openBytes(path, signal), intake(path)))
      const merged =
        order === 'time'
          ? mergeSorted(files, (a, b) => a.rec.ts - b.rec.ts)
          : oneAfterAnother(files)
      return untilStopped(merged, signal)
    },
  }
}

async function* oneAfterAnother(files: readonly AsyncIterable<Line[]>[]): AsyncGenerator<Line[]> {
  for (const file of files) yield* file
}
