import { tidy } from '../market/ratio.ts'
import { blockFor, type Luck, luckOf, type Spread } from '../maths/resample.ts'
import { encode } from '../stream/encode.ts'
import { curveOf, curveText } from './curve.ts'
import type { Judging } from './judging-flags.ts'
import { type Performance, performanceOf, type Ratio } from './performance.ts'
import { percent, reportLines, reportText, row } from './report-text.ts'
import type { Report } from './trade-report.ts'

/** Evenness of the profit, and what luck could have made of the same trades. */
interface Outcome extends Performance {
  /** Trades in blocks, as runs of luck come; and each drawn for itself. Absent without a trade. */
  blocks?: Luck
  single?: Luck
}

/** Judges a report: ratios with intervals, and both resamplings of its trades. */
export function outcomeOf(
  report: Report,
  { resample: runs, seed, ruin, period: periodMs }: Judging,
): Outcome {
  const { from, to } = report.span()
  const changes = report.changes()
  const made: Outcome =
    to >= from
      ? performanceOf(
          { changes, held: report.held(), marks: report.marks() },
          { from, to, periodMs, seed },
        )
      : none(periodMs)
  const gains = Float64Array.from(changes, change => change.gain)
  const blocks = luckOf(gains, {
    runs,
    block: blockFor(gains.length),
    seed: `${seed}/blocks`,
    ruin,
  })
  const single = luckOf(gains, { runs, block: 1, seed: `${seed}/single`, ruin })
  if (blocks !== undefined) made.blocks = blocks
  if (single !== undefined) made.single = single
  return made
}

const none = (periodMs: number): Outcome => ({
  periods: 0,
  periodMs,
  equity: 'realised',
})

const tidied = ({ low, middle, high }: Spread) => ({
  low: tidy(low),
  middle: tidy(middle),
  high: tidy(high),
})

/** The report for programs: its lines, then `performance` and one `resampling` line per way. */
export function outcomeLines(report: Report, judging: Judging): string {
  const { blocks, single, ...performance } = outcomeOf(report, judging)
  const lines: object[] = curveOf(report).map(({ ts, equity, fall }) => ({
    of: 'equity',
    ts,
    equity: tidy(equity),
    fall: tidy(fall),
  }))
  lines.push({ of: 'performance', ...performance, counted: conventions(performance).join(' ') })
  for (const [name, luck] of Object.entries({ blocks, single }))
    if (luck !== undefined)
      lines.push({
        of: 'resampling',
        name,
        ...luck,
        final: tidied(luck.final),
        drawdown: tidied(luck.drawdown),
      })
  return reportLines(report.value()) + lines.map(line => `${encode(line)}\n`).join('')
}

/** How the figures of a report are counted, in lines of at most 78 columns. */
export function conventions({
  periodMs,
  equity,
}: Pick<Performance, 'periodMs' | 'equity'>): string[] {
  const days = periodMs / 86_400_000
  return [
    `Sharpe: mean over deviation (n − 1) of returns per ${days === 1 ? 'day' : `${days} days`},`,
    'UTC, nothing for a period without a change, no rate of interest taken off;',
    `× √(365 / ${days}) for a year. Sortino: the same over the root mean square loss,`,
    'target 0. Both of ' +
      (equity === 'marked'
        ? 'the account marked to market at the end of each period.'
        : 'closed trades alone: the lines hold no marks of the account.'),
    'Largest drawdown: of realised equity from its peak; marked: between marks.',
    'Profit factor and win rate: closed positions only, after all costs.',
  ]
}

/** The report for people. */
export function outcomeText(report: Report, judging: Judging): string {
  const { sharpe, sortino, exposure, periods, blocks, single, ...made } = outcomeOf(report, judging)
  const curve = curveText(curveOf(report), 60)
  const lines = [
    ...(curve === '' ? [] : ['Realised equity', `  ${curve}`]),
    'Evenness',
    ...(sharpe
      ? [row('Sharpe ratio, a year', ratioText(sharpe))]
      : [row('Sharpe ratio', `unknown: ${periods} periods`)]),
    ...(sortino ? [row('Sortino ratio, a year', ratioText(sortino))] : []),
    ...(made.realised?.sharpe
      ? [row('Sharpe of closed trades alone', ratioText(made.realised.sharpe))]
      : []),
    ...(exposure === undefined ? [] : [row('time with a position', percent(exposure))]),
    ...luckText('Trades resampled in blocks', blocks),
    ...luckText('Trades drawn one by one', single),
  ]
  const told = [...lines, 'How it is counted', ...conventions(made).map(text => `  ${text}`)]
  return `${reportText(report.value(), report.unit())}${told.join('\n')}\n`
}

/** A ratio with its interval, for people. */
export const ratioText = ({ value, low, high }: Ratio): string =>
  `${value.toFixed(2)}, 95 %: ${low.toFixed(2)} to ${high.toFixed(2)}`
/** A spread of shares, for people. */
export const spreadText = ({ low, middle, high }: Spread, digits = 1): string =>
  `${percent(middle, digits)}, 95 %: ${percent(low, digits)} to ${percent(high, digits)}`

function luckText(title: string, luck: Luck | undefined): string[] {
  if (luck === undefined) return []
  return [
    `${title} (${luck.runs} runs, blocks of ${luck.block})`,
    row('final equity, of the start', spreadText(luck.final)),
    row('largest drawdown', spreadText(luck.drawdown)),
    row('accounts lost', percent(luck.ruin)),
  ]
}
