import { bool, duration } from '../lib/base/flags.ts'
import { tool } from '../lib/cli/command.ts'
import { models } from '../lib/model/models-flag.ts'

export default tool({
  name: 'status',
  summary: 'Show pipelines, lag, models, drift, positions and alerts on one screen',
  details:
    'A screen on a terminal, else a line of NDJSON per item with level ok, warn or error. ' +
    'Reads the heartbeats of keep, ' +
    'the ends of the journals and row files, the ledgers and, for the accuracy of matured ' +
    'predictions and trials, the ' +
    'database as it was last synced. Accuracy below the interval that the bundle was tested ' +
    'with is an error.',
  flags: {
    models,
    maxLag: duration('event time that the freshest journal may be behind', { default: '15m' }),
    json: bool('NDJSON on a terminal too'),
    check: bool('exit 1 when something is wrong'),
  },
  examples: ['sluice status', 'sluice status | jq -c \'select(.level != "ok")\''],
  async run({ flags, home }, out) {
    const { runStatus } = await import('../lib/monitor/status/run-status.ts')
    const { wallClock } = await import('../lib/base/clock.ts')
    const { models, maxLag: maxLagMs, json, check } = flags
    const isScreen = process.stdout.isTTY === true && !json
    await runStatus({ home, models, now: wallClock.now(), maxLagMs, isScreen, check }, out)
  },
})
