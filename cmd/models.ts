import { tool } from '../lib/cli/command.ts'
import { recalibrateFlags } from '../lib/learn/recalibrate/recalibrate-flags.ts'
import { importFlags } from '../lib/model/import/import-flags.ts'
import { MODEL_ACTIONS } from '../lib/model/manage/actions.ts'
import { manageFlags } from '../lib/model/manage/manage-flags.ts'
import { models } from '../lib/model/models-flag.ts'
import { isVersionName } from '../lib/model/registry.ts'

export default tool({
  name: 'models',
  summary: 'List, show, compare and promote model versions',
  details:
    'Every change is a line of models/NAME/history.ndjson and a row of promotions.\n\n' +
    'import takes an ONNX file from PyTorch or scikit-learn, or trees as LightGBM (text), ' +
    'XGBoost (JSON, UBJSON) and CatBoost (JSON) save them, and puts the scaler of --scalers ' +
    'into the file: JSON, or what pickle or joblib dumped, of which only numbers are read, ' +
    'nothing is executed. Every option of the scaler counts or is refused; the file as it came ' +
    'and the bundle are run beside each other, and a difference above 1e-5 is refused.\n\n' +
    'A graph with several inputs and heads is mapped by --input, --scaler and --head, once for ' +
    'each, or by a file of --map.\n\n' +
    'explain tells how much higher the first head is than with each input at the centre of the ' +
    'training rows: one input at a time, so what two do together is not in it.\n\n' +
    'calibrate is for a model that says too much or too little where it is served. On the ' +
    'earlier half of --rows, a table or a folder of train-export, it fits another curve behind ' +
    'the first head, and the later half judges it: the new version (--out, default ' +
    'NAME@V-calibrated) is written only if the interval of the difference of Brier scores lies ' +
    'below 0; else the exit is 1. Rows of the time that the model learned from are left out. Its ' +
    'card leads with the figures of the judging half over four periods.\n\n' +
    'learn teaches from the lines of label --horizons n10 --with features,prediction (of a rug ' +
    'model that was trained on the label rug: of that horizon). Giving it lines again changes ' +
    'nothing. It says how many labels are missing until the online model takes part (500), then ' +
    'its share of what predict says, which is 0.3 at first and then by merit, and how both have ' +
    'done; sluice status too. With --follow labels are learned within seconds of their line, and ' +
    'each lot is told.',
  flags: {
    models,
    ...manageFlags,
    ...importFlags,
    ...recalibrateFlags,
  },
  args: {
    name: 'ACTION',
    doc: 'what to do, then its words',
    names: 'models',
    files: true,
    actions: MODEL_ACTIONS,
  },
  writesHome: ({ args: [action = ''], flags: { out } }) =>
    action === 'learn' ||
    (action === 'import' && out !== undefined && isVersionName(out)) ||
    (action === 'calibrate' && (out === undefined || isVersionName(out))) ||
    ['alias', 'promote', 'rollback'].includes(action),
  examples: [
    'sluice models list',
    'sluice models card sequence@example',
    'sluice models recipe moon',
    'sluice models explain moon featured.ndjson',
    'sluice models learn moon labels.ndjson',
    'discover --source journal decisions-labels --from 2d --follow | models learn moon - --follow',
    'sluice models calibrate sequence@example --rows export --horizon 1h --out sequence@mine.1',
    'sluice models import m.onnx --out own@1 --input x=rsi14,macd --head profitable=win:logit',
    'sluice models promote moon@2026-11-21.1 --reason "walk-forward"',
  ],
  async run(ctx, out) {
    const { runModels } = await import('../lib/model/manage/run-models.ts')
    const { wallClock } = await import('../lib/base/clock.ts')
    const { home, signal, log } = ctx
    const [action, name = '', field] = ctx.args
    if (action === 'recipe') {
      const { recipeText } = await import('../lib/learn/recipe/recipe-text.ts')
      return await out.write(recipeText(name, field, ctx.flags.models, home))
    }
    if (action === 'calibrate') {
      const { calibrateModel } = await import('../lib/learn/recalibrate/run-recalibrate.ts')
      return await calibrateModel(name, { ...ctx.flags, home, log }, out)
    }
    await runModels(ctx.args, { ...ctx.flags, home, signal, log, now: wallClock.now }, out)
  },
})
