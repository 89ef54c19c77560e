import { ratioText, spreadText } from '../report/judging.ts'
import type { Judging } from '../report/judging-flags.ts'
import { performanceOf } from '../report/performance.ts'
import { inUnits, percent, row } from '../report/report-text.ts'
import { encode } from '../stream/encode.ts'
import { type AgainstRandom, type Difference, type Estimate, LEAST_DIFFERING } from './compared.ts'
import type { FoldResult } from './folded.ts'
import { figuresOf } from './scores.ts'

/** Two runs over one recording, how they differ, and what chance would have done. */
export interface Comparison {
  runs: readonly { name: string; stages: readonly string[][]; result: FoldResult }[]
  difference: Difference
  /** Or why nothing was drawn. */
  random: AgainstRandom | { entries: number; candidates: number; why: string }
}

/** Without the source: both read the same. */
const wordsOf = (stages: readonly string[][]): string =>
  stages
    .slice(1)
    .map(words => words.join(' '))
    .join(' | ')

/** What cash is counted in: of the run that traded, where only one did. */
const unitOf = ({ runs }: Comparison): string =>
  runs.find(({ result }) => result.value.sides.length > 0)?.result.unit ?? 'SOL'

/** The comparison for programs: a line per run, then `difference` and `random`. */
export function comparisonLines(made: Comparison, judging: Judging): string {
  const { runs, difference, random } = made
  const { pnlLamports, ...figures } = difference
  const lines: object[] = [
    ...runs.map(({ name, stages, result }) => ({
      of: 'run',
      name,
      stages: wordsOf(stages),
      ...figuresOf(result, judging),
    })),
    { of: 'difference', pnlLamports: String(pnlLamports), unit: unitOf(made), ...figures },
    { of: 'random', ...random },
  ]
  return lines.map(line => `${encode(line)}\n`).join('')
}

/** The comparison for people. */
export function comparisonText(made: Comparison, judging: Judging): string {
  const { runs, difference, random } = made
  const unit = unitOf(made)
  return [
    ...runs.flatMap(({ name, stages, result }) => [
      `${name === 'pipeline' ? 'Pipeline' : 'Baseline'}: ${wordsOf(stages)}`,
      ...runText(result, unit, judging),
    ]),
    ...differenceText(difference, unit),
    ...randomText(random),
    '',
  ].join('\n')
}

function runText({ value, span, ...course }: FoldResult, unit: string, judging: Judging): string[] {
  const { trades, wins, winRate, pnlLamports, unrealizedLamports, drawdown, open } = value
  const isSeen = span.to >= span.from
  const made = isSeen
    ? performanceOf(course, { ...span, periodMs: judging.period, seed: judging.seed })
    : undefined
  return [
    row('closed', `${trades} (${wins} with a profit after costs), ${open} open`),
    ...(winRate === undefined
      ? []
      : [row('win rate', spreadText({ ...winRate, middle: winRate.value }))]),
    row('profit after costs', `${inUnits(pnlLamports)} ${unit}`),
    ...(open > 0 ? [row('of what is open', `${inUnits(unrealizedLamports)} ${unit}`)] : []),
    row('largest drawdown, realised', percent(drawdown)),
    ...(made?.sharpe ? [row('Sharpe ratio, a year', ratioText(made.sharpe))] : []),
  ]
}

const VERDICTS: Record<Difference['verdict'], string> = {
  better: 'the pipeline is better: the interval of the mean is above 0',
  worse: 'the baseline is better: the interval of the mean is below 0',
  'not-proven': 'not proven: the interval of the mean holds 0',
  same: 'both returned the same in every period',
  unknown: `too few to tell: ${LEAST_DIFFERING} periods in which they differ are needed`,
}

function differenceText(made: Difference, unit: string): string[] {
  const { periods, differing, periodMs, equity, pnlLamports, final, mean, sharpe } = made
  const inPercent = (value: number): string => percent(value, 2)
  return [
    `Pipeline less baseline, by ${periods} periods of ${lengthText(periodMs)} ` +
      `(${differing} differ), equity ${equity}`,
    row('profit after costs', `${inUnits(pnlLamports)} ${unit}`),
    ...(final ? [row('final equity, of the start', estimateText(final, inPercent))] : []),
    ...(mean
      ? [
          row(
            'mean return of a period',
            estimateText(mean, v => percent(v, 4)),
          ),
        ]
      : []),
    ...(sharpe
      ? [
          row(
            'Sharpe ratio, a year',
            estimateText(sharpe, v => v.toFixed(2)),
          ),
        ]
      : []),
    `  ${VERDICTS[made.verdict]}`,
  ]
}

const lengthText = (ms: number): string =>
  ms % 86_400_000 === 0
    ? `${ms / 86_400_000} d`
    : ms % 3_600_000 === 0
      ? `${ms / 3_600_000} h`
      : `${ms / 60_000} min`

const estimateText = ({ value, low, high }: Estimate, told: (value: number) => string): string =>
  low === undefined || high === undefined
    ? told(value)
    : `${told(value)}, 95 % paired: ${told(low)} to ${told(high)}`

function randomText(random: Comparison['random']): string[] {
  const title = `Random entries: ${random.entries} of ${random.candidates} lines`
  if ('why' in random) return [`${title}; not drawn: ${random.why}`]
  const { draws, own, final, ownPerEntry, perEntry, beaten, p, short, fewest } = random
  return [
    `${title}, ${draws} draws`,
    row('final equity, of the start', spreadText(final, 2)),
    row('the pipeline’s', percent(own, 2)),
    row('gain of an entry', spreadText(perEntry, 4)),
    row(
      'the pipeline’s',
      `${percent(ownPerEntry, 4)}, above ${percent(beaten)} of them (p ${p.toFixed(3)})`,
    ),
    ...(short > 0 ? [row('draws with fewer entries', `${short}, the fewest ${fewest}`)] : []),
  ]
}
