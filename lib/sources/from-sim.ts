import { UsageError } from '../base/errors.ts'
import type { Values } from '../base/flags.ts'
import type { SimOptions } from './sim/token/params.ts'
import { marketFlags } from './sim/token/sim-flags.ts'
import { candles, sourceKind, speed, state, tick } from './source.ts'

/** Flags of the market simulator; durations are in milliseconds. */
export const simFlags = { ...marketFlags, candles, tick }

/** Length of a candle where --candles does not say another. */
const CANDLE_MS = 300_000

/** Options of the simulator from its flags. */
export const simOptions = (flags: Values<typeof simFlags>): SimOptions => ({
  seed: flags.seed,
  days: flags.days,
  tokensPerHour: flags.tokensPerHour,
  candleMs: flags.candles ?? CANDLE_MS,
  snapshotMs: flags.snapshot,
  tickMs: flags.tick,
  startAt: Date.parse(flags.startAt),
  ...(flags.turnDay === undefined ? {} : { turnDay: flags.turnDay }),
})

/** A simulated market. */
export const fromSim = sourceKind({
  name: 'sim',
  summary: 'a simulated market, for trying things out without a network',
  gives: ['token', 'market', 'trade', 'candle', 'tick'],
  needs:
    'nothing: the same --seed gives the same lines; with --state DIR it goes on where it ' +
    'stopped (making a day again takes about a second)',
  flags: { ...simFlags, speed, state },
  hasFiles: false,
  async make({ flags, interrupted, log }) {
    const { makeSimSource } = await import('./sim/sim-source.ts')
    if (flags.tick < 1000)
      throw new UsageError('--tick: --source sim needs at least 1s, its candles close on ticks')
    return makeSimSource(simOptions(flags), flags.state, interrupted, log.warn)
  },
})
