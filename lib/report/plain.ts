import { scale } from '../market/ratio.ts'
import type { Position } from '../records/position.ts'
import { curveOf } from './curve.ts'
import { outcomeOf, spreadText } from './judging.ts'
import type { Judging } from './judging-flags.ts'
import { type Judged, netText } from './labelled-text.ts'
import { inUnits, percent } from './report-text.ts'
import { belowAsked } from './sides.ts'
import type { Report, TradeReport } from './trade-report.ts'

/** Where the lines came from, for what to look at next. */
interface PlainFiles {
  trades: readonly string[]
  labels: readonly string[]
  /** Page that was written beside it. */
  html?: string | undefined
}

/**
 * The report in plain words, at most 22 lines: what was traded, what it cost, why it came out as
 * it did, what choosing by models was worth, and where the details are. Each sentence is read off
 * the figures of the report; nothing is said where a figure is missing.
 */
export function plainText(
  report: Report,
  judging: Judging,
  judged: Judged | undefined,
  files: PlainFiles,
): string {
  const value = report.value()
  const closed = report.closed().map(({ position }) => position)
  const sections: [string, string[]][] = [
    ['What was traded', tradedLines(report, value)],
    ['What it cost', value.trades + value.open === 0 ? [] : costLines(report, value, closed)],
    [titleOf(value), value.trades === 0 ? nothing(value, judged) : reasons(report, value, judging)],
    ['What choosing by models was worth', judged === undefined ? [] : worthLines(judged)],
    ['Where to look next', nextLines(files)],
  ]
  const below = belowAsked(value.sides)
  const text = sections
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => `${title}\n${lines.map(line => `  ${line}\n`).join('')}`)
    .join('')
  return below === undefined ? text : `${below}\n${text}`
}

