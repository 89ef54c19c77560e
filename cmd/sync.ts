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
    'older ones than --retain go. Prints one line with what was done.\n\n' +
    'A line that is no record, or not as it was written, is refused and named by file, line ' +
    'and reason; so is one that contradicts a known one of its id, of which the first stays. ' +
    'Then the exit code is 3, once: the next sync goes on behind it. A database that is ' +
    'damaged is made anew with --rebuild, from what journals and archives still hold.',
  flags: syncFlags,
  writesHome: true,
  examples: ['sluice sync', "sluice sync && sluice query 'select count(*) n from candles'"],
  async run({ flags, home, log }, out) {
    const { runSync } = await import('../lib/store/tables/run-sync.ts')
    await runSync({ ...flags, home }, log.warn, out)
  },
})
