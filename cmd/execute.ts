import { UsageError } from '../lib/base/errors.ts'
import { joinGroups } from '../lib/base/flag-groups.ts'
import { type Command, type Ctx, step } from '../lib/cli/command.ts'
import type { TradeRule } from '../lib/decide/trade-case.ts'
import { TRADE_RULES } from '../lib/decide/trade-rules.ts'
import { joined, plugged } from '../lib/plugins/plugged.ts'
import type { Plugin } from '../lib/plugins/plugin.ts'
import { type ExecuteFlags, executeGroups } from '../lib/trade/execute/execute-flags.ts'
import type { Detail } from '../lib/trade/trade-plan.ts'

const detailsOf = (rules: readonly TradeRule[]): string =>
  'Writes order, fill and position lines, nothing else.\n\n' +
  'Orders fill after the decision: against the reserves of the pool that are told once ' +
  'the latency has passed (constant product, fees, rent, priority fee, failures and ' +
  'expiry drawn from --seed and the intent), or without reserves at the open of the next ' +
  'candle with trades, in the currency of the candles, costs taken from cash. Refused buys are ' +
  'order ' +
  'lines with state refused and the names of the rules. A decision on an arbitrage path ' +
  '(kind opportunity) is refused with the reason path: paths are not executed whole yet.\n\n' +
  'With --ledger home or a file, each line is on disk before it leaves, a restart ' +
  'continues where the last run stood, and a decision that was acted on before buys ' +
  'nothing: the same input twice gives other bytes the second time. The default none ' +
  'keeps nothing: same input, same bytes.\n\n' +
  'With --live it trades through Jupiter with the key and within the caps of section ' +
  'live of the configuration (pipelines/README.md, “Trading for real”): time is then the wall ' +
  'clock, ' +
  'lines appear when the chain has told something, --ledger none and home are ' +
  '$SLUICE_HOME/ledger/live.ndjson, --kill-switch is $SLUICE_HOME/KILL unless given, and ' +
  '--cash, --seed and what else is about luck and costs on paper counts for nothing; the ' +
  'laws of replay and prefix are about paper.\n\n' +
  `Rules: ${rules.map(({ name }) => name).join(', ')}.`

/** Finer candles that somebody named, read before the first line. */
async function detailOf(ctx: Ctx, { detail = [] }: ExecuteFlags): Promise<Detail | undefined> {
  if (detail.length === 0) return undefined
  return (await import('../lib/trade/paper/read-detail.ts')).readDetail(detail, ctx)
}

/** The command over a table of rules: those of this program, or more of the same shape. */
const executeOver = (rules: readonly TradeRule[]): Command =>
  step({
    name: 'execute',
    summary:
      'Act on decisions: place orders, follow positions and leave them, on paper or for real',
    details: detailsOf(rules),
    reads: ['token', 'market', 'trade', 'candle', 'features', 'decision'],
    writes: ['order', 'fill', 'position', 'equity'],
    args: { name: 'MINT', doc: 'tokens of --flatten or --reclaim; all when none is named' },
    flags: joinGroups(executeGroups(rules)),
    writesHome: ({ flags }) => flags.live === true || flags.ledger === 'home',
    examples: [
      'gate < predicted.ndjson | execute --cash 10 --max-positions 3',
      'execute --ledger home --take-profit 0.3:0.5,1:1 < decided.ndjson',
      'gate < decided.fifo | execute --live > trades.ndjson',
      'execute --live --flatten',
      'execute --live --reclaim --dry-run',
      'execute --live --reclaim',
    ],
    exempt: { order: 'cash and positions are shared by all tokens' },
    contract: { args: ['--ledger', 'none'] },
    async make(ctx) {
      const { home, args, count, log } = ctx
      const flags = ctx.flags as unknown as ExecuteFlags
      if (flags.live)
        return (await import('../lib/trade/live/open-execute.ts')).openLive(ctx, rules)
      if (flags.reclaim || flags.dryRun)
        throw new UsageError('--reclaim [MINT…] takes deposits back for real: it needs --live')
      if (flags.flatten || args.length > 0)
        throw new UsageError('--flatten [MINT…] sells what is held for real: it needs --live')
      const { makeExecute } = await import('../lib/trade/execute/execute.ts')
      const { executeOptions } = await import('../lib/trade/execute/execute-plan.ts')
      const isGiven = (flag: string): boolean => ctx.isSet?.(flag) === true
      const fitted =
        flags.costs === undefined
          ? flags
          : await (await import('../lib/trade/execute/read-costs.ts')).withCostsOf(
              flags.costs,
              flags,
              isGiven,
              ctx,
            )
      const options = executeOptions(fitted, home, rules, isGiven)
      const detail = await detailOf(ctx, flags)
      const told = { count, warn: log.warn, time: ctx.time, ...(ctx.note && { note: ctx.note }) }
      return makeExecute({ ...options, detail, ...told })
    },
  })

const adds = ({ tradeRules }: Plugin): readonly TradeRule[] => tradeRules

/** Trading for real takes only plugins that the configuration names by path and hash. */
export default plugged(
  plugins => executeOver(joined<TradeRule>('rule', TRADE_RULES, plugins.flatMap(adds))),
  { adds, needsConfigured: argv => argv.some(word => word === '--live' || word === '--live=true') },
)
