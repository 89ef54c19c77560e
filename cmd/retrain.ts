import { UsageError } from '../lib/base/errors.ts'
import { bool, duration, grouped, int, text } from '../lib/base/flags.ts'
import { tool } from '../lib/cli/command.ts'
import { models } from '../lib/model/models-flag.ts'

export default tool({
  name: 'retrain',
  summary: 'Train a model again when it is due, try it beside production, promote it or go back',
  details:
    'One look, for cron. DATA is what train-export wrote, or a table.\n\n' +
    'Production is guarded: when its matured predictions fall behind its test by more than ' +
    'chance, the previous version returns if it does better now.\n\n' +
    'A version on trial is promoted after --trial of event time and --trial-rows matured ' +
    'tokens if it is not behind, else retired.\n\n' +
    'Then, with --if-due, a new version is trained with the settings of production after ' +
    '--rows new rows, on Sunday 03:00 UTC, or when production is degraded, unless ' +
    '--cooldown runs; --now trains at once. It goes on trial when its Brier score on later ' +
    'rows is more than 5 % lower and the interval of the difference excludes 0.\n\n' +
    'Each decision is printed and is a row of ml_training_jobs, ml_model_comparisons or ' +
    'promotions.',
  flags: {
    ifDue: bool('train if a trigger asks for it'),
    now: bool('train now'),
    models,
    ...grouped('Rows to train on', {
      label: text('column to predict (default: that of production)', { value: 'COLUMN' }),
      time: text('column with the time of the row (default in an export: ts)', { value: 'COLUMN' }),
      group: text('column with the token of the row (default in an export: mint)', {
        value: 'COLUMN',
      }),
      horizon: duration('how long after its row a label is known', { default: '0' }),
      embargo: duration('gap kept after each boundary of a table', { default: '0' }),
    }),
    ...grouped('When it is due', {
      rows: int('new labelled rows that ask for a training', { default: 1000, min: 1 }),
      cooldown: duration('least time between two trainings', { default: '6h' }),
      lease: duration('a run that takes longer is taken for hung', { default: '6h', min: '1s' }),
      at: text('time of this run, for tests and replays (default: now)', { value: 'ISO' }),
    }),
    ...grouped('Trial', {
      trial: duration('least event time on trial', { default: '24h' }),
      trialRows: int('least matured tokens on trial', { default: 100, min: 2 }),
      trialMost: duration('a trial that is not won by then is lost', { default: '14d' }),
    }),
  },
  args: {
    name: 'MODEL DATA',
    doc: 'name of the model, folder or table of labelled rows',
    min: 2,
    max: 2,
  },
  writesHome: true,
  examples: [
    "sluice query 'from training_lines' | train-export --out export && sluice retrain moon " +
      'export --if-due',
  ],
  async run({ flags, args, home, log, alertCommand }, out) {
    const { runRetrain } = await import('../lib/learn/run-retrain.ts')
    const { databaseMatured } = await import('../lib/learn/matured.ts')
    const { wallClock } = await import('../lib/base/clock.ts')
    const { ifDue, now, models, label, time, group, horizon, embargo } = flags
    if (!ifDue && !now) throw new UsageError('say --if-due or --now')
    const at = flags.at === undefined ? wallClock.now() : Date.parse(flags.at)
    if (Number.isNaN(at))
      throw new UsageError(`--at: expected a time like 2026-11-22T03:00Z, got ${flags.at}`)
    const [model, data] = args as [string, string]
    const columns = { label, time, group, horizon, embargo }
    const due = { rows: flags.rows, cooldownMs: flags.cooldown }
    const trial = { leastMs: flags.trial, leastRows: flags.trialRows, mostMs: flags.trialMost }
    const matured = databaseMatured(home)
    const options = {
      home,
      models,
      model,
      data,
      columns,
      at,
      isManual: now,
      due,
      trial,
      leaseMs: flags.lease,
    }
    const stderr = (line: string): void => void process.stderr.write(`${line}\n`)
    await runRetrain({ ...options, alertCommand, stderr, now: wallClock.now, matured, log }, out)
  },
})
