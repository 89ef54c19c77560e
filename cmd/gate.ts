import { step } from '../lib/cli/command.ts'
import { GATE_FLAGS } from '../lib/decide/gate-flags.ts'
import { GATE_RULES } from '../lib/decide/gate-rules.ts'

export default step({
  name: 'gate',
  summary:
    'Decide on lines with a prediction, strategy or score: hard rules first, then the ' +
    'weighted score',
  details:
    'Adds `decision` with act buy, sell, hold or drop, every reason, the scores and the ' +
    'size. Marks, does not delete; lines without prediction, strategy or score pass ' +
    'untouched.\n\n' +
    'Keeps per token the newest prediction of each model not older than --max-age of event ' +
    'time. hold = no score on the line has a weight; drop = a rule failed; unknown = rules ' +
    'whose data are missing, which block a live buy.\n\n' +
    `Rules: ${GATE_RULES.map(({ name }) => name).join(', ')}.`,
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
  ],
  writes: ['decision'],
  flags: GATE_FLAGS,
  examples: [
    'features --sets pool < events.ndjson | predict | gate --explain',
    'gate --weights dl=0.2,adaptive=0.4,llm=0.4 < scored.ndjson | jq -c ' +
      '\'select(.decision.act=="buy")\'',
  ],
  async make({ flags, count, identities, isSet }) {
    const { makeGate } = await import('../lib/decide/gate.ts')
    const { gatePlan } = await import('../lib/decide/gate-plan.ts')
    const isSizeGiven = isSet?.('size') === true || isSet?.('maxSize') === true
    return makeGate({
      plan: gatePlan(flags, GATE_RULES, identities, isSizeGiven),
      onlyPassed: flags.onlyPassed,
      maxTokens: flags.maxTokens,
      count,
    })
  },
})
