import { step } from '../lib/command.ts'
import { duration, int, num } from '../lib/flags.ts'

export default step({
  name: 'quality',
  summary: 'mark lines whose data look wrong, with a score of 0 to 100',
  details:
    'Adds quality {score, marks} to token, market, trade and candle lines and never drops one. ' +
    'The score is 100 minus the points of its marks: zero-price 40, bad-bar 40, no-price 30, jump 25, time-backwards 20, duplicate 20, ' +
    'volume-is-reserve 15, stale 15, zero-volume 10, gap 8, holders-stale 5, top10-stale 5. gate --min-quality refuses by it.',
  flags: {
    stale: duration('a pool that has not changed for this long is stale', { default: '10m', min: '1s' }),
    staleFacts: duration('age at which reported holders and their shares are stale', { default: '1h', min: '1s' }),
    jump: num('factor between two prices of a pool that is a jump', { default: 10, min: 1 }),
    maxTokens: int('tokens followed at most; those idle for longest are forgotten', { default: 50_000, min: 1 }),
  },
  examples: ['sluice discover --source replay day.ndjson | sluice quality | jq -c "select(.quality.score < 80)"'],
  reads: ['token', 'market', 'trade', 'candle'],
  writes: ['quality'],
  make: async ({ flags, count }) => {
    const { makeQuality } = await import('../lib/monitor/quality.ts')
    return makeQuality({ ...flags, count })
  },
})
