import { bool, bytes, duration, list, text, type Values } from '../../base/flags.ts'

/** Flags of `journal`. */
export const journalFlags = {
  has: list('write only lines with one of these parts (all lines pass)'),
  fsync: duration('time between syncs to disk; 0 syncs every batch', {
    default: '1s',
    max: '1h',
  }),
  minFree: bytes('stop with exit 4 when the disk has less left', { default: '5GB' }),
  recall: bytes('how much of the journal’s end is searched for repeated ids at start', {
    default: '64MB',
  }),
}
export type JournalFlags = Values<typeof journalFlags>

/** Flags of `discover` that read a journal. */
export const journalSourceFlags = {
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
}
export type JournalSourceFlags = Values<typeof journalSourceFlags>
