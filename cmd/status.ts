import { tool } from '../lib/cli/command.ts'
import type { Environment } from '../lib/cli/config.ts'
import { statusFlags } from '../lib/monitor/status/status-flags.ts'

export default tool({
  name: 'status',
  summary: 'Show pipelines, lag, disk, models, drift, positions and alerts on one screen',
  details:
    'A screen on a terminal, else a line of NDJSON per item with level ok, warn or error.\n\n' +
    'Reads the heartbeats of keep, the ends of the journals and row files, the ledgers ' +
    'and, for the accuracy of matured predictions and trials, the database as it was last ' +
    'synced. Rows of disk are what folders of the home take, and for how many days sync ' +
    'keeps journals.\n\n' +
    'Accuracy below the interval that the bundle was tested with is an error.',
  flags: statusFlags,
  examples: [
    'sluice status',
    'sluice status --accuracy',
    'sluice status | jq -c \'select(.level != "ok")\'',
  ],
  async run({ flags, home, env }, out) {
    const isScreen = process.stdout.isTTY === true && !flags.json
    if (flags.accuracy) {
      const { writeAccuracy } = await import('../lib/monitor/status/accuracy.ts')
      return writeAccuracy(home, isScreen, out)
    }
    const { runStatus } = await import('../lib/monitor/status/run-status.ts')
    const { wallClock } = await import('../lib/base/clock.ts')
    const retain = await retainedDays(env, home)
    await runStatus({ ...flags, home, now: wallClock.now(), retain, isScreen }, out)
  },
})

/** Days of a journal that sync keeps here: its setting, from wherever that comes. */
async function retainedDays(env: Environment, home: string): Promise<number> {
  const { readConfig, resolve } = await import('../lib/cli/config.ts')
  const { registry } = await import('./registry.ts')
  const { default: sync } = await import('./sync.ts')
  const config = readConfig(home, Object.keys(registry))
  const given = { flags: new Map<string, string>(), args: [] }
  const { values } = resolve(sync, sync.flags, { given, env, config, home })
  return values.retain as number
}
