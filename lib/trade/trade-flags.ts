import { choice, duration, int, list, num, sol } from '../base/flags.ts'

const fraction = { min: 0, max: 1 } as const
const bps = { min: 0, max: 9000 } as const

/** When to leave a position. */
export const EXIT_FLAGS = {
  takeProfit: list('ladder of return:share to sell, or none', {
    default: ['0.25:0.5', '0.5:1'],
    value: 'R:S,…',
  }),
  stopLoss: num('loss that sells all', { default: 0.15, ...fraction }),
  trailingStop: num('fall from the best price that sells all', { default: 0.12, ...fraction }),
  trailingFrom: num('gain from which the trailing stop counts', { default: 0.1, min: 0 }),
  timeStop: duration('longest time a position is held', { default: '4h' }),
  rugExit: num('rug risk on a decision that sells at once', { default: 0.6, ...fraction }),
  intrabar: choice(
    'what of a candle sets an exit off: its whole way, stops before targets (worst); its close; ' +
      'or the ticks of --detail (default: worst, ticks with --detail)',
    ['worst', 'close', 'ticks'],
  ),
  detail: list('finer candles of the same tokens: exits follow them inside each candle', {
    value: 'FILE,…',
  }),
  exitRegimes: list('pool regimes that sell at once', { default: ['rug-dump'] }),
}

/** What an order is like. */
export const ORDER_FLAGS = {
  size: sol('size of a buy whose decision names none', { default: '0.1' }),
  buySlippageBps: int('worst buy accepted, in basis points', { default: 150, ...bps }),
  sellSlippageBps: int('worst sell accepted at the first try; doubles with each', {
    default: 300,
    ...bps,
  }),
  rugSlippageBps: int('worst emergency sell accepted at the first try', {
    default: 2500,
    ...bps,
  }),
  mark: duration('how often the account is marked to market, in a line of kind equity; 0 = never', {
    default: '1d',
  }),
  maxAttempts: int('tries of a sell before its position is an orphan', {
    default: 8,
    min: 1,
    max: 100,
  }),
}
