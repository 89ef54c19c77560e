import {
  bool,
  choice,
  duration,
  file,
  grouped,
  list,
  num,
  sol,
  type Values,
} from '../base/flags.ts'
import { whaleFlags } from '../market/whale.ts'
import { HORIZONS } from '../records/label.ts'

/** Flags of `label`. */
export const labelFlags = {
  horizons: list(
    'horizons wanted: mN, hN and dN end after minutes, hours and days, nN after snapshots of the ' +
      'pool, path with the second quote of an opportunity',
    { default: HORIZONS, value: 'H,…' },
  ),
  ...grouped('What a label means (all of it is in its hash)', {
    bounds: list(
      'ends of the classes RUG, DECLINE, DIP, STABLE, CLIMB and PUMP by return at the horizon; ' +
        'above is MOON, and DIP ends below its bound',
      { default: ['-0.8', '-0.3', '-0.05', '0.05', '0.3', '1'], value: 'R,…' },
    ),
    profit: num('best return from which an anchor was profitable', {
      default: 0.03,
      min: 0,
      max: 1000,
    }),
    profitWithin: duration('time in which that best return counts; a shorter horizon ends it', {
      default: '1h',
      min: '1s',
      max: '30d',
    }),
    rugLoss: num('fall of the price until the horizon from which it is a rug', {
      default: 0.8,
      min: 0.01,
      max: 1,
    }),
    rugDrain: num('fall of the liquidity of the pool until the horizon from which it is a rug', {
      default: 0.9,
      min: 0.01,
      max: 1,
    }),
    wentQuiet: choice(
      'what becomes of a token without a price in the last quarter of the horizon: unknown; loss ' +
        '(all of it); or last, its last price less the impact of selling --quiet-size, where the ' +
        'reserve of its pool is known, and unknown elsewhere. May be written --quiet WORD',
      ['unknown', 'loss', 'last'] as const,
      { default: 'last', also: 'quiet' },
    ),
    quietSize: sol('SOL that a buyer put in, for the impact of selling it to a quiet pool', {
      default: '0.1',
    }),
    quietSizeUsd: num('the same in USD, where prices are', { default: 20, min: 0 }),
    moonGain: num('willMoon: the best of the next snapshots is above this', {
      default: 0.15,
      min: 0,
      max: 1000,
    }),
    willRugLoss: num(
      'willRug: even the best of the next snapshots is this far below, which almost never ' +
        'happens (0 of 10,792 in one hour of real pools): the label rug of a timed horizon asks ' +
        'for the worst',
      { default: 0.5, min: 0.01, max: 1 },
    ),
  }),
  ...grouped('Anchors', {
    every: duration('at most one anchor per mint in each slot of this length; 0 takes every line', {
      default: '5m',
    }),
    eachKind: bool('one anchor per mint and kind of line in each slot, instead of one per mint'),
    late: duration('anchors that come this late still count', { default: '1m', max: '1h' }),
    with: list('parts of the anchor to copy, so that a label is a training row', {
      value: 'PART,…',
    }),
  }),
  ...grouped('Whales', {
    ...whaleFlags,
  }),
  ...grouped('State and end', {
    state: file('folder in which pending labels wait for the next run', { value: 'DIR' }),
    saveEvery: duration('event time between two saves of --state', { default: '1h', min: '1s' }),
    flush: bool('at the end of input emit what is pending as censored'),
  }),
}

export type LabelFlags = Values<typeof labelFlags>
