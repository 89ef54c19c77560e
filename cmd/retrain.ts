import { UsageError } from '../lib/base/errors.ts'
import { tool } from '../lib/cli/command.ts'
import { retrainFlags } from '../lib/learn/recipe/retrain-flags.ts'

export default tool({
  name: 'retrain',
  summary: 'Train a model again when it is due, try it beside production, promote it or go back',
  details:
    'One look, for cron. Without DATA it loads the journals and looks at every model with a ' +
    'recipe (models/NAME/recipe.json), or at MODEL: what rows are missing is said (exit 4), the ' +
    'first version is trained and tried against the base rate. DATA is what train-export wrote, ' +
    'or a table; then a version in production says what is trained.\n\n' +
    '--guard trains nothing and takes seconds: for every hour.\n\n' +
    'Production is guarded: when its matured predictions fall behind its test by more than ' +
    'chance, the previous version returns if it does better now; else, without DATA, nothing ' +
    'stays in production.\n\n' +
    'A version on trial is promoted after --trial of event time and --trial-rows matured ' +
    'tokens once it is shown to be better: a bet on which of the two is closer has to be worth ' +
    '1/--alpha (Waudby-Smith and Ramdas 2024), so that looking every hour promotes no more ' +
    'than --alpha of the versions that are no better. What is not shown in --trial-most is ' +
    'retired.\n\n' +
    'Then a new version is trained by the recipe (with DATA by the settings of production) after ' +
    '--rows new rows, on the schedule of its recipe, or when production is degraded, unless ' +
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
    doc: 'name of the model (default: all that have a recipe), folder or table of labelled rows',
    min: 0,
    max: 2,
  },
  writesHome: true,
  examples: [
    'sluice retrain',
    'sluice retrain --guard',
    "sluice query 'from training_lines' | train-export --out export && sluice retrain moon " +
      'export --if-due',
  ],
  async run({ flags, args, home, log, alertCommand, env, signal }, out) {
    const { runRetrain } = await import('../lib/learn/run-retrain.ts')
    const { runRecipes } = await import('../lib/learn/run-recipes.ts')
    const { databaseMatured } = await import('../lib/learn/rows/matured.ts')
    const { wallClock } = await import('../lib/base/clock.ts')
    const { ifDue, now: isManual, guard: isGuard, at: time, ...rest } = flags
    const hasData = args.length > 1
    if (hasData && !ifDue && !isManual) throw new UsageError('say --if-due or --now')
    if (isGuard && (hasData || isManual))
      throw new UsageError('--guard takes no DATA and trains nothing')
    const at = time === undefined ? wallClock.now() : Date.parse(time)
    if (Number.isNaN(at))
      throw new UsageError(`--at: expected a time like 2026-11-22T03:00Z, got ${time}`)
    const { tell: stderr } = await import('../lib/cli/log.ts')
    // Without DATA the journals are loaded first: nothing is behind them then.
    const matured = databaseMatured(home, hasData)
    const shared = { ...rest, home, at, isManual, alertCommand, stderr, matured, log, env, signal }
    const { now } = wallClock
    if (!hasData) return await runRecipes(args, { ...shared, now, isGuard }, out)
    const [model, data] = args as [string, string]
    await runRetrain({ ...shared, now, model, data }, out)
  },
})
