import { encode } from '../stream/encode.ts'
import { belowAsked, type Side } from './sides.ts'
import type { TradeReport } from './trade-report.ts'

/** A signed amount in whole units with four decimals, rounded half away from zero. */
export function inUnits(amount: bigint): string {
  const size = amount < 0n ? -amount : amount
  const rounded = (size + 50_000n) / 100_000n
  const text = `${rounded / 10_000n}.${String(rounded % 10_000n).padStart(4, '0')}`
  return amount < 0n && rounded > 0n ? `-${text}` : text
}

/** A fraction for people. */
export const percent = (value: number, digits = 1): string => `${(value * 100).toFixed(digits)} %`
/** A name and what there is to say of it. */
export const row = (name: string, text: string): string => `  ${name.padEnd(30)} ${text}`

/**
 * The report for people: aligned text of at most 80 columns. `unit` = SOL or the currency of the
 * candles.
 */
export function reportText(report: TradeReport, unit: string): string {
  const { winRate, costs, sides } = report
  const below = belowAsked(sides)
  const lines = [
    ...(below === undefined ? [] : [below]),
    'Trades',
    row('closed', `${report.trades} (${report.wins} with a profit after costs)`),
    ...(winRate
      ? [
          row(
            'win rate',
            `${percent(winRate.value)}, 95 %: ${percent(winRate.low)} to ${percent(winRate.high)}`,
          ),
        ]
      : []),
    row('profit after costs', `${inUnits(report.pnlLamports)} ${unit}`),
    ...(report.profitFactor === undefined
      ? []
      : [row('profit factor', report.profitFactor.toFixed(2))]),
    row(
      'largest drawdown',
      `${inUnits(report.drawdownLamports)} ${unit}, ${percent(report.drawdown)} realised`,
    ),
    ...(report.markedDrawdown === undefined
      ? []
      : [row('the same, marked to market', percent(report.markedDrawdown))]),
    ...(report.holdMinutes === undefined
      ? []
      : [row('mean time held', `${report.holdMinutes.toFixed(0)} min`)]),
    row('still open', `${report.open}, ${inUnits(report.unrealizedLamports)} ${unit} unrealised`),
    ...(report.orphans > 0 ? [row('orphans', `${report.orphans}: could not be sold`)] : []),
    ...(report.exits.size > 0 ? ['Exits'] : []),
    ...[...report.exits].map(([name, { trades, pnlLamports }]) =>
      row(name, `${trades}, ${inUnits(pnlLamports)} ${unit}`),
    ),
    ...(report.inside.sales > 0 ? [row('inside a candle', insideText(report.inside))] : []),
    ...(report.reclaimed.accounts > 0 ? [row('deposits taken back', claimsText(report))] : []),
    'Costs',
    ...(report.chains.length > 0 ? [row('as on the chain', report.chains.join(', '))] : []),
    ...Object.entries(costs).map(([name, amount]) => row(name, `${inUnits(amount)} ${unit}`)),
    ...sidesText(sides),
    ...counted('Orders', report.orders),
    ...counted('Refused buys, by rule', report.refusals),
    ...(report.confidence.size > 0 ? ['Confidence at entry'] : []),
    ...[...report.confidence].map(([name, { trades, wins, mean }]) =>
      row(name, `mean ${mean.toFixed(2)}, won ${percent(wins / trades)} of ${trades}`),
    ),
  ]
  return `${lines.join('\n')}\n`
}

const claimsText = ({ reclaimed: { accounts, lamports } }: TradeReport): string =>
  `${inUnits(lamports)} SOL from ${accounts} token account${accounts === 1 ? '' : 's'}`
const insideText = ({ sales, unseenAtClose }: TradeReport['inside']): string =>
  `${sales} sales, ${unseenAtClose} of them unseen at a close`

/** What each side cost beside what was asked, for people: kinds that cost nothing are left out. */
function sidesText(sides: readonly Side[]): string[] {
  if (sides.length === 0) return []
  const kinds = (['pool', 'impact', 'slippage', 'network', 'priority', 'tip'] as const)
    .filter(kind => sides.some(({ bps }) => bps[kind] > 0))
    .map(kind => row(kind, sides.map(({ side, bps }) => `${side}s ${bps[kind]}`).join(', ')))
  const totals = sides.map(({ side, fills, chargedBps, askedBps }) =>
    row(`${side}s, ${fills} fills`, `charged ${chargedBps}, asked ${askedBps ?? 'not told'}`),
  )
  return ['Costs by side, in bps of the cash moved', ...totals, ...kinds]
}

function counted(title: string, counts: ReadonlyMap<string, number>): string[] {
  if (counts.size === 0) return []
  const sorted = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  return [title, ...sorted.map(([name, n]) => row(name, String(n)))]
}

/**
 * The report for programs: one line for the whole, then one per exit, cost, order state, refusal
 * and confidence.
 */
export function reportLines(report: TradeReport): string {
  const {
    costs,
    exits,
    orders,
    refusals,
    confidence,
    sides,
    pnlLamports,
    unrealizedLamports,
    drawdownLamports,
    reclaimed: { accounts, lamports },
    ...rest
  } = report
  const amounts = {
    pnlLamports: String(pnlLamports),
    unrealizedLamports: String(unrealizedLamports),
    drawdownLamports: String(drawdownLamports),
  }
  const below = belowAsked(sides)
  const warning = below === undefined ? {} : { warning: below }
  const lines: object[] = [{ of: 'trades', ...warning, ...rest, ...amounts }]
  for (const [name, exit] of exits)
    lines.push({ of: 'exit', name, ...exit, pnlLamports: String(exit.pnlLamports) })
  for (const [name, amount] of Object.entries(costs))
    lines.push({ of: 'cost', name, lamports: String(amount) })
  for (const side of sides)
    lines.push({ of: 'side', ...side, cashLamports: String(side.cashLamports) })
  if (accounts > 0) lines.push({ of: 'reclaim', accounts, lamports: String(lamports) })
  for (const [name, count] of orders) lines.push({ of: 'order', name, count })
  for (const [name, count] of refusals) lines.push({ of: 'refusal', name, count })
  for (const [name, bin] of confidence) lines.push({ of: 'confidence', name, ...bin })
  return lines.map(line => `${encode(line)}\n`).join('')
}
