/** One line of `sluice evaluate`. */
export type MetricRow = { of: string; name: string } & Record<string, unknown>

const number = (value: unknown): string =>
  typeof value === 'number' ? String(Number(value.toPrecision(4))) : String(value)

/**
 * Metrics for people: one per line with its 95 % interval, then what was said beside what happened.
 */
export function metricText(rows: readonly MetricRow[]): string {
  const lines: string[] = []
  let title = ''
  for (const row of rows) {
    const next = row.name === 'reliability' ? `${row.of}: said, and what happened` : row.of
    if (next !== title) lines.push(next)
    title = next
    lines.push(row.name === 'reliability' ? binText(row) : valueText(row))
  }
  return `${lines.join('\n')}\n`
}

function binText({ from, to, rows, said, happened, low, high }: MetricRow): string {
  const name = `${number(from)} to ${number(to)}`.padEnd(14)
  return (
    `  ${name} said ${number(said).padEnd(8)} happened ${number(happened).padEnd(8)} ` +
    `(${number(low)} to ${number(high)}) of ${number(rows)} rows`
  )
}

function valueText({ of: _of, name, value, low, high, ...rest }: MetricRow): string {
  const interval = low === undefined ? '' : `  (${number(low)} to ${number(high)})`
  if (value !== undefined) return `  ${name.padEnd(20)} ${number(value)}${interval}`
  const pairs = Object.entries(rest).map(
    ([key, item]) => `${key} ${Array.isArray(item) ? item.map(number).join(' to ') : number(item)}`,
  )
  return `  ${name}: ${pairs.join(', ')}`
}
