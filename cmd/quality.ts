import { bool } from '../lib/base/flags.ts'
import { step } from '../lib/cli/command.ts'
import { maxTokens } from '../lib/features/token-store.ts'
import { markFlags, summaryFlags } from '../lib/monitor/quality-flags.ts'

export default step({
  name: 'quality',
  summary: 'Mark lines whose data look wrong, with a score of 0 to 100',
  details:
    'Adds quality {score, marks} to token, market, trade and candle lines and never drops ' +
    'one. The score is 100 minus the points of its marks: zero-price 40, bad-bar 40, ' +
    'no-price 30, jump 25, time-backwards 20, duplicate 20, volume-is-reserve 15, stale ' +
    '15, zero-volume 10, gap 8, holders-stale 5, top10-stale 5. gate --min-quality refuses ' +
    'by it.\n\n' +
    'With --summary it reads features and labels instead and ends with one line of kind ' +
    'quality per feature and label, and one for all: missing values, outliers (beyond 3 σ ' +
    'of the mean; beyond 3.5 scaled MAD of the median), distribution, constant and stale ' +
    'columns, class imbalance.\n\n' +
    'The score of a feature is 100 − 50·(share missing) − 30 if constant − 30 if stale (no ' +
    'new value in the last quarter of the lines) − 20·(share beyond 3.5 scaled MAD) − 30 ' +
    'if the 24-hour volume equals the liquidity; of a label 70 if imbalanced, else 100; of ' +
    'all the mean of the features less 10 per imbalanced label.\n\n' +
    'Journaled and synced they are the table ml_data_quality_metrics.',
  flags: {
    ...markFlags,
    summary: bool('reduce features and labels to a judgement per column, at the end of input'),
    ...summaryFlags,
    maxTokens,
  },
  examples: [
    'sluice discover --source replay day.ndjson | sluice quality | jq -c ' +
      '"select(.quality.score < 80)"',
    'sluice quality --summary < features.ndjson | jq -c "select(.quality.marks != [])"',
  ],
  reads: ['token', 'market', 'trade', 'candle', 'features', 'label'],
  writes: ['quality'],
  make: async ({ flags, count }) => {
    if (flags.summary) {
      const { makeSummary } = await import('../lib/monitor/summary.ts')
      return makeSummary({ ...flags, count })
    }
    const { makeQuality } = await import('../lib/monitor/quality-step.ts')
    return makeQuality({ ...flags, count })
  },
})
