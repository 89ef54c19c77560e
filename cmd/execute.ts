import { UsageError } from '../lib/base/errors.ts'
import { bool, duration, file, int, list, num, sol, text } from '../lib/base/flags.ts'
import { step } from '../lib/cli/command.ts'

/** Names of the rules, as in lib/decide/trade-rules.ts, which is not loaded for help. */
const RULES = [
  'positions',
  'cash',
  'per-trade',
  'per-day',
  'daily-loss',
  'drawdown',
  'streak',
  'kill-switch',
  'stale',
  'unknown',
  'duplicate',
  'clock',
] as const
const fraction = { min: 0, max: 1 } as const
const bps = { min: 0, max: 9000 } as const

export default step({
  name: 'execute',
  summary: 'Act on decisions: place orders, follow positions and leave them, on paper or for real',
  details:
    'Writes order, fill and position lines, nothing else. Orders fill after the decision: ' +
    'against the reserves of the ' +
    'pool that are told once the latency has passed (constant product, fees, rent, priority ' +
    'fee, failures and expiry ' +
    'drawn from --seed and the intent), or without reserves at the open of the next candle ' +
    'plus linear slippage, in ' +
    'the currency of the candles. Refused buys are order lines with state refused and the ' +
    'names of the rules. ' +
    'With --ledger home or a file, each line is on disk before it leaves, a restart ' +
    'continues where the last run ' +
    'stood, and a decision that was acted on before buys nothing: the same input twice gives ' +
    'other bytes the second ' +
    'time. The default none keeps nothing: same input, same bytes. ' +
    'With --live it trades through Jupiter with the key and within the caps of section live ' +
    'of the configuration ' +
    '(README, “Trading for real”): time is then the wall clock, lines appear when the chain ' +
    'has told something, ' +
    '--ledger none and home are $SLUICE_HOME/ledger/live.ndjson, --kill-switch is ' +
    '$SLUICE_HOME/KILL unless given, and ' +
    '--cash, --seed and what else is about luck and costs on paper counts for nothing; the ' +
    'laws of replay and prefix ' +
    'are about paper. ' +
    `Rules: ${RULES.join(', ')}.`,
  reads: ['token', 'market', 'trade', 'candle', 'features', 'decision'],
  writes: ['order', 'fill', 'position'],
  args: { name: 'MINT', doc: 'tokens to sell with --flatten; all when none is named' },
  flags: {
    live: bool('trade for real instead of on paper', { argvOnly: true }),
    flatten: bool('sell all positions, or those of the mints given, and end (with --live)', {
      argvOnly: true,
    }),
    ledger: file('where trades are kept: none, home ($SLUICE_HOME/ledger/paper.ndjson) or a file', {
      default: 'none',
    }),
    cash: sol('cash at the start, in SOL or in the currency of the candles', { default: '10' }),
    size: sol('size of a buy whose decision names none', { default: '0.1' }),
    reserve: sol('cash kept back to pay for exits', { default: '0.01' }),
    maxPositions: int('most positions at a time', { default: 3, min: 0 }),
    maxPerTrade: sol('largest buy', { default: '1' }),
    maxPerDay: sol('most spent on buys per UTC day', { default: '20' }),
    maxDailyLoss: sol('realised loss per UTC day that ends buying', { default: '1' }),
    maxDrawdown: num('fall of equity from its peak that ends buying', {
      default: 0.25,
      ...fraction,
    }),
    maxStreak: int('losses in a row that pause buying', { default: 5, min: 1 }),
    streakPause: duration('how long they pause it', { default: '1h' }),
    maxAge: duration('oldest decision to act on', { default: '10s' }),
    strictUnknown: bool('refuse decisions with rules that gate could not judge'),
    killSwitch: file('no buys while this file exists'),
    without: list('rules to leave out', { choices: RULES, value: 'RULE,…' }),
    takeProfit: list('ladder of return:share to sell, or none', {
      default: ['0.25:0.5', '0.5:1'],
      value: 'R:S,…',
    }),
    stopLoss: num('loss that sells all', { default: 0.15, ...fraction }),
    trailingStop: num('fall from the best price that sells all', { default: 0.12, ...fraction }),
    trailingFrom: num('gain from which the trailing stop counts', { default: 0.1, min: 0 }),
    timeStop: duration('longest time a position is held', { default: '4h' }),
    rugExit: num('rug risk on a decision that sells at once', { default: 0.6, ...fraction }),
    exitRegimes: list('pool regimes that sell at once', { default: ['rug-dump'] }),
    maxAttempts: int('tries of a sell before its position is an orphan', {
      default: 8,
      min: 1,
      max: 100,
    }),
    buySlippageBps: int('worst buy accepted, in basis points', { default: 150, ...bps }),
    sellSlippageBps: int('worst sell accepted at the first try; doubles with each', {
      default: 300,
      ...bps,
    }),
    rugSlippageBps: int('worst emergency sell accepted at the first try', {
      default: 2500,
      ...bps,
    }),
    slippageBps: num('slippage of fills against candles, × (1 + order / volume of the bar)', {
      default: 30,
      ...bps,
    }),
    seed: text('what the luck of orders is drawn from', { default: 'sluice' }),
    costs: file(
      'trades that show what latency, failures, fees and slippage are like, where no flag says',
    ),
    latency: duration('shortest time from decision to landing', { default: '600ms' }),
    jitter: duration('mean of the random time on top', { default: '300ms' }),
    revertRate: num('share of transactions that land and fail', { default: 0.03, ...fraction }),
    expireRate: num('share of transactions that never land', { default: 0.02, ...fraction }),
    expiry: duration('when a transaction that did not land is dead', { default: '60s', min: '1s' }),
    poolQuiet: duration('silence after which the last reserves of a pool stand', {
      default: '10s',
    }),
    networkFee: sol('fee per transaction', { default: '0.000005' }),
    priorityFee: sol('priority fee where the market tells none', { default: '0.00002' }),
    maxPriorityFee: sol('highest priority fee', { default: '0.0005' }),
    rent: sol('deposit for a token account, returned at the end', { default: '0.00203928' }),
    maxTokens: int('most tokens remembered at a time', { default: 100_000, min: 1 }),
  },
  examples: [
    'gate < decided.fifo | execute --live > trades.ndjson',
    'execute --live --flatten',
    'gate < predicted.ndjson | execute --cash 10 --max-positions 3',
    'execute --ledger home --take-profit 0.3:0.5,1:1 < decided.ndjson',
  ],
  exempt: { order: 'cash and positions are shared by all tokens' },
  contract: { args: ['--ledger', 'none'] },
  async make(ctx) {
    const { flags, home, args, count, log } = ctx
    if (flags.live) return (await import('../lib/trade/live/open-execute.ts')).openLive(ctx)
    if (flags.flatten || args.length > 0)
      throw new UsageError('--flatten [MINT…] sells what is held for real: it needs --live')
    const { makeExecute } = await import('../lib/trade/execute/execute.ts')
    const { executeOptions } = await import('../lib/trade/execute/execute-plan.ts')
    if (flags.costs === undefined)
      return makeExecute({ ...executeOptions(flags, home), count, warn: log.warn })
    const { withCostsOf } = await import('../lib/trade/execute/read-costs.ts')
    const fitted = await withCostsOf(flags.costs, flags, flag => ctx.isSet?.(flag) === true, ctx)
    return makeExecute({ ...executeOptions(fitted, home), count, warn: log.warn })
  },
})
