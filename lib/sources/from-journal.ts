import { UsageError } from '../base/errors.ts'
import { bool, duration, text } from '../base/flags.ts'
import { sourceKind, speed } from './source.ts'

/** Lines that the command journal wrote. */
export const fromJournal = sourceKind({
  name: 'journal',
  summary: 'lines that journal wrote, in order of arrival, and what is being written',
  gives: ['any'],
  needs: 'the name of a journal in $SLUICE_HOME/journal',
  flags: {
    follow: bool('at the end of the journal, wait for more'),
    after: text('a journal made from this one: start behind the newest line that is in it', {
      value: 'NAME',
      names: 'journals',
    }),
    warm: duration(
      'with --after: event time before that point that is replayed to rebuild state, marked warm',
      {
        default: '0',
        max: '90d',
      },
    ),
    from: text('first UTC day wanted, or how many days before the newest of the journal, as 2d', {
      value: 'YYYY-MM-DD|Nd',
      pattern: /^(\d{4}-\d\d-\d\d|\d{1,4}d)$/,
      expected: 'a day like 2026-11-20, or days before the newest like 2d',
    }),
    speed,
  },
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
