import { UsageError } from '../lib/base/errors.ts'
import { tool } from '../lib/cli/command.ts'
import { tuneFlags } from '../lib/report/tune/tune-flags.ts'

export default tool({
  name: 'tune',
  summary: 'Show what other thresholds of gate would have earned, on lines set aside for choosing',
  details:
    'Reads labelled decisions (`label --every 0 --with decision`) and prints precision, ' +
    'recall and expected profit after costs over thresholds of one rule, each with its 95 ' +
    '% interval: Wilson for shares, a bootstrap of whole tokens for the profit.\n\n' +
    'Only the validation slice is looked at: the stretch of time before the last --test of ' +
    'the lines, which stay unseen for the final judgement, less lines whose outcome ' +
    'reaches into it. Refuses fewer than 100 candidates.',
  flags: tuneFlags,
  args: { name: 'WHAT', doc: 'gate', min: 1, max: 1, words: ['gate'] },
  examples: [
    'label --every 0 --with decision < decided.ndjson > labelled.ndjson && sluice tune gate ' +
      '--on labelled.ndjson',
    'sluice tune gate --on labelled.ndjson --rule rug-risk --horizon h24',
  ],
  async run({ flags, args, signal }, out) {
    if (args[0] !== 'gate') throw new UsageError(`expected gate, got ${args[0]}`)
    if (flags.on === undefined) throw new UsageError('--on FILE is needed: labelled decisions')
    if (flags.valid + flags.test > 1)
      throw new UsageError('--valid and --test: together more than all lines')
    const { runTune } = await import('../lib/report/tune/run-tune.ts')
    const { on: paths, format, ...options } = flags
    const isText = format === 'text' || (format === 'auto' && process.stdout.isTTY === true)
    await runTune({ ...options, paths, isText }, signal, out)
  },
})
