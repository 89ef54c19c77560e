import { UsageError } from '../lib/base/errors.ts'
import { tool } from '../lib/cli/command.ts'
import { bundleFolder, isVersionName } from '../lib/model/registry.ts'
import { NETWORK_THREADS, PATIENCE, trainFlags } from '../lib/train/train-flags.ts'

export default tool({
  name: 'train',
  summary: 'Train a model on a table and write it as a bundle',
  details:
    'FILE is Parquet, CSV or NDJSON with one row per example, or the folder of ' +
    'train-export, whose split is then kept. Rows of a file are split by time into ' +
    'training, early stopping, calibration and test; rows whose label reaches into a later ' +
    'part are purged (--horizon), --embargo keeps a gap, --disjoint keeps every group on ' +
    'one side.\n\n' +
    'Prints one metric a line; the bundle goes to --out NAME@VERSION ($SLUICE_HOME/models) ' +
    'with its card. Same file and seed, same bytes.\n\n' +
    'A network learns from the tensors of a train-export --tensors folder, all heads of ' +
    'its kind that have labels at once: a rug is judged at the longest horizon of the ' +
    'export, what is not known of a row teaches nothing. It prints a line per epoch and ' +
    'leaves a checkpoint after each of them and when it is interrupted.\n\n' +
    '--kind volatility fits GARCH(1,1) by maximum likelihood to the closes of --label ' +
    '(default close) per --group, or to returns (--returns), and prints parameters with ' +
    'standard errors (robust ones beside them, which hold for returns with fat tails too), a ' +
    'forecast of 12 steps, value at risk and expected shortfall; series under 100 returns ' +
    'get an EWMA that says so. --test 0 fits all rows.',
  flags: trainFlags,
  args: {
    name: 'FILE',
    doc: 'table of examples: .parquet, .csv, .ndjson, also .gz',
    min: 1,
    max: 1,
  },
  writesHome: ({ flags: { out } }) => out !== undefined && isVersionName(out),
  examples: [
    'sluice train closes.csv --kind volatility --label close --time time --out ' +
      'volatility@2026-11-21.1',
    'sluice train dem2gbp.csv --kind volatility --returns --test 0',
    'sluice train export --algo network --net small --epochs 8 --horizon 1h --out ' +
      'sequence@2026-11-21.1',
    'sluice train pools.parquet --label willMoon --time ts --group mint --kind moon ' +
      '--horizon 10m --out moon@2026-11-21.1',
  ],
  async run(ctx, out) {
    const { home, log, signal } = ctx
    const file = ctx.args[0]!
    const bundle = ctx.flags.out === undefined ? undefined : bundleFolder(ctx.flags.out, home)
    const flags = { ...ctx.flags, out: bundle }
    if (bundle !== undefined) (await import('../lib/model/files.ts')).mustBeNew(bundle)
    const algo = flags.algo ?? ((await meansNetwork(file, flags)) ? 'network' : 'gbdt')
    if (algo === 'network') {
      if (!ASKED_OF_NETWORKS.includes(flags.kind))
        throw new UsageError(`--kind ${flags.kind} has no network`)
      refuseFolds('a network', flags.folds)
      const { runTrainNetwork } = await import('../lib/train/networks/run-train-network.ts')
      const net = flags.net ?? (flags.kind === 'price' ? 'price' : 'sequence')
      await runTrainNetwork(
        file,
        {
          ...flags,
          net,
          patience: flags.patience ?? PATIENCE.epochs,
          threads: flags.threads ?? NETWORK_THREADS,
        },
        { out, log, signal },
      )
      return
    }
    if (flags.kind === 'volatility') {
      refuseFolds('a volatility model', flags.folds)
      const { runTrainVolatility } = await import('../lib/train/volatility/run-train-volatility.ts')
      await runTrainVolatility(file, flags, out, log)
      return
    }
    const { runTrain } = await import('../lib/train/tabular/run-train.ts')
    await runTrain(file, { ...flags, algo, kind: flags.kind }, { out, log, signal })
  },
})

const ASKED_OF_NETWORKS: readonly string[] = ['sequence', 'price']

/** A spread that nobody measured must not look as if it were nought. */
function refuseFolds(what: string, folds: number | object): void {
  if (folds !== 0)
    throw new UsageError(`--folds measures trees, forests and logistic models, not ${what}`)
}

interface Asked {
  net: string | undefined
  kind: string
  label: string
}

/**
 * An export asked for a kind that has a network, without a column to predict, means all heads of
 * that network.
 */
async function meansNetwork(file: string, { net, kind, label }: Asked): Promise<boolean> {
  if (net !== undefined) return true
  const { isExport } = await import('../lib/train/data/read-export.ts')
  return label === 'label' && ASKED_OF_NETWORKS.includes(kind) && isExport(file)
}
