import { UsageError } from '../lib/base/errors.ts'
import { step } from '../lib/cli/command.ts'
import { TRADE_RULES } from '../lib/decide/trade-rules.ts'
import { EXECUTE_FLAGS } from '../lib/trade/execute/execute-flags.ts'

export default step({
  name: 'execute',
  summary: 'Act on decisions: place orders, follow positions and leave them, on paper or for real',
  details:
    'Writes order, fill and position lines, nothing else.\n\n' +
    'Orders fill after the decision: against the reserves of the pool that are told once ' +
    'the latency has passed (constant product, fees, rent, priority fee, failures and ' +
    'expiry drawn from --seed and the intent), or without reserves at the open of the next ' +
    'candle plus linear slippage, in the currency of the candles. Refused buys are order ' +
    'lines with state refused and the names of the rules.\n\n' +
    'With --ledger home or a file, each line is on disk before it leaves, a restart ' +
    'continues where the last run stood, and a decision that was acted on before buys ' +
    'nothing: the same input twice gives other bytes the second time. The default none ' +
    'keeps nothing: same input, same bytes.\n\n' +
    'With --live it trades through Jupiter with the key and within the caps of section ' +
    'live of the configuration (README, “Trading for real”): time is then the wall clock, ' +
    'lines appear when the chain has told something, --ledger none and home are ' +
    '$SLUICE_HOME/ledger/live.ndjson, --kill-switch is $SLUICE_HOME/KILL unless given, and ' +
    '--cash, --seed and what else is about luck and costs on paper counts for nothing; the ' +
    'laws of replay and prefix are about paper.\n\n' +
    `Rules: ${TRADE_RULES.map(({ name }) => name).join(', ')}.`,
  reads: ['token', 'market', 'trade', 'candle', 'features', 'decision'],
  writes: ['order', 'fill', 'position'],
  args: { name: 'MINT', doc: 'tokens to sell with --flatten; all when none is named' },
  flags: EXECUTE_FLAGS,
  writesHome: ({ flags }) => flags.live || flags.ledger === 'home',
  examples: [
    'gate < predicted.ndjson | execute --cash 10 --max-positions 3',
    'execute --ledger home --take-profit 0.3:0.5,1:1 < decided.ndjson',
    'gate < decided.fifo | execute --live > trades.ndjson',
    'execute --live --flatten',
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
    const isGiven = (flag: string): boolean => ctx.isSet?.(flag) === true
    const told = { count, warn: log.warn, ...(ctx.note && { note: ctx.note }) }
    if (flags.costs === undefined)
      return makeExecute({ ...executeOptions(flags, home, TRADE_RULES, isGiven), ...told })
    const { withCostsOf } = await import('../lib/trade/execute/read-costs.ts')
    const fitted = await withCostsOf(flags.costs, flags, isGiven, ctx)
    return makeExecute({ ...executeOptions(fitted, home, TRADE_RULES, isGiven), ...told })
  },
})
