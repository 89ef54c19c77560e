import type { Log, Output } from '../../base/console.ts'
import { DataError, UsageError } from '../../base/errors.ts'
import { groupNumbers } from '../../maths/confidence-interval.ts'
import type { Bundle } from '../../model/bundle.ts'
import { readBundle } from '../../model/files.ts'
import { findVersion, listModels, modelRoots, versionDir } from '../../model/registry.ts'
import { seenShare } from '../../model/seen-rows.ts'
import { encode } from '../../stream/encode.ts'
import { readTable } from '../../table/read-table.ts'
import { takeBy } from '../../table/table.ts'
import { binaryLabels, classLabels, numberLabels } from '../data/class-labels.ts'
import { holdsFeatureLines, type Scored, scoreLines } from '../data/score-lines.ts'
import { scoreTable, tableFile } from '../data/score-table.ts'
import type { Objective } from '../trees/tree-loss.ts'
import { compareHeads } from './compare-heads.ts'
import type { EvaluateFlags } from './evaluate-flags.ts'
import { reportRanks } from './evaluation.ts'
import { type MetricRow, metricText } from './metric-text.ts'
import { reliability } from './reliability.ts'
import { reportHead } from './report-head.ts'

interface EvaluateRun {
  home: string
  isTerminal: boolean
  out: Output
  log: Log
}

/**
 * Prints metrics, the reliability table and, with two, the comparison: for people, or one metric a
 * line.
 */
export async function runEvaluate(
  file: string,
  flags: EvaluateFlags,
  run: EvaluateRun,
): Promise<void> {
  const given = (['prob', 'score', 'value', 'model'] as const).filter(
    name => flags[name] !== undefined,
  )
  if (given.length !== 1) throw new UsageError('give one of --prob, --score, --value and --model')
  const rows =
    given[0] === 'model' ? await modelRows(file, flags, run) : await columnRows(file, flags, run)
  const isText = flags.format === 'text' || (flags.format === 'auto' && run.isTerminal)
  await run.out.write(isText ? metricText(rows) : rows.map(row => `${encode(row)}\n`).join(''))
}

/** What is said about labelled rows: a name, and its columns of numbers. */
interface Said {
  of: string
  columns: Float64Array[]
}

async function columnRows(
  file: string,
  flags: EvaluateFlags,
  { log }: EvaluateRun,
): Promise<MetricRow[]> {
  const names = [flags.prob ?? flags.score ?? flags.value, flags.against].filter(
    name => name !== undefined,
  )
  const { table, words, groups, remarks } = await readTable(
    tableFile(file),
    { ...flags, features: names },
    { decimal: flags.decimal },
  )
  for (const remark of remarks) log.warn(remark)
  if (words.length === 0) throw new DataError('no row has a label', { field: flags.label })
  const objective = flags.value === undefined ? 'binary' : 'regression'
  const label = labelsOf(words, objective, flags, [])
  const said = table.columns.map((column, k) => ({
    of: names[k]!,
    columns: [Float64Array.from(column)],
  }))
  for (const { of, columns } of said) checkNumbers(of, columns[0]!, flags.prob !== undefined)
  const options = {
    threshold: flags.threshold,
    groups: groups === undefined ? undefined : groupNumbers(groups),
  }
  if (flags.score === undefined) return judge(objective, label, said, [], options)
  return said.flatMap(({ of, columns }) =>
    reportRanks(label, columns[0]!, options).map(metric => ({ of, ...metric })),
  )
}

async function modelRows(
  file: string,
  flags: EvaluateFlags,
  { home, log }: EvaluateRun,
): Promise<MetricRow[]> {
  const models = listModels(modelRoots(flags.models, home))
  const names = [flags.model!, ...(flags.against === undefined ? [] : [flags.against])]
  const loaded = names.map(name => {
    const { entry, version } = findVersion(models, name)
    return readBundle(versionDir(entry, version))
  })
  const heads = loaded.map(({ bundle }) => headOf(bundle, flags.head))
  const [head] = heads as [Picked]
  if (
    heads.some(
      other => other.objective !== head.objective || other.labels.join() !== head.labels.join(),
    )
  )
    throw new UsageError(
      `${names.join(' and ')} say different things; compare heads of one kind with --head`,
    )
  const isLines = await holdsFeatureLines(file)
  const scored: Scored[] = []
  for (const [k, each] of loaded.entries())
    scored.push(
      await (isLines ? scoreLines : scoreTable)(
        isLines ? file : tableFile(file),
        each,
        heads[k]!,
        flags,
      ),
    )
  const seen = loaded.flatMap(({ bundle }, k) => seenRows(names[k]!, bundle, scored[k]!, log))
  const kept = keptRows(scored, names, log)
  const { words, groups } = scored[0]!
  const label = labelsOf(takeBy(words, kept), head.objective, flags, head.labels)
  const said = scored.map(({ values }, k) => ({
    of: names[k]!,
    columns: columnsOf(values, heads[k]!, kept),
  }))
  for (const { of, columns } of said)
    for (const column of columns) checkNumbers(of, column, head.objective !== 'regression')
  const options = {
    threshold: flags.threshold,
    groups: groups === undefined ? undefined : groupNumbers(takeBy(groups, kept)),
  }
  return [...seen, ...judge(head.objective, label, said, head.labels, options)]
}

