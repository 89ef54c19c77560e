import { bytes, int } from '../lib/base/flags.ts'
import { tool } from '../lib/cli/command.ts'
import { mebibytes, memory } from '../lib/store/duck/memory-flag.ts'

export default tool({
  name: 'sync',
  summary: 'Load new journal lines into the database',
  details:
    'Each line is loaded exactly once, also when sync is killed: rows and the bytes read ' +
    'so far are written to a copy of $SLUICE_HOME/sluice.duckdb that takes its place by ' +
    'rename. Readers keep the copy they opened.\n\n' +
    'Features go to Parquet files; days more than two behind the newest become Parquet, ' +
    'older ones than --retain go. Prints one line with what was done.',
  flags: {
    piece: bytes('how much of a journal is loaded at a time', { default: '64MB' }),
    memory,
    retain: int('days of journal to keep', { default: 90, min: 3, max: 100_000 }),
  },
  writesHome: true,
  examples: ['sluice sync', "sluice sync && sluice query 'select count(*) n from candles'"],
  async run({ flags, home }, out) {
    const { sync } = await import('../lib/store/tables/sync.ts')
    const { piece, memory, retain } = flags
    const report = await sync({
      home,
      pieceBytes: piece,
      memory: mebibytes(memory),
      retainDays: retain,
    })
    await out.write(`${JSON.stringify(report)}\n`)
  },
})
