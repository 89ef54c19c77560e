import { step } from '../lib/cli/command.ts'
import { predictFlags } from '../lib/model/serve/predict-flags.ts'

export default step({
  name: 'predict',
  summary: 'Score lines with trained models',
  details:
    'Adds prediction.<model> to every line that carries the feature set of a model. ' +
    'Without --model: every model with a production version, and their versions on trial ' +
    'into the part shadow.\n\n' +
    'A line whose features are not ready, or made by another version of the set, gets ' +
    'error and reason instead of a number.\n\n' +
    'Models are looked for in $SLUICE_HOME/models, then among the shipped ones. A promoted ' +
    'version is taken between two lines while running, after it was checked; one that ' +
    'fails the check is not, and an alert says so.\n\n' +
    'While $SLUICE_HOME/ML_OFF exists nothing is scored. Alerts go to alert.command of the ' +
    'configuration, or to stderr.',
  reads: ['features', 'prediction', 'shadow'],
  writes: ['prediction', 'shadow'],
  flags: predictFlags,
  examples: [
    'predict --model sequence < features.ndjson',
    'predict --model moon@2026-11-19.2,rug < features.ndjson',
    'predict --workers 2 --timeout 500ms --metrics 9464 < features.ndjson',
  ],
  contract: { args: [], silent: true },
  exempt: { time: 'what it says of a line hangs on that line alone' },
  async make(ctx) {
    const { openPredictor } = await import('../lib/model/serve/open-predict.ts')
    const { home, count, alertCommand, deterministic: isDeterministic } = ctx
    const note = ctx.note ?? (() => undefined)
    const { tell: stderr } = await import('../lib/cli/log.ts')
    return openPredictor({
      ...ctx.flags,
      home,
      count,
      note,
      alertCommand,
      isDeterministic,
      warn: ctx.log.warn,
      stderr,
    })
  },
})
