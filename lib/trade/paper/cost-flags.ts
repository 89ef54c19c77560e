import { duration, file, num, sol, text } from '../../base/flags.ts'

const share = { min: 0, max: 1 } as const

/**
 * What trading on chain costs beside the price, and how often it fails: what paper draws from, and
 * what real fills can fit.
 */
export const COST_FLAGS = {
  chain: file(
    'profile of the chain (JSON, as `sluice doctor --chain` prints it): slot time, how long a ' +
      'transaction lives, deposits; default: mainnet as of this release',
  ),
  slippageBps: num(
    'slippage of a fill over candles, taken from cash; × order / volume of the bar on top as its ' +
      'price impact where no line tells liquidity',
    { default: 30, min: 0, max: 9000 },
  ),
  poolFeeBps: num('pool fee of a fill over candles, taken from cash', {
    default: 25,
    min: 0,
    max: 9000,
  }),
  seed: text('what the luck of orders is drawn from', { default: 'sluice' }),
  latency: duration('shortest time from decision to landing', { default: '600ms' }),
  jitter: duration('mean of the random time on top', { default: '300ms' }),
  revertRate: num('share of transactions that land and fail', { default: 0.03, ...share }),
  expireRate: num('share of transactions that never land', { default: 0.02, ...share }),
  expiry: duration('when a transaction that did not land is dead (default: as on the chain)', {
    min: '1s',
  }),
  poolQuiet: duration('silence after which the last reserves of a pool stand', {
    default: '10s',
  }),
  networkFee: sol('fee per transaction', { default: '0.000005' }),
  priorityFee: sol('priority fee where the market tells none', { default: '0.00002' }),
  maxPriorityFee: sol('highest priority fee', { default: '0.0005' }),
  relayTip: sol('tip to a relay for a transaction that lands', { default: '0' }),
  rent: sol('deposit for a token account, returned at the end (default: as on the chain)'),
}
