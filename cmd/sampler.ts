import { basename, dirname, join } from 'node:path'
import { step } from '../lib/cli/command.ts'
import { samplerFlags } from '../lib/sampler/sampler-flags.ts'

export default step({
  name: 'sampler',
  summary: 'Say how often each token is worth a look, by liquidity, predictions and rare outcomes',
  details:
    'Passes every line on and keeps a list, the next token due first: {mint, tier, ' +
    'everyMs, seenTs, dueTs, liquidityUsd, reasons}.\n\n' +
    'Above $100,000 every 5 minutes, above $10,000 every 15, above $1,000 every hour, else ' +
    'every 4 hours.\n\n' +
    'A token goes up a tier for --raise of event time for each of: a model that expects ' +
    'much (p ≥ 0.6) or bad (rug risk ≥ 0.5); an event (opportunity, decision, position, 20 ' +
    '% in five minutes, a regime of extremes); a predicted outcome that labels of the ' +
    'stream and of --labels have less than half an even share of, from the first label on.\n\n' +
    'What cannot wait is asked for at once (asked, askedTs; the list is written within a second ' +
    'and discover --watch looks within another): the buy of a whale, a model that is sure (p ≥ ' +
    '0.8), a price that is a fifth away from the last. Once a minute and token, --asks a minute ' +
    'in all; calls stay within the budget of their host.',
  reads: ['market', 'trade', 'candle', 'features', 'prediction', 'decision', 'label'],
  writes: [],
  flags: samplerFlags,
  writesHome: ({ flags }) => flags.state === undefined,
  examples: [
    'discover --source journal decisions | sampler > /dev/null && jq -r .mint ' +
      '"$SLUICE_HOME/watch.ndjson" | head',
  ],
  async make({ flags, home, count }) {
    const { makeSampler } = await import('../lib/sampler/sampler.ts')
    const { readWatches, writeWatches } = await import('../lib/sampler/watch-list.ts')
    const { newestOutcomes } = await import('../lib/sampler/outcomes.ts')
    const path = flags.state ?? join(home, 'watch.ndjson')
    const write = (watches: Parameters<typeof writeWatches>[1]): void => writeWatches(path, watches)
    const outcomes = flags.labels === undefined ? [] : newestOutcomes(home, flags.labels)
    const { lockedStep } = await import('../lib/store/locked-step.ts')
    return lockedStep(dirname(path), `sampler-of-${basename(path)}`, () =>
      makeSampler({ limits: flags, known: readWatches(path), outcomes, write, count }),
    )
  },
})
