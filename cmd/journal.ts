import { bool } from '../lib/base/flags.ts'
import { step, tool } from '../lib/cli/command.ts'
import { journalFlags } from '../lib/store/journal/journal-flags.ts'

const check = tool({
  name: 'journal check',
  summary: 'Look at every line of journals',
  details:
    'Each stored line carries a checksum in a chain as its last key, and each file begins with ' +
    'the last of the file before: a changed byte, a line that was removed, doubled or moved is ' +
    'named by file and line, with exit 3. Where a file ended the next one says, and of the ' +
    'newest the file .head beside it, as far as it was synced: lines cut off are named too. ' +
    'End is “unproven” where nobody says so: lines came since, or versions before wrote it. ' +
    'Lines of versions without checksums are checked as records only. Reads only, also while ' +
    'they are written.',
  flags: {},
  args: { name: 'NAME', doc: 'journals; all when none is named', names: 'journals' },
  examples: ['sluice journal check', 'sluice journal check events'],
  async run({ args, home }, out) {
    const { checkJournals } = await import('../lib/store/journal/journal-check.ts')
    await checkJournals(home, args, out)
  },
})

const repair = tool({
  name: 'journal repair',
  summary: 'Write damaged journals anew without the lines that cannot be believed',
  details:
    'Says of each wrong line what becomes of it: left out, or kept where only its place is ' +
    'wrong. ' +
    'With --dry-run that is all, and exit 3 says that there is something. Else the file is ' +
    'written anew, synced and put in place as a whole, and so are those of later days, whose ' +
    'checksums start from it; what was there stays beside it as ….damaged-1. A database that was ' +
    'made from it has to be made again by “sluice sync --rebuild”; sync notices that itself.',
  flags: { dryRun: bool('only say what it would do') },
  args: { name: 'NAME', doc: 'journals; all when none is named', names: 'journals' },
  examples: ['sluice journal repair --dry-run', 'sluice journal repair events'],
  async run({ args, home, flags, log }, out) {
    const { repairJournals } = await import('../lib/store/journal/journal-repair.ts')
    await repairJournals(home, args, { isDry: flags.dryRun === true, warn: log.warn }, out)
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
    '“journal check [NAME…]” verifies whole files, “journal repair [NAME…]” mends them.',
  flags: journalFlags,
  args: { name: 'NAME', doc: 'letters, digits, _ and -', min: 1, max: 1, names: 'journals' },
  writesHome: true,
  instead: { check, repair },
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
