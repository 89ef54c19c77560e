import { choice, file } from '../lib/base/flags.ts'
import { tool } from '../lib/cli/command.ts'

export default tool({
  name: 'ledger',
  summary: 'Show what the ledger of execute knows: intents, fills, positions and totals',
  details:
    'show | show MINT. Reads the ledger without touching it, also while execute writes it.\n\n' +
    'Each intent and position comes once, in its newest state; totals add up the whole ' +
    'ledger, or one mint (then without cash). An unfinished last line is told with its ' +
    'number; any other line that is not of execute ends it with exit 3 and that number. ' +
    'Text on a terminal, else NDJSON.',
  flags: {
    ledger: file('paper or live ($SLUICE_HOME/ledger/….ndjson), or a file', { default: 'paper' }),
    format: choice('how to write it', ['auto', 'text', 'ndjson'], { default: 'auto' }),
  },
  args: { name: 'ACTION', doc: 'show, then perhaps a mint', min: 1, max: 2, words: ['show'] },
  examples: [
    'sluice ledger show',
    'sluice ledger show --ledger live | jq -c \'select(.of == "position")\'',
  ],
  async run({ flags, args, home, log }, out) {
    const { runLedger } = await import('../lib/trade/ledger/run-ledger.ts')
    const isText =
      flags.format === 'text' || (flags.format === 'auto' && process.stdout.isTTY === true)
    await runLedger({ args, home, ledger: flags.ledger, isText, warn: log.warn }, out)
  },
})
