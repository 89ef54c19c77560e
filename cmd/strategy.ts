import { int, list } from '../lib/base/flags.ts'
import { step } from '../lib/cli/command.ts'

const NAMES = ['candlestick', 'trend-reversal', 'dca', 'anti-martingale'] as const

export default step({
  name: 'strategy',
  summary: 'Add what trading strategies think of each closed bar',
  details:
    'Each strategy gives `strategy.<name>` = {signal, confidence, reasons} on candle lines ' +
    'once it has seen enough ' +
    'bars; other lines pass untouched. Any other program takes part by adding `score.<name>` ' +
    '= {value, at}.',
  reads: ['candle', 'strategy'],
  writes: ['strategy'],
  flags: {
    use: list('strategies to use', { default: NAMES, choices: NAMES }),
    maxSeries: int('most series of bars remembered at a time', { default: 100_000, min: 1 }),
  },
  examples: [
    'strategy --use candlestick,dca < candles.ndjson | gate',
    'strategy < candles.ndjson | jq -c .strategy',
  ],
  async make({ flags, count }) {
    const { makeOpine } = await import('../lib/strategy/opine.ts')
    const { STRATEGIES } = await import('../lib/strategy/strategies.ts')
    return makeOpine(
      STRATEGIES.filter(({ name }) => flags.use.includes(name)),
      flags.maxSeries,
      count,
    )
  },
})
