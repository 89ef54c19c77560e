import { text } from '../lib/base/flags.ts'
import { tool } from '../lib/cli/command.ts'
import { importFlags } from '../lib/model/import/import-flags.ts'
import { models } from '../lib/model/models-flag.ts'
import { isVersionName } from '../lib/model/registry.ts'

export default tool({
  name: 'models',
  summary: 'List, show, compare and promote model versions',
  details:
    'list | import FILE.onnx | show NAME[@V] | card NAME[@V] | verify [NAME[@V]] | alias ' +
    'NAME@V production|shadow|previous | promote NAME@V | rollback NAME | diff NAME@V NAME@W ' +
    '| learn NAME LABELS. promote makes a version production and keeps the old one as ' +
    'previous; rollback goes back to it. Every change is a line of ' +
    'models/NAME/history.ndjson. import takes an ONNX file from PyTorch or scikit-learn ' +
    '(without ZipMap) with --features and --out, and puts the scaler of --scalers into the ' +
    'file: JSON, or what pickle or joblib dumped, of which only numbers are read, nothing is ' +
    'executed. learn teaches the online model beside a moon or rug model from the lines of ' +
    'label --horizons n10 --with features,prediction (- = stdin), which predict then blends ' +
    'in, 0.7 to 0.3; giving it lines again changes nothing.',
  flags: {
    models,
    ...importFlags,
    reason: text('why the alias is changed; kept in the history', { default: 'by hand' }),
  },
  args: { name: 'ACTION', doc: 'what to do, then its model names', min: 1, max: 3 },
  writesHome: ({ args: [action = ''], flags: { models, out } }) =>
    action === 'learn' ||
    (action === 'import' && out !== undefined && isVersionName(out)) ||
    (['alias', 'promote', 'rollback'].includes(action) && models === undefined),
  examples: [
    'sluice models list',
    'sluice models card sequence',
    'sluice models learn moon labels.ndjson',
    'sluice models promote moon@2026-11-21.1 --reason "walk-forward"',
  ],
  async run(ctx, out) {
    const { runModels } = await import('../lib/model/manage/run-models.ts')
    const { wallClock } = await import('../lib/base/clock.ts')
    const { home, signal } = ctx
    await runModels(ctx.args, { ...ctx.flags, home, signal, now: wallClock.now }, out)
  },
})
