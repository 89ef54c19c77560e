import { bool, choice, duration, file, int, list, sol, text } from '../../base/flags.ts'

/**
 * Names of providers, as in providers.ts and the sockets; kept here so that --help loads nothing.
 */
export const LIVE_PROVIDERS = [
  'rpc',
  'rugcheck',
  'birdeye',
  'jupiter',
  'raydium',
  'geckoterminal',
  'dexscreener',
  'pumpportal',
] as const

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
  history: duration('how far back candles of --mints go before live ones (default: 9h)', {
    max: '90d',
  }),
  maxTokens: int('most tokens followed at once, own ones not counted (default: 300)', {
    min: 1,
    max: 100_000,
  }),
  state: file(
    'folder that keeps what is followed and how far it is known, to go on from there after a stop',
    {
      value: 'DIR',
    },
  ),
  watch: file(
    'list of sampler that says how often each token is looked at: home ' +
      '($SLUICE_HOME/watch.ndjson) or a file',
  ),
  base: list('addresses that replace those of providers, as dexscreener=http://127.0.0.1:8080', {
    value: 'NAME=URL',
  }),
  birdeyeKey: file('file with the Birdeye key', { env: 'BIRDEYE_KEY_FILE' }),
  jupiterKey: file('file with the Jupiter key', { env: 'JUPITER_KEY_FILE' }),
  pumpportalKey: file('file with the PumpPortal key, for trades', { env: 'PUMPPORTAL_KEY_FILE' }),
  rpc: file(
    'Solana RPC: an address without a key, or a file with one (second line: its websocket)',
    {
      env: 'SOLANA_RPC_FILE',
      value: 'URL|FILE',
    },
  ),
  programs: list(
    'programs all of whose new pools against SOL are found, by --rpc (default: launchlab)',
    {
      choices: [
        'launchlab',
        'raydium-amm',
        'raydium-cpmm',
        'raydium-clmm',
        'meteora-dlmm',
        'meteora-damm2',
        'orca',
      ],
    },
  ),
  rpcRate: int('calls a minute that the Solana node allows (default: 240, as public ones)', {
    min: 1,
    max: 1_000_000,
  }),
  solPrice: choice(
    'who tells what SOL costs in USD, for what comes from the chain (default: jupiter)',
    ['jupiter', 'dexscreener', 'none'],
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
