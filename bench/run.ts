import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { machine, showFigures } from './kit/figures.ts'
import { countLines, madeFile, marketFile } from './kit/input.ts'
import { type Measured, measure, medianRun } from './kit/measure.ts'

/**
 * Lines per second, latency per batch and memory of every command of the line, beside cat, jq and
 * the barest Node loop on the same file. Prints a table; with --write it replaces the block
 * `figures` of bench/README.md.
 */
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
process.env.SLUICE_HOME = folder
const bin = (name: string): string => join('dist/bin', name)
const RUNS = 3

interface Row {
  what: string
  lines: number
  measured: Measured
  /** Time against the bare Node loop on the same file. */
  ratio: number
}

const rows: Row[] = []

async function section(input: string, programs: readonly (readonly string[])[]): Promise<void> {
  const lines = countLines(input)
  let bare = 0
  for (const argv of [['cat'], ['jq', '-c', '.'], ['node', 'bench/bare.mjs'], ...programs]) {
    if (!isThere(argv[0]!)) continue
    const measured = await medianRun(RUNS, () => measure(argv, input))
    if (argv[1] === 'bench/bare.mjs') bare = measured.seconds
    const what = argv.join(' ').replace(/dist\/bin\/|bench\//g, '')
    rows.push({ what, lines, measured, ratio: measured.seconds })
    process.stderr.write(`${what}: ${Math.round(lines / measured.seconds)} lines/s\n`)
  }
  for (const row of rows.slice(-(programs.length + 3))) row.ratio = row.measured.seconds / bare
}

function isThere(program: string): boolean {
  try {
    execFileSync('bash', ['-c', `command -v ${program}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const market = marketFile(folder, 300_000, 10_000)
await section(market, [
  [bin('sluice'), 'chaos'],
  [bin('features'), '--sets', 'pool', '--every', '0'],
])
const events = madeFile(folder, 'events.ndjson', 'discover --source sim --days 1 --quiet')
await section(events, [[bin('features')], [bin('journal'), 'bench', '--min-free', '1MB']])
const features = madeFile(folder, 'features.ndjson', `features --quiet < ${events}`)
await section(features, [[bin('strategy')], [bin('predict')], [bin('label')]])
const predicted = madeFile(
  folder,
  'predicted.ndjson',
  `strategy --quiet < ${features} | predict --quiet`,
)
await section(predicted, [[bin('gate')]])
const decided = madeFile(folder, 'decided.ndjson', `gate --quiet < ${predicted}`)
await section(decided, [[bin('execute')]])
await section(events, [[bin('sluice'), 'run', 'features | strategy | predict | gate | execute']])

const quantile = (row: Row, name: string): string =>
  new RegExp(`${name} (\\S+)`).exec(row.measured.stderr)?.[1] ?? ''
const table = [
  '| command | lines | lines/s | time ÷ bare node loop | batch p50 | batch p99 | peak MB |',
  '|---|---|---|---|---|---|---|',
  ...rows.map(row => {
    const { what, lines, measured, ratio } = row
    const speed = Math.round(lines / measured.seconds).toLocaleString('en')
    return (
      `| \`${what.replaceAll('|', '\\|')}\` | ${lines.toLocaleString('en')} | ${speed} | ` +
      `${ratio.toFixed(2)} | ${quantile(row, 'p50')} | ${quantile(row, 'p99')} | ` +
      `${measured.peakMb.toFixed(0)} |`
    )
  }),
].join('\n')
const text =
  `Printed by \`make bench\` on ${machine()}; median of ${RUNS} runs. A batch is one chunk of ` +
  'input: of a file 64 KB, live one line.'
showFigures('commands', `${text}\n\n${table}\n`)

/**
 * Figures that are no lines a second of a command: each has its own program, and prints its bar.
 */
const alone = (file: string): Record<string, number> =>
  JSON.parse(
    execFileSync(process.execPath, ['--import', 'tsx', file], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  )
const decode = alone('bench/decode.ts')
const socket = alone('bench/socket-latency.ts')
const sources = [
  '| sources | measured | bar |',
  '|---|---|---|',
  `| log lines decoded a second, one core | ${decode.linesPerSecond?.toLocaleString('en')} ` +
    `(${decode.eventsPerSecond?.toLocaleString('en')} events) | ≥ ` +
    `${decode.bar?.toLocaleString('en')} |`,
  `| from a node’s socket to stdout of \`discover\`, 10,000 messages a minute | p50 ` +
    `${socket.p50Ms} ms, p99 ${socket.p99Ms} ms, longest ${socket.maxMs} ms | p99 < ` +
    `${socket.barP99Ms} ms |`,
].join('\n')
showFigures('sources', `Printed by \`make bench\` on ${machine()}.\n\n${sources}\n`)
