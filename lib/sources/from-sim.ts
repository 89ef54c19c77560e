import { UsageError } from '../base/errors.ts'
import { duration, num, text, type Values } from '../base/flags.ts'
import type { SimOptions } from './sim/token/params.ts'
import { candles, sourceKind, speed, state, tick } from './source.ts'

/** Flags of the market simulator; durations are in milliseconds. */
export const simFlags = {
  seed: text('seed of the simulated market: same seed, same bytes', { default: '1' }),
  days: num('length of the simulated market in days', { default: 3, min: 0.001, max: 3650 }),
  tokensPerHour: num('tokens launched per hour in the simulated market', {
    default: 2,
    min: 0,
    max: 10_000,
  }),
  snapshot: duration('shortest time between two market lines of a simulated pool', {
    default: '10s',
    min: '400ms',
  }),
  startAt: text('start of the simulated market in UTC', {
    default: '2026-01-01T00:00:00Z',
    pattern: /^20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/,
    expected: 'a time like 2026-01-01T00:00:00Z',
    value: 'TIME',
  }),
  turnDay: num(
    'day from which most launches are rugs that look as the others did: a change of regime',
    {
      min: 0,
      max: 3650,
    },
  ),
  candles,
  tick,
}

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
  async make({ flags, interrupted }) {
    const { makeSimSource } = await import('./sim/sim-source.ts')
    if (flags.tick < 1000)
      throw new UsageError('--tick: --source sim needs at least 1s, its candles close on ticks')
    return makeSimSource(simOptions(flags), flags.state, interrupted)
  },
})
