import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDuck } from '../lib/store/duck/duck.ts'
import { machine, showFigures, tableOf } from './kit/figures.ts'
import { type Measured, measure, medianRun } from './kit/measure.ts'

/**
 * Candles per second of a backtest from a Parquet table, start and judgement included, beside
 * backtesting.py and vectorbt where bench/peers/setup.sh backtest has installed them.
 *   node --import tsx bench/backtest.ts [candles] [runs] [--write]
 */
const [first, second] = process.argv.slice(2).filter(word => !word.startsWith('--'))
const candles = Number(first ?? 1_000_000)
const runs = Number(second ?? 3)
const rows: string[][] = []
const SYMBOLS = 10
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-backtest-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
process.env.SLUICE_HOME = folder
const table = join(folder, 'candles.parquet')

/** Random walks of one percent a bar, in the order of time. */
async function makeTable(): Promise<void> {
  const duck = await openDuck(':memory:')
  await duck.run('select setseed(0.5)')
  await duck.run(
    `create table moves as select i % ${SYMBOLS} as token, i // ${SYMBOLS} as bar, (random() ` +
      `- 0.5) * 0.02 as move, random() * 1000 as volume from range(${candles}) r(i)`,
  )
  await duck.run(
    'create table walks as select *, exp(sum(move) over (partition by token order by bar)) ' +
      'as close from moves',
  )
  await duck.run(`copy (
    select 'TOKEN' || token as symbol, (1700000000000 + bar * 300000)::bigint as timestamp, open,
      greatest(open, close) * 1.002 as high, least(open, close) * 0.998 as low, close, volume
    from (select *, coalesce(lag(close) over (partition by token order by bar), 1.0) as open
    from walks) order by bar, token
  ) to '${table}' (format parquet)`)
  duck.close()
}

const source = `discover --source ohlcv --currency sol --interval 5m --tick 0 ${table}`
/**
 * A decision a day and token at most, and one an hour: the second writes several times as many
 * lines.
 */
const lineWith = (cooldown: string): string =>
  `${source} | strategy --use dca | gate --min-combined 0.5 --cooldown ${cooldown} | execute ` +
  `--max-positions ${SYMBOLS} --max-drawdown 1`

function print(
  what: string,
  candlesRun: number,
  measured: Pick<Measured, 'seconds'>,
  more: object = {},
): void {
  const speed = Math.round(candlesRun / measured.seconds)
  rows.push([what, candlesRun.toLocaleString('en'), speed.toLocaleString('en')])
  console.log(
    JSON.stringify({
      what,
      candles: candlesRun,
      seconds: Number(measured.seconds.toFixed(2)),
      candlesPerSecond: speed,
      ...more,
    }),
  )
}

async function ours(what: string, argv: readonly string[]): Promise<void> {
  const measured = await medianRun(runs, () =>
    measure(['dist/bin/sluice', 'backtest', '--quiet', ...argv], '/dev/null'),
  )
  print(what, candles, measured, {
    peakMb: Math.round(measured.peakMb),
    mbOut: Math.round(measured.stdoutBytes / 1e6),
  })
}

console.log(
  JSON.stringify({
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    load: loadavg()[0],
    node: process.version,
    runs,
  }),
)
await makeTable()
await ours('sluice backtest, a decision a day', [lineWith('1d')])
await ours('sluice backtest, a decision an hour', [lineWith('1h')])
await ours('sluice backtest, every line written', ['--write', 'all', lineWith('1d')])

const python = new URL('peers/venv/bin/python', import.meta.url).pathname
if (existsSync(python)) {
  for (const peer of ['backtesting', 'vectorbt']) {
    const done = spawnSync(
      python,
      [new URL('peers/backtest.py', import.meta.url).pathname, peer, table],
      {
        encoding: 'utf8',
      },
    )
    if (done.status !== 0)
      console.log(JSON.stringify({ what: peer, failed: done.stderr.trim().split('\n').at(-1) }))
    else {
      const { what, candles: theirs, seconds, ...more } = JSON.parse(done.stdout)
      print(what, theirs, { seconds }, more)
    }
  }
} else console.log(JSON.stringify({ peers: 'not installed: bench/peers/setup.sh backtest' }))

const text =
  `Printed by \`make bench\` on ${machine()}: \`dca\` over a Parquet table of ${SYMBOLS} ` +
  'tokens in the order of time, ours ' +
  `with start and reading, the others without. Median of ${runs} runs.`
showFigures('backtest', `${text}\n\n${tableOf(['program', 'candles', 'candles/s'], rows)}\n`)
