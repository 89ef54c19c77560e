import { bool, choice, file, grouped, int, list, text, type Values } from '../base/flags.ts'
import { judgingFlags } from '../report/judging-flags.ts'

/** Flags of `backtest`. */
export const backtestFlags = {
  on: list('files to run over: price tables or recordings', { value: 'FILE,…' }),
  write: choice(
    'what leaves: orders, fills and positions, also each line that led there, or the report',
    ['trades', 'all', 'report'],
    { default: 'trades' },
  ),
  ...grouped('Sweep', {
    sweep: list(
      'try values of a flag: STAGE --FLAG VALUE… or from..to:step; again for more flags',
      { value: 'AXIS' },
    ),
    folds: int('with --sweep: divide the time, choose on each part and trade the next', {
      default: 0,
      min: 0,
      max: 1000,
    }),
    by: choice('what the best combination is chosen by', ['profit', 'sharpe', 'win-rate'], {
      default: 'profit',
    }),
    threads: int('threads of a sweep (default: one per core)', { min: 1, max: 256 }),
  }),
  ...grouped('Comparison', {
    baseline: text('another pipeline over the same input: both results and their difference', {
      value: 'PIPELINE',
    }),
    draws: int('with --baseline: runs with as many entries at random; 0 = none', {
      default: 100,
      min: 0,
      max: 10_000,
    }),
    fromLedger: file(
      'the ledger, or the journal of trades, of a paper or live run: trade its decisions again, ' +
        'and score the paper model by it',
    ),
  }),
  ...grouped('Judging', {
    ...judgingFlags,
  }),
  quiet: bool('no report and no summaries on stderr'),
}
export type BacktestFlags = Values<typeof backtestFlags>
