import { duration, int, num, text } from '../../flags.ts'

/** Flags of the market simulator; durations are in milliseconds. */
export const simFlags = {
  seed: int('Seed of the simulated market: same seed, same bytes', { default: 1, min: 0 }),
  days: num('Length of the simulated market in days', { default: 3, min: 0.001, max: 3650 }),
  tokensPerHour: num('Tokens launched per hour in the simulated market', { default: 2, min: 0, max: 10_000 }),
  snapshot: duration('Shortest time between two market lines of a simulated pool', { default: '10s', min: '400ms' }),
  startAt: text('Start of the simulated market in UTC', {
    default: '2026-01-01T00:00:00Z',
    pattern: /^20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/,
    expected: 'a time like 2026-01-01T00:00:00Z',
    value: 'TIME',
  }),
  candles: duration('Length of a candle', { default: '5m', min: '1s', max: '1d' }),
  tick: duration('Event time between two tick lines', { default: '10s', min: '1s', max: '1h' }),
}
