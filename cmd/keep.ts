import { tool } from '../lib/cli/command.ts'
import { keepFlags } from '../lib/store/keep/keep-flags.ts'

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
  flags: keepFlags,
  args: { name: 'COMMAND', doc: 'after --: the command and its arguments', min: 1, max: 10_000 },
  writesHome: true,
  examples: [
    "sluice keep --name paper -- bash -c 'set -o pipefail; discover --source sim | features " +
      "| gate | execute'",
  ],
  async run({ flags, args, home, signal, alertCommand, log }) {
    const { makeAlertHook } = await import('../lib/alerts/alert-hook.ts')
    const { tell } = await import('../lib/cli/log.ts')
    const { keep } = await import('../lib/store/keep/keep.ts')
    const { parent, ...rest } = flags
    const unwatch =
      parent === undefined
        ? undefined
        : await endWith(parent, () => log.warn(`process ${parent} (--parent) has ended: ending`))
    const hook = makeAlertHook(alertCommand, tell)
    try {
      await keep({ ...rest, home, argv: args, signal, alert: hook.send })
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
