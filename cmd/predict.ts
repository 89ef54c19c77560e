import { step } from '../lib/command.ts'
import { bool, file, list } from '../lib/flags.ts'

export default step({
  name: 'predict',
  summary: 'Score lines with trained models',
  details:
    'Adds prediction.<model> to every line that carries the feature set of a model. Without --model: every model with a production version, and their versions on trial into the part shadow. A line whose features are not ready, or made by another version of the set, gets error and reason instead of a number. Models are looked for in $SLUICE_HOME/models, then among the shipped ones.',
  reads: ['features', 'prediction', 'shadow'],
  writes: ['prediction', 'shadow'],
  flags: {
    model: list('models to run: NAME (its production version), NAME@VERSION or NAME@shadow', { value: 'NAME,…' }),
    models: file('folder of models, instead of $SLUICE_HOME/models and the shipped ones', { value: 'DIR' }),
    shadow: bool('also run the versions on trial', { default: true }),
  },
  examples: ['predict --model sequence < features.ndjson', 'predict --model moon@2026-11-19.2,rug < features.ndjson'],
  contract: { args: [], silent: true },
  async make(ctx) {
    const { openPredictor } = await import('../lib/model/open.ts')
    return openPredictor({ ...ctx.flags, home: ctx.home, count: ctx.count, warn: ctx.log.warn })
  },
})
