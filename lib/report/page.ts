import { chartSvg } from '../chart/chart.ts'
import { escapeText } from '../chart/element.ts'
import { conventions, outcomeOf, ratioText, spreadText } from './judging.ts'
import type { Judging } from './judging-flags.ts'
import { type Judged, netText } from './labelled-text.ts'
import { equityChart, randomChart } from './page-charts.ts'
import { inUnits, percent } from './report-text.ts'
import { belowAsked } from './sides.ts'
import type { Report } from './trade-report.ts'

/** Text of one cell. Everything is escaped: ids and names come from outside. */
type Cell = string | number | bigint

/**
 * The report as one page that needs nothing else: plots are SVG in place, no script, light and dark
 * as the reader likes.
 */
export function reportPage(report: Report, judging: Judging, judged: Judged | undefined): string {
  const parts = [
    `<h1>What came of the trades</h1>${warning(report)}${summary(report, judging)}`,
    chartOr(equityChart(report), 'No trade was closed.'),
    luckTable(report, judging),
    moneyTables(report),
    tradeTable(report),
    ...(judged === undefined ? [] : [judgedPart(judged)]),
    section('How it is counted', `<p>${escapeText(countedText(report, judging))}</p>`),
  ]
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" ' +
      'content="width=device-width,initial-scale=1">',
    `<title>Trade report</title><style>${STYLE}</style></head>`,
    `<body><main>${parts.join('\n')}</main></body></html>`,
    '',
  ].join('\n')
}

const countedText = (report: Report, judging: Judging): string =>
  conventions(outcomeOf(report, judging)).join(' ')

const STYLE = `
:root{color-scheme:light dark;--ground:#f6f8fa;--card:#fff;--ink:#1f2328;--soft:#59636e;\
--line:#e1e4e8}
@media (prefers-color-scheme:dark){:root{--ground:#010409;--card:#0d1117;--ink:#e6edf3;\
--soft:#9198a1;--line:#22272e}}
body{margin:0;background:var(--ground);color:var(--ink);\
font:14px/1.45 system-ui,-apple-system,'Segoe UI','DejaVu Sans',sans-serif}
main{max-width:980px;margin:0 auto;padding:20px 10px 40px}h1{font-size:20px;margin:4px 0 14px}\
h2{font-size:15px;margin:0 0 8px}
section,svg{background:var(--card);border:1px solid var(--line);border-radius:6px;\
margin:0 0 12px}section{padding:12px 16px;overflow-x:auto}
svg{display:block;width:100%;height:auto;box-sizing:border-box}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(200px,1fr));gap:10px 18px;\
margin:0 0 12px}
.facts dt{color:var(--soft);font-size:12px}\
.facts dd{margin:0;font-size:16px;font-variant-numeric:tabular-nums}\
.facts small{color:var(--soft);font-size:12px}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}\
th,td{text-align:left;padding:3px 10px 3px 0;border-top:1px solid var(--line);vertical-align:top}
th{color:var(--soft);font-weight:500;font-size:12px;border:0}td{overflow-wrap:anywhere}\
td.n,th.n{text-align:right;white-space:nowrap}p{color:var(--soft);margin:6px 0 0}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(300px,1fr));gap:0 12px}`

function warning(report: Report): string {
  const below = belowAsked(report.value().sides)
  return below === undefined ? '' : `<p><strong>${escapeText(below)}</strong></p>`
}

const section = (title: string, ...body: string[]): string =>
  `<section><h2>${escapeText(title)}</h2>${body.join('')}</section>`

/** A table; columns whose head ends in a space hold words, the others figures. */
function table(heads: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const classOf = (i: number): string => (heads[i]?.endsWith(' ') ? '' : ' class="n"')
  const cells = (row: readonly Cell[], tag: 'td' | 'th'): string =>
    row
      .map((cell, i) => `<${tag}${classOf(i)}>${escapeText(String(cell).trim())}</${tag}>`)
      .join('')
  const lines = rows.map(row => `<tr>${cells(row, 'td')}</tr>`)
  return `<table><tr>${cells(heads, 'th')}</tr>${lines.join('')}</table>`
}

const chartOr = (chart: Parameters<typeof chartSvg>[0] | undefined, otherwise: string): string =>
  chart === undefined ? section(otherwise) : chartSvg(chart)

function summary(report: Report, judging: Judging): string {
  const {
    trades,
    wins,
    winRate,
    pnlLamports,
    profitFactor,
    drawdownLamports,
    drawdown,
    holdMinutes,
    open,
  } = report.value()
  const { sharpe, sortino, exposure } = outcomeOf(report, judging)
  const unit = report.unit()
  const facts: [string, string, (string | undefined)?][] = [
    [
      'Profit after costs',
      `${inUnits(pnlLamports)} ${unit}`,
      `of ${inUnits(report.start())} at the start`,
    ],
    ['Closed trades', String(trades), `${wins} with a profit, ${open} still open`],
    [
      'Win rate',
      winRate ? percent(winRate.value) : 'unknown',
      winRate && `95 %: ${percent(winRate.low)} to ${percent(winRate.high)}`,
    ],
    ['Profit factor', profitFactor?.toFixed(2) ?? 'unknown', 'won over lost'],
    ['Largest drawdown', percent(drawdown), `${inUnits(drawdownLamports)} ${unit} from the peak`],
    [
      'Sharpe ratio, a year',
      sharpe?.value.toFixed(2) ?? 'unknown',
      sharpe && ratioText(sharpe).split(', ')[1],
    ],
    [
      'Sortino ratio, a year',
      sortino?.value.toFixed(2) ?? 'unknown',
      sortino && ratioText(sortino).split(', ')[1],
    ],
    [
      'Time with a position',
      exposure === undefined ? 'unknown' : percent(exposure),
      holdMinutes === undefined ? '' : `${holdMinutes.toFixed(0)} min a trade`,
    ],
  ]
  const cell = ([name, value, more = '']: [string, string, (string | undefined)?]): string =>
    `<div><dt>${escapeText(name)}</dt><dd>${escapeText(value)}<br>` +
    `<small>${escapeText(more)}</small></dd></div>`
  return `<section><dl class="facts">${facts.map(cell).join('')}</dl></section>`
}

