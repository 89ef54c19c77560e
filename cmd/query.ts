import { bool, file } from '../lib/base/flags.ts'
import { tool } from '../lib/cli/command.ts'
import { mebibytes, memory } from '../lib/store/duck/memory-flag.ts'

export default tool({
  name: 'query',
  summary: 'Print the rows of an SQL query as NDJSON',
  details:
    'Reads $SLUICE_HOME/sluice.duckdb, which is never locked against it. --tail adds what ' +
    'the journals hold that has not been synced. With --file, or “-” before the SQL for ' +
    'standard input, the table “input” holds those lines.\n\n' +
    'NULL makes no key; whole numbers are numbers up to 2^53 − 1 and strings beyond; ' +
    'decimals are strings beyond 15 digits; times are ISO 8601 in UTC; JSON columns are ' +
    'nested.',
  flags: {
    tail: bool('also lines that are not in the database yet'),
    file: file('NDJSON file (.gz and .zst too) to query as “input”'),
    memory,
  },
  args: {
    name: 'SQL',
    doc: 'the query, or “-” and the query to read “input” from stdin',
    min: 1,
    max: 2,
  },
  examples: [
    "sluice query 'select mint, count(*) n from markets group by 1 order by n desc limit 5'",
    "sluice query --file events.ndjson.gz 'select kind, count(*) n from input group by 1'",
    "gate | sluice query - 'select decision.act, count(*) n from input group by 1'",
  ],
  async run({ flags, args, home, signal }, out) {
    const { runQuery } = await import('../lib/store/tables/run-query.ts')
    const { tail, memory, file } = flags
    await runQuery({ home, args, tail, file, memory: mebibytes(memory), signal }, out)
  },
})
