import { tool } from '../lib/cli/command.ts'
import { driftFlags } from '../lib/monitor/drift-flags.ts'

export default tool({
  name: 'drift',
  summary: 'Compare live features and predictions with those a model was trained on',
  details:
    'Without FILE, the database, in two ways. Each token that comes counts once, with its ' +
    'first line: a fair bet on drift that grows 2·numbers/alpha times is drift (a conformal ' +
    'test martingale), found after some 50 tokens at a shift of 1 σ. And the last --window, ' +
    'one row per token, against the bundle by exact tests, in which looks share what they ' +
    'may err.\n\n' +
    'So a version without drift raises an alarm at most with chance --alpha, however long and ' +
    'often one looks; a lasting change below an eighth of σ is none. That holds where tokens ' +
    'do not depend on one another: a market that moves as one drifts.\n\n' +
    'With FILE (lines, or a table with a column per feature): all of it, once, one row per ' +
    'token.\n\n' +
    'Prints a row per number: `shift` in σ, `importance` to the model and `impact`, and a ' +
    'verdict drifted, quiet or insufficient. Those of the database go to ml_drift_reports. ' +
    'Exit 4 when fewer than 8 tokens can be judged.',
  flags: driftFlags,
  args: {
    name: 'FILE',
    doc: 'lines or a table: .ndjson, .parquet, .csv, also .gz',
    min: 0,
    max: 1,
  },
  writesHome: true,
  examples: ['sluice drift --check', 'sluice drift window.parquet --model moon --group mint'],
  async run({ flags, args, home, log, alertCommand }, out) {
    const { runDrift } = await import('../lib/monitor/run-drift.ts')
    const { tell: stderr } = await import('../lib/cli/log.ts')
    await runDrift(
      {
        ...flags,
        home,
        alertCommand,
        stderr,
        file: args[0],
        log,
      },
      out,
    )
  },
})
