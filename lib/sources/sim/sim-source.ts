import { setImmediate } from 'node:timers/promises'
import type { Line } from '../../stream/line.ts'
import type { Source } from '../../stream/step.ts'
import { openSimState, type SimState } from './sim-state.ts'
import type { SimOptions } from './token/params.ts'
import { simulate } from './world.ts'

/** Lines of a batch: few where each is a place to go on from. */
const BATCH = { plain: 512, kept: 32 }

/**
 * A seeded market as a source: batches of token, trade, market, candle and tick lines in order of
 * event time. With `state` (a folder) it goes on where an earlier run stopped: with the next line
 * when that run ended by itself or was told to, with lines that were there already (the same ids)
 * when it was killed or its reader went away. A market that was told to its end gives nothing more
 * and says so.
 */
export function makeSimSource(
  options: SimOptions,
  state?: string,
  interrupted?: AbortSignal,
  warn: (text: string) => void = () => {},
): Source {
  const kept = state === undefined ? undefined : openSimState(state, options)
  let isWhole = false
  let hasMore = false
  return {
    resumedTs: kept?.toldTs,
    async *lines(signal) {
      for (const { lines, at } of from(kept?.skip ?? 0, options, kept)) {
        if (signal.aborted) break
        if (lines.length > 0) {
          hasMore = true
          yield lines
          kept?.told(at, lines.at(-1)!)
        }
        // Signals and writes get their turn also when the reader takes batch after batch without
        // waiting.
        await setImmediate()
      }
      if (kept !== undefined && !hasMore && !signal.aborted)
        warn(
          `--state: ${state} has told this market to its end, day ${options.days}; it goes on ` +
            'with a larger --days',
        )
      isWhole = !signal.aborted || interrupted?.aborted === true
    },
    close: () => kept?.close(isWhole),
  }
}

/** Batches behind the first `skip` lines, each with the number of lines up to its end. */
function* from(
  skip: number,
  options: SimOptions,
  kept: SimState | undefined,
): Generator<{ lines: Line[]; at: number }> {
  let at = 0
  for (const batch of simulate(options, kept === undefined ? BATCH.plain : BATCH.kept)) {
    const passed = Math.min(batch.length, Math.max(0, skip - at))
    at += batch.length
    if (passed > 0 && at - batch.length + passed === skip) kept?.check(batch[passed - 1]!)
    yield { lines: passed === 0 ? batch : batch.slice(passed), at }
  }
}
