import { UsageError } from '../lib/base/errors.ts'
import { type Command, step } from '../lib/cli/command.ts'
import { exportFlags } from '../lib/export/export-flags.ts'
import type { FeatureFamily } from '../lib/features/kit/family.ts'
import type { FeatureSetDefinition } from '../lib/features/kit/feature-set.ts'
import { FAMILIES, setsOf } from '../lib/features/sets.ts'
import { joined, plugged } from '../lib/plugins/plugged.ts'
import type { Plugin } from '../lib/plugins/plugin.ts'

const adds = (plugin: Plugin): readonly FeatureFamily[] => plugin.families

/** The command that knows some sets: those of this program, or more of the same shape. */
const exportOver = (declared: readonly FeatureSetDefinition[]): Command =>
  step({
    name: 'train-export',
    summary: 'Write labelled lines as Parquet splits that cannot see the future',
    details:
      'Reads lines with label and features (label --with features, or a query over ' +
      'training_lines) and writes DIR/train.parquet, valid.parquet, test.parquet and ' +
      'manifest.json.\n\n' +
      'Splits follow time; rows whose label was not known --embargo before the next split ' +
      'are left out, and a mint is only in the split of its first row.\n\n' +
      'The leak check looks for duplicate ids, equal rows under two ids, future times, shared ' +
      'mints, overlapping horizons and features that are a label or say as much about one: ' +
      'AUC or rank correlation of 0.95, or 60 % of its information, over 4,000 rows of a ' +
      'horizon, with at least 30 of each class. When it finds one nothing is written (exit 3). ' +
      'False alarms: none for features that know nothing; for an honest one of AUC 0.88, the ' +
      'strongest we have measured, below 1 in 1,000 with 100 rows of each class and 1 in 20 ' +
      'with 30, which --trust lets pass. Rows cut off by the end of input are not used.\n\n' +
      'Columns: id, mint, ts, the fields of the label, then set.feature as DOUBLE, NULL ' +
      'where unknown.',
    flags: exportFlags,
    examples: [
      'discover --source journal decisions | label --with features | train-export --horizons ' +
        'h1 --out export',
      "sluice query 'from training_lines' | train-export --out export",
    ],
    reads: ['features', 'label'],
    writes: [],
    contract: { args: ['--out', 'export'], silent: true },
    exempt: {
      replay:
        'needs labelled lines enough for three splits; its files are compared in test/lib/export',
      prefix: 'a reducer: it writes a folder at the end of input, and no lines',
      fusion: 'two runs would write the same folder',
      order: 'a split depends on the times of all lines',
      'bad-line': 'without enough labelled lines it ends with exit 3 anyway',
      'stdout-only-data': 'it writes no lines',
      'broken-pipe': 'it writes no lines',
      backpressure: 'it writes no lines',
      time: 'rows of any order are sorted by time; it has no clock',
      signal: 'without enough labelled lines it ends with exit 3 anyway',
    },
    async make({ flags, count }) {
      const { makeCheck, makeExport } = await import('../lib/export/export-step.ts')
      const { out, train, valid } = flags
      if (out === undefined) throw new UsageError('--out is needed: the folder to write')
      if (flags.check) return makeCheck(out, count)
      if (train + valid >= 1) throw new UsageError('--train and --valid leave nothing for test')
      return makeExport({ ...flags, out, declared, count })
    },
  })

export default plugged(
  plugins => exportOver(joined('set', setsOf(FAMILIES), setsOf(plugins.flatMap(adds)))),
  { adds },
)
