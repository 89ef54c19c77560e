import {
  address,
  amount,
  bps,
  fraction,
  list,
  maybe,
  name,
  number,
  object,
  positive,
  type Static,
  time,
} from './kit.ts'

/** A closed path of swaps that returned more than it cost when quoted. */
export const Opportunity = object('an arbitrage path', {
  path: list(
    'legs in order',
    object('one leg', {
      dex: name('exchange program'),
      pool: maybe(address('pool')),
      inMint: address('mint paid'),
      outMint: address('mint received'),
      inAmount: amount('amount paid'),
      outAmount: amount('amount received'),
      impact: maybe(fraction('price impact')),
    }),
    8,
  ),
  inAmount: amount('start of the path'),
  outAmount: amount('end of the path'),
  feeLamports: maybe(amount('network and priority fees', 'lamports')),
  profit: maybe(number('net result over what was put in', 'fraction')),
  spread: maybe(number('gross result over what was put in', 'fraction')),
  depthUsd: maybe(positive('value within one percent of the price', 'USD')),
  feeBps: maybe(bps('pool fees along the path')),
  validUntilAt: maybe(time('when the quote expires')),
})
export type Opportunity = Static<typeof Opportunity>

/** A line about a whole path of swaps, whose mint is only where the path begins. */
export const isPath = ({ kind, opportunity }: { kind: string; opportunity?: unknown }): boolean =>
  kind === 'opportunity' || opportunity !== undefined
