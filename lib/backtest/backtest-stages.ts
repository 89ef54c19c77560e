import { UsageError } from '../base/errors.ts'
import { checkPipeline, type Pipeline, preparePipeline } from '../cli/fused.ts'
import { splitPipeline } from '../cli/pipeline.ts'
import type { Surroundings } from '../cli/prepare.ts'
import type { ExecuteFlags } from '../trade/execute/execute-flags.ts'

/** Names of price tables; every other file is a recording. */
const TABLE = /\.(csv|tsv|parquet)(\.(gz|zst))?$/i

/** Words of each stage; files to run over become the source in front. Throws UsageError. */
export function stagesOf(text: string, files: readonly string[]): string[][] {
  const stages = splitPipeline(text)
  if (files.length === 0) return stages
  const tables = files.filter(file => TABLE.test(file))
  if (tables.length > 0 && tables.length < files.length)
    throw new UsageError(`--on: expected price tables or recordings, got both: ${files.join(', ')}`)
  if (stages[0]?.[0] === 'discover')
    throw new UsageError('--on: the pipeline has its own source; name files once')
  const source = tables.length > 0 ? 'ohlcv' : 'replay'
  return [['discover', '--source', source, '--', ...files], ...stages]
}

/** Where the settings of a backtest come from. */
export type BacktestAround = Omit<Surroundings, 'commands' | 'isDeterministic' | 'isDeferring'>

/** Prepares any stages as a backtest does: repeatable, lines printed late. Throws UsageError. */
export async function prepareStages(
  stages: readonly (readonly string[])[],
  around: BacktestAround,
): Promise<Pipeline> {
  const { registry } = await import('../../cmd/registry.ts')
  const whole = {
    ...around,
    commands: Object.keys(registry),
    isDeterministic: true,
    isDeferring: true,
  }
  return checkPipeline(await preparePipeline(stages, registry, whole))
}

/**
 * Prepares the stages of a backtest: a fused run whose last step trades, on paper and without a
 * ledger.
 */
export async function prepareBacktest(
  stages: readonly (readonly string[])[],
  around: BacktestAround,
): Promise<Pipeline> {
  const pipeline = await prepareStages(stages, around)
  const last = pipeline.steps.at(-1)
  if (last?.command.name !== 'execute')
    throw new UsageError('a backtest ends in execute: … | gate | execute')
  const { live, ledger } = last.ctx.flags as unknown as ExecuteFlags
  if (live || ledger !== 'none')
    throw new UsageError('execute: a backtest trades on paper and keeps no ledger')
  return pipeline
}
