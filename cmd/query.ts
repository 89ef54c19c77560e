import { tool } from '../lib/cli/command.ts'
import { queryFlags } from '../lib/store/query/query-flags.ts'

export default tool({
  name: 'query',
  summary: 'Print the rows of an SQL query as NDJSON',
  details:
    'Reads $SLUICE_HOME/sluice.duckdb, which is never locked against it. --tail adds what ' +
    'the journals hold that has not been synced. With --file, or “-” before the SQL for ' +
    'standard input, the table “input” holds those lines. Files stand behind FROM, too: ' +
    "FROM 'day.parquet', FROM 'logs/*.csv'; neither needs the database.\n\n" +
    'It only reads: one statement of SELECT, FROM, WITH, SHOW, DESCRIBE, SUMMARIZE or EXPLAIN. ' +
    'SQL opens the database and .parquet, .csv, .tsv, .ndjson and .jsonl files (.gz and .zst ' +
    'too) below the current folder, the home (but for its ledger and keys), the folder for ' +
    'temporary files and those of --allow; links that lead out of them and hidden files are ' +
    'refused. --file takes any file. Nothing is set, loaded or fetched. Memory, threads, disk ' +
    'and time are bounded, and what needs more ends with 2 and the name of the flag.\n\n' +
    'Types come from all cells of a file; a date is one where it is written as ISO 8601 does, ' +
    '01/03/2024 stays a text unless --time-format says what comes first. Times of text tables ' +
    'that name no zone are of --time-zone; one that its clocks showed twice or never is ' +
    'refused.\n\n' +
    'NULL makes no key; whole numbers are numbers up to 2^53 − 1 and strings beyond; ' +
    'decimals are strings beyond 15 digits; times are ISO 8601 in UTC; JSON columns are ' +
    'nested.',
  flags: queryFlags,
  args: {
    name: 'SQL',
    doc: 'the query, or “-” and the query to read “input” from stdin',
    min: 1,
    max: 2,
  },
  examples: [
    "sluice query 'select mint, count(*) n from markets group by 1 order by n desc limit 5'",
    "sluice query --file events.ndjson.gz 'select kind, count(*) n from input group by 1'",
    'sluice query "select count(*) n from \'export/train.parquet\'"',
    "gate | sluice query - 'select decision.act, count(*) n from input group by 1'",
  ],
  async run({ flags, args, home, signal, log }, out) {
    const { runQuery } = await import('../lib/store/query/run-query.ts')
    await runQuery({ ...flags, home, args, signal, log }, out)
  },
})
