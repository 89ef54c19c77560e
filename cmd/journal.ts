import { step, tool } from '../lib/cli/command.ts'
import { journalFlags } from '../lib/store/journal/journal-flags.ts'

const check = tool({
  name: 'journal check',
  summary: 'Look at every line of journals',
  details:
    'Each stored line carries a checksum in a chain as its last key, and each file begins with ' +
    'the last of the file before: a changed byte, a line that was removed, doubled or moved is ' +
    'named by file and line, with exit 3. Only the next file says where one ended: of the ' +
    'newest the row has end “unproven”, as lines cut off it leave no trace. Lines of versions ' +
    'without checksums are checked as records only; archived days have sums of their own. Reads ' +
    'only, also while they are written.',
  flags: {},
  args: { name: 'NAME', doc: 'journals; all when none is named', names: 'journals' },
  examples: ['sluice journal check', 'sluice journal check events'],
  async run({ args, home }, out) {
    const { checkJournals } = await import('../lib/store/journal/journal-check.ts')
    await checkJournals(home, args, out)
  },
})

export default step({
  name: 'journal',
  summary: 'Write lines to a durable journal and pass them on',
  details:
    'A line leaves only after its bytes are in $SLUICE_HOME/journal/NAME/<UTC date of ' +
    'ts>.ndjson, so whatever comes after it can be restarted from there with “discover ' +
    '--source journal”.\n\n' +
    'One process writes a journal at a time. A line whose id is among the newest of the ' +
    'journal passes but is not written twice; warm lines are not written. Days follow ' +
    'event time and never go back: files read in order give the lines in order of arrival.\n\n' +
    'Each stored line has a checksum as its last key, which reading the journal takes off; ' +
    '“journal check [NAME…]” verifies whole files.',
  flags: journalFlags,
  args: { name: 'NAME', doc: 'letters, digits, _ and -', min: 1, max: 1, names: 'journals' },
  writesHome: true,
  instead: { check },
  examples: [
    'discover --source sim | journal events | features',
    'gate | journal decisions --has decision | execute',
  ],
  reads: [],
  writes: [],
  exempt: {},
  contract: { args: ['events', '--min-free', '0B'] },
  async make({ flags, args, home, time, count, log, reject }) {
    const { makeJournal } = await import('../lib/store/journal/journal.ts')
    const name = args[0]!
    return makeJournal({ ...flags, home, name, time, count, warn: log.warn, reject })
  },
})