/** Says first of all when rows are judged that the model was trained on. */
function seenRows(of: string, { data }: Bundle, { hashes }: Scored, log: Log): MetricRow[] {
  const found = data.seen === undefined ? undefined : seenShare(data.seen, hashes)
  if (found === undefined || found.share === 0) return []
  log.warn(
    `${of} was trained on ${(100 * found.share).toFixed(0)} % of these rows: what follows says ` +
      'how well it remembers them, not how well it foresees',
  )
  return [{ of, name: 'trainedOn', value: found.share, rows: found.sampled }]
}

/** Rows that every model could score; the others are counted with their commonest reason. */
function keptRows(scored: readonly Scored[], names: readonly string[], log: Log): number[] {
  const rows = scored[0]?.words.length ?? 0
  scored.forEach(({ unscored }, k) => {
    if (unscored.size > 0)
      log.warn(
        `${names[k]}: ${unscored.size} of ${rows} rows not scored: ${[...unscored.values()][0]}`,
      )
  })
  const kept = Array.from({ length: rows }, (_, i) => i).filter(i =>
    scored.every(({ unscored }) => !unscored.has(i)),
  )
  if (kept.length === 0)
    throw new DataError(
      `none of ${rows} labelled rows can be scored: ` +
        `${[...(scored[0]?.unscored.values() ?? ['no rows'])][0] ?? 'no rows'}`,
    )
  return kept
}

interface Picked {
  output: string
  /** Numbers per row of the output, and the one of them that is meant. */
  width: number
  column: number | undefined
  objective: Objective
  /** Classes of a multiclass head. */
  labels: readonly string[]
}

const NUMBERS = ['maxProfit', 'change', 'sigma', 'var95', 'es95']

/** A head as --head names it: its name, or NAME.LABEL for one of its columns. */
function headOf({ name, kind, heads }: Bundle, wanted: string | undefined): Picked {
  const [first, second] = wanted?.split('.') ?? [heads[0]?.name]
  const head = heads.find(each => each.name === first)
  const known = heads.flatMap(each =>
    each.labels === undefined
      ? [each.name]
      : [each.name, ...each.labels.map(label => `${each.name}.${label}`)],
  )
  const column = second === undefined ? undefined : head?.labels?.indexOf(second)
  if (head === undefined || column === -1 || (second !== undefined && column === undefined))
    throw new UsageError(`--head ${wanted}: ${name} has ${known.join(', ')}`)
  const isNumber = NUMBERS.includes(head.name)
  if (isNumber && head.labels !== undefined && column === undefined)
    throw new UsageError(
      `${name} forecasts several numbers; choose one with --head: ${known.slice(1).join(', ')}`,
    )
  const isClasses = head.labels !== undefined && column === undefined
  return {
    output: head.output,
    width: head.labels?.length ?? 1,
    column,
    objective:
      isNumber || kind === 'volatility' ? 'regression' : isClasses ? 'multiclass' : 'binary',
    labels: isClasses ? head.labels! : [],
  }
}

function columnsOf(
  values: Float64Array,
  { width, column }: Picked,
  kept: readonly number[],
): Float64Array[] {
  const of = (c: number): Float64Array => Float64Array.from(kept, row => values[row * width + c]!)
  return column === undefined ? Array.from({ length: width }, (_, c) => of(c)) : [of(column)]
}

function labelsOf(
  words: readonly string[],
  objective: Objective,
  flags: EvaluateFlags,
  labels: readonly string[],
): Float64Array {
  if (objective === 'multiclass') return classLabels(words, labels, flags.label)
  return objective === 'regression'
    ? numberLabels(words, flags.label)
    : binaryLabels(words, flags.positive, flags.label)
}

function checkNumbers(of: string, column: Float64Array, isProbability: boolean): void {
  // Float32 outputs may leave the range by one last digit.
  const bad = column.findIndex(
    p => !Number.isFinite(p) || (isProbability && (p < -1e-6 || p > 1 + 1e-6)),
  )
  if (bad >= 0)
    throw new DataError(
      `row ${bad + 1} is ${column[bad]}, expected a ` +
        `${isProbability ? 'probability from 0 to 1' : 'number'}`,
      { field: of },
    )
}

function judge(
  objective: Objective,
  label: Float64Array,
  said: readonly Said[],
  labels: readonly string[],
  options: { threshold: number; groups: Int32Array | undefined },
): MetricRow[] {
  const rows: MetricRow[] = said.flatMap(({ of, columns }) => [
    ...reportHead(objective, label, columns, { ...options, labels }).map(metric => ({
      of,
      ...metric,
    })),
    ...(objective === 'binary' ? reliability(label, columns[0]!) : []).map(
      ({ interval: [low, high], ...bin }) => ({
        of,
        name: 'reliability',
        ...bin,
        low,
        high,
      }),
    ),
  ])
  const [first, second] = said
  if (first === undefined || second === undefined) return rows
  const found = compareHeads(objective, label, first.columns, second.columns, options)
  return [...rows, { of: first.of, against: second.of, name: 'comparison', ...found }]
}
