import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { makeRng } from '../../../lib/base/rng.ts'
import { sh } from '../../kit/proc.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-span-'))
after(() => rmSync(folder, { recursive: true, force: true }))

test('a backtest and a report on its lines judge the same span by the same returns', async () => {
  // Twenty days of hours; the middle of them trades, as the walk is flat before and after.
  const rng = makeRng('span')
  let price = 1
  const rows = Array.from({ length: 480 }, (_, i) => {
    const open = price
    if (i > 100 && i < 300) price *= 1 + 0.03 * rng.normal()
    const [high, low] = [Math.max(open, price) * 1.001, Math.min(open, price) * 0.999]
    return `T,${1_700_006_400_000 + i * 3_600_000},${open},${high},${low},${price},1000000`
  })
  const table = join(folder, 't.csv')
  writeFileSync(table, `symbol,timestamp,open,high,low,close,volume\n${rows.join('\n')}\n`)
  const stages =
    'strategy | gate --no-use-ml --min-combined 0.5 --cooldown 0 | execute --cash 7 ' +
    '--max-drawdown 1 --max-streak 100 --max-daily-loss 7'
  const run = (write: string): ReturnType<typeof sh> =>
    sh(`sluice backtest --quiet --write ${write} --on ${table} '${stages}'`)
  const lines = join(folder, 'lines.ndjson')
  const trades = await run('trades')
  writeFileSync(lines, trades.stdout)
  const byLine = (text: string): Map<string, string> =>
    new Map(
      text
        .trim()
        .split('\n')
        .map(line => [JSON.parse(line).of, line]),
    )
  const own = byLine((await run('report')).stdout)
  const other = byLine((await sh(`sluice report --format ndjson ${lines}`)).stdout)
  for (const of of ['performance', 'trades', 'resampling'])
    assert.equal(other.get(of), own.get(of), of)
  const { periods, equity } = JSON.parse(own.get('performance')!)
  assert.deepEqual([periods >= 20, equity], [true, 'marked'])
  assert.ok(JSON.parse(own.get('trades')!).trades > 3)
  // The cash of 7 is told by the lines; nobody said it to the report.
  const first = trades.stdout.split('\n').find(line => line.includes('"kind":"equity"'))!
  assert.equal(JSON.parse(first).equity.startLamports, '7000000000')
})
