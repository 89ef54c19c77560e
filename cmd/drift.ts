import { bool, duration, file, int, list, num, text } from '../lib/base/flags.ts'
import { tool } from '../lib/cli/command.ts'
import { models } from '../lib/model/models-flag.ts'
import { mebibytes, memory } from '../lib/store/duck/memory-flag.ts'

export default tool({
  name: 'drift',
  summary: 'Compare live features and predictions with those a model was trained on',
  details:
    'Without FILE: the last complete --window of event time in the database. With FILE ' +
    '(lines, or a table with a column ' +
    'per feature): all of it. One row per token, the first line of one of its 5-minute slots ' +
    'as in training, binned as the bundle of the model was at its training. A number is ' +
    'above its bound when PSI and Jensen–Shannon distance both pass what chance does at this ' +
    'sample size, shared among ' +
    'all numbers tested, and 0.1; it has drifted when that is so in --running windows in a ' +
    'row. Prints a row per number; ' +
    'those of the database go to ml_drift_reports. Exit 4 when fewer than 200 tokens were seen.',
  flags: {
    model: list('models to look at: NAME or NAME@VERSION (default: all in production)', {
      value: 'NAME,…',
      names: 'models',
    }),
    models,
    reference: file('table or lines to compare with, instead of what the bundle holds'),
    group: text('column of a table with the token: one row of each counts', { value: 'COLUMN' }),
    window: duration(
      'length of a window of event time (default: as the bundle was made for, 24h)',
      {
        min: '1m',
        max: '30d',
      },
    ),
    running: int('windows in a row above the bound that make an alarm', {
      default: 2,
      min: 1,
      max: 100,
    }),
    alpha: num('chance of any number above its bound in a window without drift', {
      default: 0.05,
      min: 1e-9,
      max: 0.5,
    }),
    tail: bool('also read what the database does not have yet', { default: true }),
    memory,
    check: bool('exit 1 when something has drifted'),
  },
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
    const { window: windowMs, memory, ...rest } = flags
    const stderr = (line: string): void => void process.stderr.write(`${line}\n`)
    await runDrift(
      {
        ...rest,
        home,
        alertCommand,
        stderr,
        file: args[0],
        windowMs,
        memory: mebibytes(memory),
        log,
      },
      out,
    )
  },
})
