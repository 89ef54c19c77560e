import { UsageError } from '../base/errors.ts'
import { journalSourceFlags } from '../store/journal/journal-flags.ts'
import { sourceKind, speed } from './source.ts'

/** Lines that the command journal wrote. */
export const fromJournal = sourceKind({
  name: 'journal',
  summary: 'lines that journal wrote, in order of arrival, and what is being written',
  gives: ['any'],
  needs: 'the name of a journal in $SLUICE_HOME/journal',
  flags: { ...journalSourceFlags, speed },
  hasFiles: true,
  async make({ home, args, flags, count, took }) {
    const { makeJournalSource, startOfDay } = await import('../store/journal/journal-source.ts')
    const [name, ...more] = args
    if (name === undefined || more.length > 0)
      throw new UsageError('--source journal needs one name of a journal')
    const from = flags.from === undefined ? undefined : startOfDay(flags.from, home, name)
    return makeJournalSource({ ...flags, home, name, from, count, took })
  },
})
