import { UsageError } from '../lib/base/errors.ts'
import { step } from '../lib/cli/command.ts'
import { predictFlags } from '../lib/model/serve/predict-flags.ts'

const READS = ['features', 'prediction', 'shadow'] as const

export default step({
  name: 'predict',
  summary: 'Score lines with trained models',
  details:
    'Adds prediction.<model> to every line that carries the feature set of a model. ' +
    'Without --model: every model with a production version, and their versions on trial ' +
    'into the part shadow.\n\n' +
    'A line whose features are not ready, or made by another version of the set, gets ' +
    'error and reason instead of a number.\n\n' +
    'Models are looked for in $SLUICE_HOME/models, then among the shipped ones, which are ' +
    'examples: NAME@example asks for one of them, and none is in production. A promoted ' +
    'version is taken between two lines while running, after it was checked; one that ' +
    'fails the check is not, and an alert says so.\n\n' +
    'With --listen PORT callers that are no pipe POST one record to http://127.0.0.1:PORT/ and ' +
    'get it back as it would have been passed on; what comes on stdin goes to stdout as ever. ' +
    'It goes on until SIGTERM.\n\n' +
    'With --table FILE the rows of a table are scored in place of lines, by columns of the ' +
    'names of the features: {"row":N} with ts and mint where it has these columns, and the ' +
    'prediction.\n\n' +
    'With --explain prediction.<model>.moved names the five inputs that moved its first head ' +
    'most: by how much it is higher than with that one input at the centre of the training rows. ' +
    'One input at a time: what two do together is in neither. Models that do not know that ' +
    'centre get none.\n\n' +
    'While $SLUICE_HOME/ML_OFF exists nothing is scored. Alerts go to alert.command of the ' +
    'configuration, or to stderr.',
  reads: READS,
  writes: ['prediction', 'shadow'],
  flags: predictFlags,
  examples: [
    'predict --model sequence@example < features.ndjson',
    'predict --model moon@2026-11-19.2,rug < features.ndjson',
    'predict --table rows.parquet --model own@1',
    'predict --listen 8123 < /dev/null',
    'predict --workers 2 --timeout 500ms --metrics 9464 < features.ndjson',
  ],
  contract: { args: ['--model', 'sequence@example'], silent: true },
  exempt: { time: 'what it says of a line hangs on that line alone' },
  async make(ctx) {
    const { openPredictor } = await import('../lib/model/serve/open-predict.ts')
    const { listen: port, table } = ctx.flags
    if ((port ?? table) !== undefined && ctx.interrupted === undefined)
      throw new UsageError(
        '--listen and --table: only as a process of its own, not inside run or backtest',
      )
    const { home, count, alertCommand, deterministic: isDeterministic } = ctx
    const note = ctx.note ?? (() => undefined)
    const { tell: stderr } = await import('../lib/cli/log.ts')
    if (table !== undefined && (ctx.flags.model?.length !== 1 || port !== undefined))
      throw new UsageError('--table: give the one --model that scores its rows, and no --listen')
    const opened = await openPredictor({
      ...ctx.flags,
      shadow: ctx.flags.shadow && table === undefined,
      home,
      count,
      note,
      alertCommand,
      isDeterministic,
      warn: ctx.log.warn,
      stderr,
    })
    try {
      if (table !== undefined) {
        const { tableStep } = await import('../lib/model/serve/table-rows.ts')
        const { manifestOf } = await import('../lib/model/serve/choose.ts')
        const bundle = manifestOf(ctx.flags.model![0]!, ctx.flags.models, home)
        const { writtenOf } = await import('../lib/table/time-flags.ts')
        const written = writtenOf(ctx.flags)
        return await tableStep(opened, { file: table, bundle, written, warn: ctx.log.warn })
      }
      if (port === undefined) return opened
      const { listening } = await import('../lib/model/serve/listen.ts')
      const { interrupted } = ctx
      const tell = (text: string): void => stderr(`predict: ${text}`)
      return await listening(opened, { port, reads: READS, interrupted, count, tell })
    } catch (error) {
      // Models that stay open would keep the process.
      await opened.close?.()
      throw error
    }
  },
})
