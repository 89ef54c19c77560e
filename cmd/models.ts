import { tool } from '../lib/command.ts'
import { file, text } from '../lib/flags.ts'

export default tool({
  name: 'models',
  summary: 'List, show, compare and promote model versions',
  details:
    'list | show NAME[@V] | card NAME[@V] | verify [NAME[@V]] | alias NAME@V production|shadow|previous | promote NAME@V | rollback NAME | diff NAME@V NAME@W. promote makes a version production and keeps the old one as previous; rollback goes back to it. Every change is a line of models/NAME/history.ndjson.',
  flags: {
    models: file('folder of models, instead of $SLUICE_HOME/models and the shipped ones', { value: 'DIR' }),
    reason: text('why the alias is changed; kept in the history', { default: 'by hand' }),
  },
  args: { name: 'ACTION', doc: 'what to do, then its model names', min: 1, max: 3 },
  examples: [
    'sluice models list',
    'sluice models card sequence',
    'sluice models promote moon@2026-11-21.1 --reason "walk-forward"',
  ],
  async run(ctx, out) {
    const { runModels } = await import('../lib/model/run-models.ts')
    const { wallClock } = await import('../lib/clock.ts')
    await runModels(ctx.args, { ...ctx.flags, home: ctx.home, now: wallClock.now }, out)
  },
})
