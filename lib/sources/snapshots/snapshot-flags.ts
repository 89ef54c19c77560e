import { bool, file, text } from '../../base/flags.ts'

/** Flags that snapshot tables alone have. */
export const snapshotFlags = {
  table: file('SQLite, CSV, NDJSON or Parquet file of snapshots'),
  map: file(
    'JSON object from columns to fields of a market line, as {"pool_id":"pool","ts":"time",' +
      '"=9":"quoteDecimals"}; = begins a value for every row (default: by usual names, told)',
  ),
  sql: text('one SELECT over an SQLite file, for joins (default: its table of snapshots)', {
    value: 'SELECT',
  }),
  dryRun: bool('print what the table is found to be instead: order, repetitions, volumes, gaps'),
}