const titleOf = ({ trades, pnlLamports }: TradeReport): string =>
  trades === 0
    ? 'Why nothing was traded'
    : pnlLamports < 0n
      ? 'Why it lost'
      : 'Where the profit came from'

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((a, b) => a + b, 0n)
const plural = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`

function tradedLines(report: Report, { trades, wins, open, winRate }: TradeReport): string[] {
  const { from, to } = report.span()
  if (trades + open === 0) return ['Nothing.']
  const tokens = new Set(report.closed().map(({ mint }) => mint)).size
  const days = ((to - from) / 86_400_000).toFixed(1)
  const lines = [
    `${plural(trades, 'position')} in ${plural(tokens, 'token')} bought and sold within ${days} ` +
      `days, ${open} still open.`,
  ]
  if (winRate !== undefined)
    lines.push(
      `${wins} of ${trades} closed ones made a profit after all costs (${percent(winRate.value)}).`,
    )
  const curve = curveOf(report)
  const [last] = curve.slice(-1)
  if (last === undefined) return lines
  const [start, end] = [report.start(), scale(report.start(), last.equity)]
  const deepest = Math.max(...curve.map(({ fall }) => fall))
  lines.push(
    `${inUnits(start)} ${report.unit()} became ${inUnits(end)} by closed trades; the deepest ` +
      `fall of that from its peak was ${percent(deepest)}.`,
  )
  return lines
}

function costLines(report: Report, { costs }: TradeReport, closed: readonly Position[]): string[] {
  const unit = report.unit()
  const all = sum(Object.values(costs))
  const put = sum(closed.map(({ costLamports }) => BigInt(costLamports ?? '0')))
  const share = put > 0n ? `, ${percent(Number(all) / Number(put))} of what was put in` : ''
  const { pool, impact, slippage, gap, failed, network, priority, tip } = costs
  const moved = impact + slippage
  const kinds = [
    `pools ${inUnits(pool)}`,
    ...(moved > 0n ? [`impact and slippage ${inUnits(moved)}`] : []),
    `network and tips ${inUnits(network + priority + tip)}`,
    `fills worse than quoted ${inUnits(gap)}${gap < 0n ? ' (better)' : ''}`,
    `failed tries ${inUnits(failed)}`,
  ]
  return [`${inUnits(all)} ${unit} in all${share}:`, `${kinds.join(', ')}.`]
}

/** Trades from which on a resampling says more than that there are few. */
const ENOUGH = 20

/**
 * Why it came out as it did: costs, exits, wrong entries, luck; the figures decide what is said.
 */
function reasons(report: Report, value: TradeReport, judging: Judging): string[] {
  const unit = report.unit()
  const costs = sum(Object.values(value.costs))
  const before = value.pnlLamports + costs
  const isLoss = value.pnlLamports < 0n
  const lines = [
    `After costs ${inUnits(value.pnlLamports)} ${unit}, before them about ${inUnits(before)}: ` +
      costVerdict(isLoss, before, costs),
    ...exitLines(value, unit),
    ...entryLines(report, value, unit),
  ]
  const { blocks } = outcomeOf(report, judging)
  if (blocks === undefined || value.trades < ENOUGH)
    return [
      ...lines,
      `${value.trades === 1 ? '1 trade is' : `${value.trades} trades are`} too few to tell ` +
        `skill from luck.`,
    ]
  const { low, high } = blocks.final
  const isClear = low > 1 || high < 1
  lines.push(
    `Drawn again in blocks of ${blocks.block}, the same trades end at ` +
      `${spreadText(blocks.final)} of the start: ` +
      `${isClear ? 'more than luck.' : 'perhaps luck alone.'}`,
  )
  return lines
}

function costVerdict(isLoss: boolean, before: bigint, costs: bigint): string {
  if (!isLoss) return costs > 0n ? 'it outweighed the costs.' : 'costs took nothing.'
  if (before > 0n) return 'the costs turned a profit into a loss.'
  return costs > 0n ? 'it lost without costs too.' : 'costs are not the reason.'
}

/** The exits that lost and made most. */
function exitLines({ exits }: TradeReport, unit: string): string[] {
  const sorted = [...exits].sort(([, a], [, b]) => (a.pnlLamports < b.pnlLamports ? -1 : 1))
  const [worst, best] = [sorted[0], sorted.at(-1)]
  const words = ([name, { trades, pnlLamports }]: (typeof sorted)[number]): string =>
    `${name} ${inUnits(pnlLamports)} ${unit} in ${plural(trades, 'trade')}`
  const told = [
    ...(worst !== undefined && worst[1].pnlLamports < 0n ? [`most lost by ${words(worst)}`] : []),
    ...(best !== undefined && best[1].pnlLamports > 0n ? [`most made by ${words(best)}`] : []),
  ]
  return told.length === 0 ? [] : [`Exits: ${told.join('; ')}.`]
}

/** Entries that were wrong, beside the confidence they were made with. */
function entryLines(report: Report, { trades, wins, confidence }: TradeReport, unit: string) {
  const pnls = report.closed().map(({ position }) => BigInt(position.pnlLamports ?? '0'))
  const lost = -sum(pnls.filter(pnl => pnl < 0n))
  const won = sum(pnls.filter(pnl => pnl > 0n))
  const lines = [
    `False positives: ${trades - wins} of ` +
      `${plural(trades, 'entry').replace('entrys', 'entries')} ` +
      `lost ${inUnits(lost)} ${unit}; the other ${wins} made ${inUnits(won)}.`,
  ]
  const bins = [...confidence.values()]
  const counted = bins.reduce((n, bin) => n + bin.trades, 0)
  if (counted === 0) return lines
  const mean = bins.reduce((total, bin) => total + bin.mean * bin.trades, 0) / counted
  const right = bins.reduce((n, bin) => n + bin.wins, 0) / counted
  lines.push(`Mean confidence at entry was ${mean.toFixed(2)}; ${percent(right)} of them won.`)
  return lines
}

/** What stood in the way when nothing was traded. */
function nothing(value: TradeReport, judged: Judged | undefined): string[] {
  const refused = [...value.refusals].sort((a, b) => b[1] - a[1]).slice(0, 5)
  const rules = (judged?.benefits ?? []).slice(0, 5)
  const lines = [
    ...(rules.length > 0
      ? [`gate refused by ${rules.map(({ rule, refused: n }) => `${rule} (${n})`).join(', ')}.`]
      : []),
    ...(refused.length > 0
      ? [`execute refused by ${refused.map(([rule, n]) => `${rule} (${n})`).join(', ')}.`]
      : []),
    ...(value.open > 0 ? [`${plural(value.open, 'position')} not closed yet.`] : []),
  ]
  return lines.length > 0 ? lines : ['No line asked to buy anything.']
}

function worthLines({ baselines }: Judged): string[] {
  const { bought, noModel, random } = baselines
  const lines = [
    `Bought:                       ${netText(bought)}`,
    `All that other rules passed:  ${netText(noModel)}`,
  ]
  if (random !== undefined)
    lines.push(`It beat ${percent(random.beaten)} of random choices of as many entries.`)
  if (bought.mean === undefined || noModel.mean === undefined) return lines
  const gain = bought.mean - noModel.mean
  const [a, b] = [bought.interval, noModel.interval]
  const isApart = a !== undefined && b !== undefined && (a[0] > b[1] || a[1] < b[0])
  lines.push(
    `${gain >= 0 ? 'Better' : 'Worse'} than without by ${percent(Math.abs(gain), 2)} a trade` +
      `${isApart ? '.' : '; the intervals overlap, so this is not proven.'}`,
  )
  return lines
}

function nextLines({ trades, labels, html }: PlainFiles): string[] {
  const named = trades.filter(path => path !== '-').join(' ')
  if (named === '') return []
  const files = labels.filter(path => path !== '-')
  const judged = files.length === 0 ? '' : ` --labels ${files.join(',')}`
  return [
    `${named}  each order, fill and position`,
    ...files.map(path => `${path}  each decision with its reasons, and what came of it`),
    html === undefined
      ? `sluice report --html report.html${judged} ${named}`
      : `${html}  the same with plots`,
  ]
}
