import { duration, int, text, type Values } from '../../base/flags.ts'

/** Flags of `keep`. */
export const keepFlags = {
  name: text('name of the state file (default: the program)', { value: 'NAME' }),
  minWait: duration('wait before the first restart', { default: '1s', min: '1ms' }),
  maxWait: duration('longest wait', { default: '5m', min: '1ms' }),
  healthy: duration('a run this long makes the waits short again', { default: '1m' }),
  heartbeat: duration('time between heartbeats', { default: '10s', min: '100ms' }),
  grace: duration('time to end before SIGKILL', { default: '30s' }),
  parent: int('id of a process: end as on SIGTERM when it has ended, however', {
    value: 'PID',
    min: 1,
  }),
}
export type KeepFlags = Values<typeof keepFlags>
