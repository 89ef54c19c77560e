import { joinGroups } from '../lib/base/flag-groups.ts'
import type { Values } from '../lib/base/flags.ts'
import { type Command, step } from '../lib/cli/command.ts'
import type { GateRule } from '../lib/decide/gate-case.ts'
import { type GATE_FLAGS, gateGroups } from '../lib/decide/gate-flags.ts'
import { GATE_RULES } from '../lib/decide/gate-rules.ts'
import { joined, plugged } from '../lib/plugins/plugged.ts'
import type { Plugin } from '../lib/plugins/plugin.ts'

/** The command over a table of rules: those of this program, or more of the same shape. */
const gateOver = (rules: readonly GateRule[]): Command =>
  step({
    name: 'gate',
    summary:
      'Decide on lines with a prediction, strategy or score: hard rules first, then the ' +
      'weighted score',
    details:
      'Adds `decision` with act buy, sell, hold or drop, every reason, the scores and the ' +
      'size. Marks, does not delete; lines without prediction, strategy or score pass ' +
      'untouched.\n\n' +
      'Keeps per token the newest prediction of each model not older than --max-age of event ' +
      'time; an arbitrage path is scored by what its own line says of it. hold = no score on ' +
      'the line has a weight; drop = a rule failed; unknown = rules ' +
      'whose data are missing, which block a live buy.\n\n' +
      `Rules: ${rules.map(({ name }) => name).join(', ')}.`,
    reads: [
      'token',
      'market',
      'trade',
      'candle',
      'quality',
      'features',
      'strategy',
      'score',
      'prediction',
      'shadow',
    ],
    writes: ['decision'],
    flags: joinGroups(gateGroups(rules)),
    examples: [
      'features --sets pool < events.ndjson | predict | gate --explain',
      'gate --weights dl=0.2,adaptive=0.4,llm=0.4 < scored.ndjson | jq -c ' +
        '\'select(.decision.act=="buy")\'',
    ],
    async make({ flags: values, count, identities, isSet }) {
      const flags = values as unknown as Values<typeof GATE_FLAGS>
      const { makeGate } = await import('../lib/decide/gate.ts')
      const { gatePlan } = await import('../lib/decide/gate-plan.ts')
      const isGiven = {
        size: isSet?.('size') === true,
        maxSize: isSet?.('maxSize') === true,
      }
      return makeGate({
        plan: gatePlan(flags, rules, identities, isGiven),
        onlyPassed: flags.onlyPassed,
        maxTokens: flags.maxTokens,
        count,
      })
    },
  })

const adds = ({ gateRules }: Plugin): readonly GateRule[] => gateRules

export default plugged(
  plugins => gateOver(joined<GateRule>('rule', GATE_RULES, plugins.flatMap(adds))),
  { adds },
)
