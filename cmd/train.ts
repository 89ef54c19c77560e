import { UsageError } from '../lib/base/errors.ts'
import { bool, choice, duration, file, int, list, num, text } from '../lib/base/flags.ts'
import { tool } from '../lib/cli/command.ts'

export default tool({
  name: 'train',
  summary: 'Train a model on a table and write it as a bundle',
  details:
    'FILE is Parquet, CSV or NDJSON with one row per example, or the folder of train-export, ' +
    'whose split is then kept. Rows of a file are split by time into training, early ' +
    'stopping, calibration and test; rows whose label reaches into a later part are purged ' +
    '(--horizon), --embargo keeps a gap, --disjoint keeps every group on one side. Prints ' +
    'one metric a line; the bundle goes to --out models/NAME/VERSION with its card. Same ' +
    'file and seed, same bytes. A network learns from the tensors of a train-export ' +
    '--tensors folder, all heads of its kind that have labels at once: a rug is judged at ' +
    'the longest horizon of the export, what is not known of a row teaches nothing. It ' +
    'prints a line per epoch and leaves a checkpoint after each of them and when it is ' +
    'interrupted. --kind volatility fits GARCH(1,1) by maximum likelihood to the closes of ' +
    '--label (default close) per --group, or to returns (--returns), and prints parameters ' +
    'with standard errors, a forecast of 12 steps, value at risk and expected shortfall; ' +
    'series under 100 returns get an EWMA that says so. --test 0 fits all rows.',
  flags: {
    features: list('columns to learn from (default: every numeric column without another role)', {
      value: 'A,B',
    }),
    label: text('column to predict', { default: 'label', value: 'COLUMN' }),
    positive: text('word of the label column that counts as 1, the others as 0', { value: 'WORD' }),
    time: text('column with the time of the row, in s, ms or ISO (default: the order of rows)', {
      value: 'COLUMN',
    }),
    group: text('column with the token of the row: intervals draw whole tokens', {
      value: 'COLUMN',
    }),
    weight: text('column with the weight of the row', { value: 'COLUMN' }),
    kind: choice(
      'what the model is for',
      ['sequence', 'outcome', 'moon', 'rug', 'opportunity', 'price', 'volatility'] as const,
      { default: 'sequence' },
    ),
    head: text('output to train (default: the first one of the kind)', { value: 'HEAD' }),
    set: text('feature set that the columns belong to (default: the one of the kind)', {
      value: 'SET',
    }),
    prices: list('columns in units of price: taken relative to the column close', { value: 'A,B' }),
    algo: choice(
      'algorithm (default: network with --net, and for an export of kind sequence or price ' +
        'without --label; else gbdt)',
      ['gbdt', 'forest', 'logistic', 'network'] as const,
    ),
    net: choice(
      'network: BiLSTMs with attention (sequence), the same with fewer units (small), ' +
        'attention alone, or the LSTM of kind price (default: price for that kind, else ' +
        'sequence)',
      ['sequence', 'small', 'attention', 'price'] as const,
    ),
    epochs: int('network: passes over the rows at most', { default: 12, min: 1, max: 1000 }),
    batch: int('network: rows per step', { default: 64, min: 1, max: 4096 }),
    learningRate: num('network: highest learning rate', { default: 0.002, min: 1e-7, max: 1 }),
    balanced: bool(
      'network: weigh both classes equally in training; probabilities are corrected back',
    ),
    focal: num('network: γ of the focal loss; 0 is cross-entropy', { default: 0, min: 0, max: 5 }),
    dropout: num('network: share of units silenced in a step', { default: 0.2, min: 0, max: 0.9 }),
    bar: duration('network price: length of a candle', { default: '5m', min: '1s' }),
    checkpoint: file('network: file to go on from after an interruption (default: OUT.checkpoint)'),
    resume: bool(
      'network: go on from the checkpoint; the bundle is the same as without the interruption',
    ),
    returns: bool('volatility: --label holds returns, in any unit, instead of closes'),
    out: file('folder of the new bundle, models/NAME/VERSION; nothing is written without it', {
      value: 'DIR',
    }),
    rounds: int('boosting rounds at most', { default: 200, min: 1, max: 10000 }),
    leaves: int('leaves per boosted tree', { default: 31, min: 2, max: 1024 }),
    rate: num('learning rate of boosting', { default: 0.1, min: 0.0001, max: 1 }),
    minLeaf: int('rows that a leaf holds at least', { default: 20, min: 1, max: 1000000 }),
    l2: num('penalty on leaf values or weights (default: 0 for trees, 1 for logistic)', {
      min: 0,
      max: 1e9,
    }),
    trees: int('trees of a forest', { default: 100, min: 1, max: 2000 }),
    rowShare: num('share of rows per boosted tree', { default: 1, min: 0.01, max: 1 }),
    featureShare: num('share of features per boosted tree', { default: 1, min: 0.01, max: 1 }),
    monotone: list('gbdt: features that the prediction may only rise (+1) or fall (-1) with', {
      value: 'A:+1,B:-1',
    }),
    threads: int(
      'threads; trees are the same for any number, a network for one and two (default: one ' +
        'per core, 2 for a network)',
      { min: 1, max: 64 },
    ),
    patience: int(
      'rounds or epochs without gain on the stopping slice before training ends; 0 never ' +
        '(default: 20 rounds, 3 epochs)',
      { min: 0, max: 1000 },
    ),
    calibrate: bool('calibrate probabilities on a slice of their own', { default: true }),
    valid: num('share of rows for stopping and calibration', { default: 0.2, min: 0, max: 0.8 }),
    test: num('share of rows for the test', { default: 0.2, min: 0, max: 0.8 }),
    folds: int('walk-forward folds to measure as well; 0 none', { default: 0, min: 0, max: 50 }),
    horizon: duration(
      'how long after its row a label is known: such rows before a boundary are purged',
      {
        default: '0',
      },
    ),
    embargo: duration('gap kept after each boundary', { default: '0' }),
    disjoint: bool('no group on two sides of a boundary'),
    importance: bool(
      'also print what each feature adds: gain, and loss of AUC when it is shuffled',
    ),
    threshold: num('probability from which the model says yes', { default: 0.5, min: 0, max: 1 }),
    seed: int('seed of all chances', { default: 1, min: 0 }),
    peers: file(
      'JSON list of what other programs reach on the same test rows, for the card: [{name, ' +
        'metric, value}]',
    ),
    note: text('a sentence for the card: what the model must not be used for', { value: 'TEXT' }),
  },
  args: {
    name: 'FILE',
    doc: 'table of examples: .parquet, .csv, .ndjson, also .gz',
    min: 1,
    max: 1,
  },
  examples: [
    'sluice train closes.csv --kind volatility --label close --time time --out ' +
      'models/volatility/2026-11-21.1',
    'sluice train dem2gbp.csv --kind volatility --returns --test 0',
    'sluice train export --algo network --net small --epochs 8 --horizon 1h --out ' +
      'models/sequence/2026-11-21.1',
    'sluice train pools.parquet --label willMoon --time ts --group mint --kind moon ' +
      '--horizon 10m --out models/moon/2026-11-21.1',
  ],
  async run(ctx, out) {
    const { flags, log, signal } = ctx
    const file = ctx.args[0]!
    if (flags.out !== undefined) (await import('../lib/model/files.ts')).mustBeNew(flags.out)
    const algo = flags.algo ?? ((await meansNetwork(file, flags)) ? 'network' : 'gbdt')
    if (algo === 'network') {
      if (!ASKED_OF_NETWORKS.includes(flags.kind))
        throw new UsageError(`--kind ${flags.kind} has no network`)
      const { runTrainNetwork } = await import('../lib/train/networks/run-train-network.ts')
      const net = flags.net ?? (flags.kind === 'price' ? 'price' : 'sequence')
      await runTrainNetwork(
        file,
        { ...flags, net, patience: flags.patience ?? 3, threads: flags.threads ?? 2 },
        { out, log, signal },
      )
      return
    }
    if (flags.kind === 'volatility') {
      const { runTrainVolatility } = await import('../lib/train/volatility/run-train-volatility.ts')
      await runTrainVolatility(file, flags, out, log)
      return
    }
    const { runTrain } = await import('../lib/train/tabular/run-train.ts')
    await runTrain(file, { ...flags, algo, kind: flags.kind }, { out, log, signal })
  },
})

const ASKED_OF_NETWORKS: readonly string[] = ['sequence', 'price']

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
