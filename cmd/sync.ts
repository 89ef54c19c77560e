import { tool } from '../lib/cli/command.ts'
import { syncFlags } from '../lib/store/tables/sync-flags.ts'

export default tool({
  name: 'sync',
  summary: 'Load new journal lines into the database',
  details:
    'Each line is loaded exactly once, also when sync is killed: rows and the bytes read ' +
    'so far are written to a copy of $SLUICE_HOME/sluice.duckdb that takes its place by ' +
    'rename. Readers keep the copy they opened.\n\n' +
    'Features go to Parquet files; days more than two behind the newest become Parquet, ' +
    'older ones than --retain go. Prints one line with what was done.',
  flags: syncFlags,
  writesHome: true,
  examples: ['sluice sync', "sluice sync && sluice query 'select count(*) n from candles'"],
  async run({ flags, home }, out) {
    const { sync } = await import('../lib/store/tables/sync.ts')
    const report = await sync({ ...flags, home })
    await out.write(`${JSON.stringify(report)}\n`)
  },
})
