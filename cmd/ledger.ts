import { bool, choice, file } from '../lib/base/flags.ts'
import { tool } from '../lib/cli/command.ts'

export default tool({
  name: 'ledger',
  summary: 'Show what the ledger of execute knows: intents, fills, positions and totals',
  details:
    'Reads the ledger without touching it, also while execute writes it.\n\n' +
    'Each intent and position comes once, in its newest state; totals add up the whole ' +
    'ledger, or one mint (then without cash). An unfinished last line is told with its ' +
    'number; any other line that is not as execute wrote it ends it with exit 3 and that ' +
    'number. Text on a terminal, else NDJSON.\n\n' +
    'Each line carries a checksum in a chain as its last key: a changed byte, a line that ' +
    'was removed, doubled or moved, an order that landed without its fill and a fill twice ' +
    'are noticed. repair leaves out what cannot be believed and keeps the file as it was ' +
    'beside it; with --dry-run it only says so, and exit 3 says that there is something.',
  flags: {
    ledger: file('paper or live ($SLUICE_HOME/ledger/….ndjson), or a file', { default: 'paper' }),
    format: choice('how to write it', ['auto', 'text', 'ndjson'], { default: 'auto' }),
    dryRun: bool('repair only says what it would do'),
  },
  args: {
    name: 'ACTION',
    doc: 'what to do, then perhaps a mint',
    actions: {
      show: { args: '[MINT]', doc: 'what it knows, of one mint or of all' },
      check: { args: '', doc: 'looks at every line; exit 3 names those that are wrong' },
      repair: { args: '', doc: 'puts the lines that can be believed in its place' },
    },
  },
  examples: [
    'sluice ledger show',
    'sluice ledger show --ledger live | jq -c \'select(.of == "position")\'',
    'sluice ledger repair --dry-run',
  ],
  async run({ flags, args, home, log }, out) {
    const { runLedger } = await import('../lib/trade/ledger/run-ledger.ts')
    const { ledger, format, dryRun: isDry = false } = flags
    const isText = format === 'text' || (format === 'auto' && process.stdout.isTTY === true)
    await runLedger({ args, home, ledger, isText, isDry, warn: log.warn }, out)
  },
})
