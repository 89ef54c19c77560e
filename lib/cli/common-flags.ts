import { show, UsageError } from '../base/errors.ts'
import { bool, duration, type Flags, file, grouped, num } from '../base/flags.ts'

/** Flags that every streaming command shares. */
export const streamingFlags = grouped('Flags that all streaming commands share', {
  skipBad: bool('pass over bad lines: they go to --rejects with their reason'),
  rejects: file('where --skip-bad puts bad lines: a file to append to, or fd:N', {
    value: 'FILE|fd:N',
  }),
  maxBad: num('share of bad lines above which --skip-bad gives up with exit 3', {
    default: 0.01,
    min: 0,
    max: 1,
  }),
  maxJump: duration(
    'furthest that one line may move event time, forwards or back; ten times the interval of the ' +
      'stream is always allowed',
    { default: '1h', min: '1s' },
  ),
  deterministic: bool('wait instead of timing out and pin model versions: same input, same bytes'),
  quiet: bool('no summary on stderr'),
})

/** Flags that every command shares: where it stands. Settled before all others. */
const place = grouped('Flags that all commands share', {
  home: file('folder of state, journals and models (default: sluice in the XDG data folder)', {
    value: 'DIR',
    env: 'SLUICE_HOME',
  }),
  envFile: file('file of NAME=value lines added to the environment, which wins over it', {
    env: 'SLUICE_ENV_FILE',
  }),
  shared: bool('files may be read by others, as the umask says (else by their owner only)', {
    env: 'SLUICE_SHARED',
  }),
})

/** Whether --shared, or its variable, was said. Throws UsageError where it is neither of both. */
export function isShared({
  SLUICE_SHARED: text = '',
}: Record<string, string | undefined>): boolean {
  if (text === '' || text === 'false') return false
  if (text === 'true') return true
  throw new UsageError(`SLUICE_SHARED: expected true or false, got ${show(text)}`)
}

/** Whether a flag says where a run stands, and so is no setting of its command. */
export const isPlace = (key: string): boolean => Object.hasOwn(place, key)

export type CommonFlags = typeof streamingFlags

/** All flags of a command: its own, then the shared ones of its kind. */
export const allFlags = (kind: 'step' | 'source' | 'tool', own: Flags): Flags =>
  kind === 'tool'
    ? { ...own, ...(place as Flags) }
    : { ...own, ...(streamingFlags as Flags), ...place }
