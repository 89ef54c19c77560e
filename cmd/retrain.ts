import { UsageError } from '../lib/base/errors.ts'
import { tool } from '../lib/cli/command.ts'
import { retrainFlags } from '../lib/learn/retrain-flags.ts'

export default tool({
  name: 'retrain',
  summary: 'Train a model again when it is due, try it beside production, promote it or go back',
  details:
    'One look, for cron. DATA is what train-export wrote, or a table.\n\n' +
    'Production is guarded: when its matured predictions fall behind its test by more than ' +
    'chance, the previous version returns if it does better now.\n\n' +
    'A version on trial is promoted after --trial of event time and --trial-rows matured ' +
    'tokens once it is shown to be better: a bet on which of the two is closer has to be worth ' +
    '1/--alpha (Waudby-Smith and Ramdas 2024), so that looking every hour promotes no more ' +
    'than --alpha of the versions that are no better. What is not shown in --trial-most is ' +
    'retired.\n\n' +
    'Then, with --if-due, a new version is trained with the settings of production after ' +
    '--rows new rows, on Sunday 03:00 UTC, or when production is degraded, unless ' +
    '--cooldown runs; --now trains at once. It goes on trial when its Brier score on later ' +
    'rows, of at least 100 tokens, is more than 5 % lower and the interval of the difference ' +
    'excludes 0.\n\n' +
    'With {"trainer": "python train.py"} in models/MODEL/recipe.json that command trains in ' +
    'place of ours: it gets DATA and the folder of its bundle as arguments and as EXPORT_DIR and ' +
    'BUNDLE_DIR, no keys and no settings of ours. Trial, promotion and guard stay the same; a ' +
    'bundle that fails a check of models check is refused. What it prints is kept in ' +
    '$SLUICE_HOME/retrain/logs.\n\n' +
    'Each decision is printed and is a row of ml_training_jobs, ml_model_comparisons or ' +
    'promotions.',
  flags: retrainFlags,
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
  async run({ flags, args, home, log, alertCommand, env, signal }, out) {
    const { runRetrain } = await import('../lib/learn/run-retrain.ts')
    const { databaseMatured } = await import('../lib/learn/matured.ts')
    const { wallClock } = await import('../lib/base/clock.ts')
    const { ifDue, now: isManual, at: time, ...rest } = flags
    if (!ifDue && !isManual) throw new UsageError('say --if-due or --now')
    const at = time === undefined ? wallClock.now() : Date.parse(time)
    if (Number.isNaN(at))
      throw new UsageError(`--at: expected a time like 2026-11-22T03:00Z, got ${time}`)
    const [model, data] = args as [string, string]
    const { tell: stderr } = await import('../lib/cli/log.ts')
    await runRetrain(
      {
        ...rest,
        home,
        model,
        data,
        at,
        isManual,
        alertCommand,
        stderr,
        now: wallClock.now,
        matured: databaseMatured(home),
        log,
        env,
        signal,
      },
      out,
    )
  },
})
