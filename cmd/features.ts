import { UsageError } from '../lib/base/errors.ts'
import { duration, file, int, list, num, sol } from '../lib/base/flags.ts'
import { step } from '../lib/cli/command.ts'

export default step({
  name: 'features',
  summary: 'Add feature sets to lines, streaming and without lookahead',
  details:
    'Each set is put on the kinds of lines it is read from: tabular on token and market ' +
    'lines, pool on market lines, ' +
    'sequence, price and volatility on candles, opportunity on opportunities. regime (shares ' +
    'of all pools per regime over the last hour) ' +
    'is market-wide and only computed when named, as is whales (large trades, on trade and ' +
    'market lines). Features of a token depend on earlier lines of that token and the line ' +
    'itself. ' +
    'With --smart-ranking smart money is who has realised most so far, by average cost over ' +
    'the trades against SOL of all tokens: ' +
    'at least three tokens sold, drawn up anew every five minutes of event time from earlier ' +
    'lines. ' +
    'Lines with warm:true only build up state.',
  flags: {
    sets: list('sets to compute (default: all of a single token that fit the line)', {
      choices: [
        'sequence',
        'price',
        'volatility',
        'tabular',
        'pool',
        'opportunity',
        'whales',
        'regime',
      ],
    }),
    every: duration(
      'least event time between two lines of a pool with the same set; 0 = every line',
      {
        default: '1s',
      },
    ),
    rugChange: num('price change over 10 snapshots that makes a rug-dump', {
      default: -0.5,
      min: -1,
      max: 0,
    }),
    drain: num('change of the reserve between snapshots that makes a rug-dump', {
      default: -0.3,
      min: -1,
      max: 0,
    }),
    moonChange: num('price change over 10 snapshots that makes a moon-mission', {
      default: 0.5,
      min: 0,
    }),
    climbChange: num('price change over 10 snapshots that a steady-climb needs', {
      default: 0.05,
      min: 0,
    }),
    climbGains: int('gains within 10 snapshots that a steady-climb needs', {
      default: 6,
      min: 0,
      max: 10,
    }),
    maxTokens: int('tokens followed at most; those idle for longest are forgotten', {
      default: 50_000,
      min: 1,
    }),
    smartWallets: file('wallets that count as smart money, one address per line'),
    smartRanking: int('instead of a list: the N wallets with the highest realised profit so far', {
      min: 1,
      max: 10_000,
    }),
    whale: sol('SOL from which a trade is a whale’s (set whales)', { default: '10' }),
    whaleUsd: num('the same in USD, for trades against other quotes', { default: 2000, min: 0 }),
    whaleShare: num('share of its pool from which a trade is a whale’s too', {
      default: 0.05,
      min: 0,
    }),
    garch: file('bundle.json of a volatility model: its parameters make garchSigma'),
    state: file('folder to continue from and to save to', { value: 'DIR' }),
    saveEvery: duration('event time between two saves of --state', { default: '5m', min: '1s' }),
  },
  examples: [
    'sluice discover --source replay day.ndjson | sluice features --sets pool,tabular',
    'sluice features --every 0 --state data/state/features < events.ndjson > features.ndjson',
  ],
  reads: ['token', 'market', 'trade', 'candle', 'opportunity', 'score', 'features'],
  writes: ['features'],
  contract: { args: ['--every', '0'] },
  make: async ({ flags, count }) => {
    const { makeFeatures } = await import('../lib/features/features-step.ts')
    const { DEFAULT_SETS } = await import('../lib/features/sets.ts')
    const { readWallets } = await import('../lib/features/wallet-file.ts')
    const sets = (flags.sets ?? DEFAULT_SETS) as typeof DEFAULT_SETS
    const smartWallets =
      flags.smartWallets === undefined ? undefined : readWallets(flags.smartWallets)
    const { readGarch } = await import('../lib/features/garch-file.ts')
    const garch = flags.garch === undefined ? undefined : readGarch(flags.garch)
    if (smartWallets !== undefined && flags.smartRanking !== undefined)
      throw new UsageError(
        '--smart-wallets and --smart-ranking are two ways to say the same: choose one',
      )
    const { smartRanking, whale: whaleLamports, whaleUsd, whaleShare } = flags
    const whales = { whaleLamports, whaleUsd, whaleShare }
    const { rugChange, drain, moonChange, climbChange, climbGains, every, maxTokens } = flags
    const made = makeFeatures({
      sets,
      every,
      thresholds: { rugChange, drain, moonChange, climbChange, climbGains },
      smartWallets,
      smartRanking,
      whales,
      garch,
      maxTokens,
      count,
    })
    if (flags.state === undefined) return made
    const { makeResumable } = await import('../lib/features/resumable.ts')
    const { configOf } = await import('../lib/features/features-checkpoint.ts')
    return makeResumable(
      made,
      flags.state,
      configOf({ sets, every, smartWallets, smartRanking, garch, whales }),
      flags.saveEvery,
    )
  },
})
