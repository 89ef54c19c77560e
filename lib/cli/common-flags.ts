import { bool, type Flags, file, grouped, num } from '../base/flags.ts'

/** Flags that every streaming command shares. */
const streaming = grouped('Flags that all streaming commands share', {
  skipBad: bool('pass over bad lines: they go to --rejects with their reason'),
  rejects: file('where --skip-bad puts bad lines: a file to append to, or fd:N', {
    value: 'FILE|fd:N',
  }),
  maxBad: num('share of bad lines above which --skip-bad gives up with exit 3', {
    default: 0.01,
    min: 0,
    max: 1,
  }),
  deterministic: bool('wait instead of timing out and pin model versions: same input, same bytes'),
  quiet: bool('no summary on stderr'),
})
export type CommonFlags = typeof streaming

/** All flags of a command: its own, then the shared ones of its kind. */
export const allFlags = (kind: 'step' | 'source' | 'tool', own: Flags): Flags =>
  kind === 'tool' ? own : { ...own, ...(streaming as Flags) }
