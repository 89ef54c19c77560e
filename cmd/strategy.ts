import { int, list } from '../lib/base/flags.ts'
import { type Command, step } from '../lib/cli/command.ts'
import { joined, plugged } from '../lib/plugins/plugged.ts'
import { identityOf, type Plugin } from '../lib/plugins/plugin.ts'
import type { Strategy } from '../lib/strategy/bar-strategy.ts'
import { STRATEGIES, strategyFlags } from '../lib/strategy/strategies.ts'

/**
 * The command over a list of strategies: those of this program, or more of the same shape, some of
 * them from plugins.
 */
export function strategyOver(
  strategies: readonly Strategy[],
  plugins: readonly Plugin[] = [],
): Command {
  const names = strategies.map(({ name }) => name)
  const flags = {
    use: list('strategies to use', {
      default: strategies.filter(({ isDefault }) => isDefault).map(({ name }) => name),
      choices: names,
    }),
    maxSeries: int('most series of bars remembered at a time', { default: 100_000, min: 1 }),
  }
  return step({
    name: 'strategy',
    summary: 'Add what trading strategies think of each closed bar',
    details:
      'Each strategy gives `strategy.<name>` = {signal, confidence, reasons} on candle lines ' +
      'once it has seen enough bars; other lines pass untouched. Any other program takes part by ' +
      'adding `score.<name>` = {value, at}.\n\n' +
      `Strategies: ${strategies.map(({ name, doc }) => `${name} (${doc})`).join(', ')}.`,
    reads: ['candle', 'strategy'],
    writes: ['strategy'],
    flags: { ...flags, ...strategyFlags(strategies, Object.keys(flags)) },
    examples: [
      'strategy --use candlestick,dca < candles.ndjson | gate',
      'strategy < candles.ndjson | jq -c .strategy',
    ],
    identity: ({ flags: { use } }) =>
      identityOf(plugins, use as readonly string[], plugin =>
        plugin.strategies.map(({ name }) => name),
      ),
    async make(ctx) {
      const { makeOpine } = await import('../lib/strategy/opine.ts')
      const { use, maxSeries } = ctx.flags as { use: readonly string[]; maxSeries: number }
      const used = strategies.filter(({ name }) => use.includes(name))
      return makeOpine(used, maxSeries, ctx.count, ctx.flags)
    },
  })
}

const adds = (plugin: Plugin): readonly Strategy[] => plugin.strategies

export default plugged(
  plugins => strategyOver(joined('strategy', STRATEGIES, plugins.flatMap(adds)), plugins),
  { adds },
)
