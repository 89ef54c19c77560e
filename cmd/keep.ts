import { duration, int, text } from '../lib/base/flags.ts'
import { tool } from '../lib/cli/command.ts'

export default tool({
  name: 'keep',
  summary: 'Keep a command running: restart it by its exit code',
  details:
    'Exit 4, 70, any signal and unknown codes: again, after a wait that doubles. Exit 0: ' +
    'done. Exit 1, 2, 3, 5, 126 and 127: stop with the same code, because a person is ' +
    'needed.\n\n' +
    'Each end is an alert line to alert.command, else stderr. SIGTERM and SIGINT go to ' +
    'everything the command started.\n\n' +
    'A step under keep whose input ends inside a record exits 4, not 3: the program before ' +
    'it was killed. Its state and heartbeat are in $SLUICE_HOME/keep/NAME.json.\n\n' +
    'Whatever kills keep, what it started ends with it. A script that starts several says ' +
    '--parent $$, so that they end with the script too when that is killed.',
  flags: {
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
  },
  args: { name: 'COMMAND', doc: 'after --: the command and its arguments', min: 1, max: 10_000 },
  writesHome: true,
  examples: [
    "sluice keep --name paper -- bash -c 'set -o pipefail; discover --source sim | features " +
      "| gate | execute'",
  ],
  async run({ flags, args, home, signal, alertCommand, log }) {
    const { makeAlertHook } = await import('../lib/alerts/alert-hook.ts')
    const { keep } = await import('../lib/store/keep/keep.ts')
    const { name, minWait: minWaitMs, maxWait: maxWaitMs, healthy: healthyMs } = flags
    const { heartbeat: heartbeatMs, grace: graceMs } = flags
    const times = { minWaitMs, maxWaitMs, healthyMs, heartbeatMs, graceMs }
    const { parent } = flags
    const unwatch =
      parent === undefined
        ? undefined
        : await endWith(parent, () => log.warn(`process ${parent} (--parent) has ended: ending`))
    const hook = makeAlertHook(alertCommand, line => void process.stderr.write(`${line}\n`))
    try {
      await keep({ home, name, argv: args, ...times, signal, alert: hook.send })
    } finally {
      unwatch?.()
      await hook.flush()
    }
  },
})

/** Once that process has ended, all is as if this one had got a SIGTERM. */
async function endWith(parent: number, say: () => void): Promise<() => void> {
  const { watchParent } = await import('../lib/store/keep/parent.ts')
  return watchParent(parent, () => {
    say()
    process.kill(process.pid, 'SIGTERM')
  })
}
