import { UsageError } from '../lib/base/errors.ts'
import { duration, file, int, list } from '../lib/base/flags.ts'
import { step } from '../lib/cli/command.ts'
import { regimeFlags } from '../lib/features/families/pool-state.ts'
import { whaleSetFlags } from '../lib/features/families/whales-family.ts'
import { DEFAULT_SETS, SET_NAMES } from '../lib/features/sets.ts'
import { maxTokens } from '../lib/features/token-store.ts'

export default step({
  name: 'features',
  summary: 'Add feature sets to lines, streaming and without lookahead',
  details:
    'Each set is put on the kinds of lines it is read from: tabular on token and market ' +
    'lines, pool on market lines, sequence, price and volatility on candles, opportunity ' +
    'on opportunities. regime (shares of all pools per regime over the last hour) is ' +
    'market-wide and only computed when named, as is whales (large trades, on trade and ' +
    'market lines).\n\n' +
    'Features of a token depend on earlier lines of that token and the line itself.\n\n' +
    'With --smart-ranking smart money is who has realised most so far, by average cost ' +
    'over the trades against SOL of all tokens: at least three tokens sold, drawn up anew ' +
    'every five minutes of event time from earlier lines. Lines with warm:true only build ' +
    'up state.',
  flags: {
    sets: list('sets to compute (default: all of a single token that fit the line)', {
      choices: SET_NAMES,
    }),
    every: duration(
      'least event time between two lines of a pool with the same set; 0 = every line',
      {
        default: '1s',
      },
    ),
    ...regimeFlags,
    maxTokens,
    smartWallets: file('wallets that count as smart money, one address per line'),
    smartRanking: int('instead of a list: the N wallets with the highest realised profit so far', {
      min: 1,
      max: 10_000,
    }),
    ...whaleSetFlags,
    garch: file('bundle.json of a volatility model: its parameters make garchSigma'),
    state: file('folder to continue from and to save to', { value: 'DIR' }),
    saveEvery: duration('event time between two saves of --state', { default: '5m', min: '1s' }),
  },
  examples: [
    'sluice discover --source replay day.ndjson | sluice features --sets pool,tabular',
    'sluice features --every 0 --state state/features < events.ndjson > features.ndjson',
  ],
  reads: ['token', 'market', 'trade', 'candle', 'opportunity', 'score', 'features'],
  writes: ['features'],
  contract: { args: ['--every', '0'] },
  make: async ({ flags, count }) => {
    const { makeFeatures } = await import('../lib/features/features-step.ts')
    const { readWallets } = await import('../lib/features/wallet-file.ts')
    const { readGarch } = await import('../lib/features/garch-file.ts')
    if (flags.smartWallets !== undefined && flags.smartRanking !== undefined)
      throw new UsageError(
        '--smart-wallets and --smart-ranking are two ways to say the same: choose one',
      )
    const options = {
      ...flags,
      sets: flags.sets ?? DEFAULT_SETS,
      smartWallets: flags.smartWallets === undefined ? undefined : readWallets(flags.smartWallets),
      garch: flags.garch === undefined ? undefined : readGarch(flags.garch),
      count,
    }
    const made = makeFeatures(options)
    if (flags.state === undefined) return made
    const { makeResumable } = await import('../lib/features/resumable.ts')
    const { configOf } = await import('../lib/features/features-checkpoint.ts')
    return makeResumable(made, flags.state, configOf(options), flags.saveEvery)
  },
})
