import { UsageError } from '../base/errors.ts'
import { bool, choice, duration, file, int, list, sol, text } from '../base/flags.ts'
import { keyFlags } from './providers/provider.ts'
import { LIVE_PROVIDERS, PROVIDERS } from './providers/providers.ts'
import { PUMPPORTAL } from './providers/pumpportal.ts'
import { rpcLimit } from './rpc/client.ts'
import { POOL_FILTERS } from './rpc/program-filters.ts'
import { candles, closing, interval, sourceKind, state, tick } from './source.ts'

/** Who tells what SOL costs. */
const SOL_PRICES = PROVIDERS.filter(({ solPrice }) => solPrice !== undefined)

/** Flags of the live source. */
export const liveFlags = {
  mints: list(
    'own tokens to follow: mints, or files with one mint a line; more may follow as arguments',
    {
      value: 'MINT|FILE',
    },
  ),
  providers: list(
    'whom to ask (default: dexscreener,geckoterminal for --mints, else those without a key)',
    {
      choices: LIVE_PROVIDERS,
    },
  ),
  history: duration('how far back candles of --mints go before live ones', {
    default: '9h',
    max: '90d',
  }),
  maxTokens: int('most tokens followed at once, own ones not counted', {
    default: 300,
    min: 1,
    max: 100_000,
  }),
  state,
  watch: file(
    'list of sampler that says how often each token is looked at: home ' +
      '($SLUICE_HOME/watch.ndjson) or a file',
  ),
  base: list('addresses that replace those of providers, as dexscreener=http://127.0.0.1:8080', {
    value: 'NAME=URL',
  }),
  ...keyFlags([...PROVIDERS, PUMPPORTAL]),
  rpc: file(
    'Solana RPC: an address without a key, or a file with one (second line: its websocket)',
    {
      env: 'SOLANA_RPC_FILE',
      mayBeSecret: true,
      value: 'URL|FILE',
    },
  ),
  programs: list('programs all of whose new pools against SOL are found, by --rpc', {
    default: ['launchlab'],
    choices: Object.keys(POOL_FILTERS),
  }),
  rpcRate: int('calls a minute that the Solana node allows', {
    default: rpcLimit().perMinute,
    min: 1,
    max: 1_000_000,
  }),
  solPrice: choice(
    'who tells what SOL costs in USD, for what comes from the chain',
    [...SOL_PRICES.map(({ name }) => name), 'none'],
    { default: 'jupiter' },
  ),
  arbitrage: sol(
    'SOL to ask Jupiter for the way there and back of each token: what returns more is an ' +
      'opportunity',
    {
      max: '1000',
    },
  ),
  metrics: text('Prometheus metrics: a file, or a port answered on 127.0.0.1 at /metrics', {
    value: 'FILE|PORT',
  }),
  estimate: bool('print what a day would cost and end'),
}

/** A bar of live trades where --candles does not say another length. */
const BAR_MS = 300_000

export const liveSourceFlags = { ...liveFlags, interval, candles, tick }

/** Tokens as they trade now. */
export const fromLive = sourceKind({
  name: 'live',
  summary: 'tokens as they trade now, from public APIs and sockets',
  gives: ['token', 'market', 'trade', 'candle', 'opportunity', 'tick', 'gap'],
  needs: 'a network; --mints follows own tokens with candles of the past first, without a key',
  flags: liveSourceFlags,
  hasFiles: 'perhaps',
  writesHome: true,
  async make(ctx) {
    const { mints, candles: length } = ctx.flags
    if (mints !== undefined && length !== undefined)
      throw new UsageError(
        '--candles is not for --mints: its candles come from a provider, --interval is ' +
          'their length',
      )
    const { openLive } = await import('./open-live.ts')
    const source = await openLive(ctx)
    return mints === undefined ? closing(source, length ?? BAR_MS, ctx) : source
  },
})
