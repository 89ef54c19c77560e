import { UsageError } from '../base/errors.ts'
import { simFlags } from './sim/sim-flags.ts'
import { sourceKind, speed, state } from './source.ts'

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
  async make({ flags, interrupted }) {
    const { makeSimSource, simOptions } = await import('./sim/sim-source.ts')
    if (flags.tick < 1000)
      throw new UsageError('--tick: --source sim needs at least 1s, its candles close on ticks')
    return makeSimSource(simOptions(flags), flags.state, interrupted)
  },
})
