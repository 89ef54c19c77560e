import { checkFiles, openBytes } from '../base/bytes.ts'
import type { EventTime } from '../stream/event-time.ts'
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
  /** A judge of time for each file that is merged. */
  makeTime(): EventTime
}

/**
 * Recorded NDJSON as it was: every good line leaves with the bytes it had. Throws a UsageError for
 * unreadable files.
 */
export async function openReplay(options: ReplayOptions): Promise<Source> {
  const { paths, order, intake, makeTime } = options
  await checkFiles(paths)
  return {
    lines(signal) {
      const files = paths.map(path => {
        const own = intake(path)
        return readLines(openBytes(path, signal, own.read), own)
      })
      const merged =
        order === 'time'
          ? undated(
              mergeSorted(
                files.map(file => dated(file, makeTime())),
                (a, b) => a.at - b.at,
              ),
            )
          : oneAfterAnother(files)
      return untilStopped(merged, signal)
    },
  }
}

interface Dated {
  line: Line
  at: number
}

/**
 * The time at which each line stands among those of other files: its own, or that of the lines
 * before it where its own is not believed.
 */
async function* dated(file: AsyncIterable<Line[]>, time: EventTime): AsyncGenerator<Dated[]> {
  for await (const batch of file)
    yield batch.map(line => {
      const isOdd = time.judge(line.rec) === 'jump'
      return { line, at: (isOdd ? time.now() : undefined) ?? line.rec.ts }
    })
}

async function* undated(batches: AsyncIterable<Dated[]>): AsyncGenerator<Line[]> {
  for await (const batch of batches) yield batch.map(({ line }) => line)
}

async function* oneAfterAnother(files: readonly AsyncIterable<Line[]>[]): AsyncGenerator<Line[]> {
  for (const file of files) yield* file
}
