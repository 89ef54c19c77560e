import { step } from '../lib/cli/command.ts'
import { journalFlags } from '../lib/store/journal/journal-flags.ts'

export default step({
  name: 'journal',
  summary: 'Write lines to a durable journal and pass them on',
  details:
    'A line leaves only after its bytes are in $SLUICE_HOME/journal/NAME/<UTC date of ' +
    'ts>.ndjson, so whatever comes after it can be restarted from there with “discover ' +
    '--source journal”.\n\n' +
    'One process writes a journal at a time. A line whose id is among the newest of the ' +
    'journal passes but is not written twice; warm lines are not written. Days follow ' +
    'event time and never go back: files read in order give the lines in order of arrival.',
  flags: journalFlags,
  args: { name: 'NAME', doc: 'letters, digits, _ and -', min: 1, max: 1, names: 'journals' },
  writesHome: true,
  examples: [
    'discover --source sim | journal events | features',
    'gate | journal decisions --has decision | execute',
  ],
  reads: [],
  writes: [],
  exempt: {},
  contract: { args: ['events', '--min-free', '0B'] },
  async make({ flags, args, home, count }) {
    const { makeJournal } = await import('../lib/store/journal/journal.ts')
    return makeJournal({ ...flags, home, name: args[0]!, count })
  },
})
