import { tool } from '../lib/cli/command.ts'
import { driftFlags } from '../lib/monitor/drift-flags.ts'

export default tool({
  name: 'drift',
  summary: 'Compare live features and predictions with those a model was trained on',
  details:
    'Without FILE: the last complete --window of event time in the database. With FILE ' +
    '(lines, or a table with a column per feature): all of it.\n\n' +
    'One row per token, the first line of one of its 5-minute slots as in training, binned ' +
    'as the bundle of the model was at its training.\n\n' +
    'A number is above its bound when PSI and Jensen–Shannon distance both pass what ' +
    'chance does at this sample size, shared among all numbers tested, and 0.1; it has ' +
    'drifted when that is so in --running windows in a row.\n\n' +
    'Prints a row per number; those of the database go to ml_drift_reports. Exit 4 when ' +
    'fewer than 200 tokens were seen.',
  flags: driftFlags,
  args: {
    name: 'FILE',
    doc: 'lines or a table: .ndjson, .parquet, .csv, also .gz',
    min: 0,
    max: 1,
  },
  writesHome: true,
  examples: [
    'sluice drift --check',
    'sluice drift window.parquet --model moon --group mint --running 1',
  ],
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
