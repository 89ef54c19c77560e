import { bool, duration, file, int, list, num, text } from '../lib/base/flags.ts'
import { step } from '../lib/cli/command.ts'

export default step({
  name: 'predict',
  summary: 'Score lines with trained models',
  details:
    'Adds prediction.<model> to every line that carries the feature set of a model. Without ' +
    '--model: every model with a production version, and their versions on trial into the ' +
    'part shadow. A line whose features are not ready, or made by another version of the ' +
    'set, gets error and reason instead of a number. Models are looked for in ' +
    '$SLUICE_HOME/models, then among the shipped ones. A promoted version is taken between ' +
    'two lines while running, after it was checked; one that fails the check is not, and an ' +
    'alert says so. While $SLUICE_HOME/ML_OFF exists nothing is scored. Alerts go to ' +
    'alert.command of the configuration, or to stderr.',
  reads: ['features', 'prediction', 'shadow'],
  writes: ['prediction', 'shadow'],
  flags: {
    model: list('models to run: NAME (its production version), NAME@VERSION or NAME@shadow', {
      value: 'NAME,…',
    }),
    models: file('folder of models, instead of $SLUICE_HOME/models and the shipped ones', {
      value: 'DIR',
    }),
    shadow: bool('also run the versions on trial', { default: true }),
    workers: int(
      'processes that run models; 0 = in this one (default: trees in this one, networks in ' +
        'one worker)',
      {
        min: 0,
        max: 64,
      },
    ),
    timeout: duration(
      'longest wait for a worker; a bare number is ms. Then the line passes with error timeout',
      {
        default: '3s',
        min: '1ms',
        env: 'ML_INFERENCE_TIMEOUT_MS',
        bareMs: true,
      },
    ),
    mlRequired: bool(
      'end with exit 4 when no worker can be kept running; else lines pass with error no-worker',
      {
        default: true,
        env: 'ML_REQUIRED',
      },
    ),
    maxBatch: int('most rows of one run of a model', { default: 64, min: 1, max: 4096 }),
    cache: int('rows per model whose answer is kept for 60 s of event time; 0 = none', {
      default: 4096,
      min: 0,
      max: 1_000_000,
    }),
    maxModelAge: duration(
      'oldest end of training data: refused at the start, error expired while running',
      {
        min: '1m',
      },
    ),
    metrics: text('Prometheus metrics: a file, or a port answered on 127.0.0.1 at /metrics', {
      value: 'FILE|PORT',
    }),
    alertLatency: duration('p95 of the last 1000 predictions that is an alert', {
      default: '500ms',
      min: '1ms',
    }),
    alertErrors: num('share of errors in the last 1000 predictions that is an alert', {
      default: 0.05,
      min: 0,
      max: 1,
    }),
  },
  examples: [
    'predict --model sequence < features.ndjson',
    'predict --model moon@2026-11-19.2,rug < features.ndjson',
    'predict --workers 2 --timeout 500ms --metrics 9464 < features.ndjson',
  ],
  contract: { args: [], silent: true },
  async make(ctx) {
    const { openPredictor } = await import('../lib/model/serve/open-predict.ts')
    const { home, count, alertCommand, deterministic: isDeterministic } = ctx
    const note = ctx.note ?? (() => undefined)
    const stderr = (line: string): void => void process.stderr.write(`${line}\n`)
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
