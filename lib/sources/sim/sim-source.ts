import { setImmediate } from 'node:timers/promises'
import type { Values } from '../../base/flags.ts'
import type { Source } from '../../stream/step.ts'
import type { simFlags } from './sim-flags.ts'
import type { SimOptions } from './token/params.ts'
import { simulate } from './world.ts'

/** Options of the simulator from its flags. */
export const simOptions = (flags: Values<typeof simFlags>): SimOptions => ({
  seed: flags.seed,
  days: flags.days,
  tokensPerHour: flags.tokensPerHour,
  candleMs: flags.candles,
  snapshotMs: flags.snapshot,
  tickMs: flags.tick,
  startAt: Date.parse(flags.startAt),
  ...(flags.turnDay === undefined ? {} : { turnDay: flags.turnDay }),
})

/**
 * A seeded market as a source: batches of token, trade, market, candle and tick lines in order of
 * event time.
 */
export function makeSimSource(options: SimOptions): Source {
  return {
    async *lines(signal) {
      for (const batch of simulate(options)) {
        if (signal.aborted) return
        yield batch
        // Signals and writes get their turn also when the reader takes batch after batch without
        // waiting.
        await setImmediate()
      }
    },
  }
}
