import { duration, num, text } from '../../../base/flags.ts'

/** Flags that the market simulator alone has. */
export const marketFlags = {
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
}