function luckTable(report: Report, judging: Judging): string {
  const { blocks, single } = outcomeOf(report, judging)
  const rows = Object.entries({
    'in blocks, as runs of luck come': blocks,
    'one by one': single,
  }).flatMap(([name, luck]) =>
    luck === undefined
      ? []
      : [[name, spreadText(luck.final), spreadText(luck.drawdown), percent(luck.ruin)]],
  )
  if (rows.length === 0) return ''
  const note =
    `<p>${blocks?.runs} runs each. A lost account fell to ${percent(judging.ruin)} of the ` +
    'start.</p>'
  return section(
    'The same trades with other luck',
    table(['drawn ', 'final equity, of the start', 'largest drawdown', 'lost'], rows),
    note,
  )
}

function moneyTables(report: Report): string {
  const { costs, exits, orders, refusals, confidence } = report.value()
  const unit = report.unit()
  const parts = [
    section(
      'Costs',
      table(
        ['kind ', unit],
        Object.entries(costs).map(([name, amount]) => [name, inUnits(amount)]),
      ),
    ),
    section(
      'Exits',
      table(
        ['why ', 'trades', unit],
        [...exits].map(([name, exit]) => [name, exit.trades, inUnits(exit.pnlLamports)]),
      ),
    ),
    section('Orders', table(['how they ended ', 'orders'], [...orders])),
    section(
      'Refused buys',
      table(
        ['by rule ', 'buys'],
        [...refusals].sort((a, b) => b[1] - a[1]),
      ),
    ),
    section(
      'Confidence at entry',
      table(
        ['between ', 'trades', 'mean', 'won'],
        [...confidence].map(([name, bin]) => [
          name,
          bin.trades,
          bin.mean.toFixed(2),
          percent(bin.wins / bin.trades),
        ]),
      ),
    ),
  ]
  return `<div class="pair">${parts.filter(part => part.includes('<td')).join('')}</div>`
}

/** The best and the worst trades, which is where mistakes show first. */
function tradeTable(report: Report): string {
  const all = report
    .closed()
    .map(({ mint, position }) => ({ mint, position, pnl: BigInt(position.pnlLamports ?? '0') }))
  const sorted = all.sort((a, b) => (a.pnl < b.pnl ? 1 : a.pnl > b.pnl ? -1 : 0))
  const shown = sorted.length <= 10 ? sorted : [...sorted.slice(0, 5), ...sorted.slice(-5)]
  if (shown.length === 0) return ''
  const rows = shown.map(({ mint, position, pnl }) => [
    mint,
    inUnits(pnl),
    percent(position.pnl ?? 0),
    position.exit ?? '',
    new Date(position.openedAt).toISOString().slice(0, 16).replace('T', ' '),
    position.entry?.decision ?? position.id,
  ])
  return section(
    'Best and worst trades',
    table(['token ', report.unit(), 'of its cost', 'exit ', 'opened (UTC) ', 'decision '], rows),
  )
}

function judgedPart({ rows, unused, benefits, baselines }: Judged): string {
  const { bought, noModel, random } = baselines
  const chart = randomChart(baselines)
  return [
    section(
      'Against choosing without a model',
      table(
        ['entries ', 'return after costs '],
        [
          ['bought', netText(bought)],
          ['no model: all that the other rules pass', netText(noModel)],
          ...(random === undefined
            ? []
            : [
                [
                  'random, as many as were bought',
                  `${spreadText(random, 2)}; the choice beats ${percent(random.beaten)}`,
                ],
              ]),
        ],
      ),
      `<p>${rows} labelled decisions; ${unused} labels without a return or a decision.</p>`,
    ),
    chart === undefined ? '' : chartSvg(chart),
    benefits.length === 0
      ? ''
      : section(
          'What refusals would have returned',
          table(
            [
              'rule ',
              'refused',
              'saved',
              'lost',
              'return of what it refused ',
              'refused by it alone ',
            ],
            benefits.map(({ rule, refused, saved, lost, net, netAlone }) => [
              rule,
              refused,
              saved.toFixed(2),
              lost.toFixed(2),
              netText(net),
              netText(netAlone),
            ]),
          ),
          '<p>Saved and lost are sums of returns of one trade each. A rule earns its place ' +
            'where the return of what it refused is below 0.</p>',
        ),
  ].join('\n')
}
