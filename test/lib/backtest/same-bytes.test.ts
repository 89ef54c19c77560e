import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { registry } from '../../../cmd/registry.ts'
import { checkPipeline, preparePipeline } from '../../../lib/cli/fused.ts'
import { splitPipeline } from '../../../lib/cli/pipeline.ts'
import { openStages } from '../../../lib/cli/prepare.ts'
import type { Line } from '../../../lib/stream/line.ts'
import { DeferredLine } from '../../../lib/stream/line.ts'
import { pump } from '../../../lib/stream/run.ts'
import { makeHome, sh } from '../../kit/proc.ts'
import { csvOf, INTERVAL, randomBars } from './random-candles.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-backtest-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const GATE = 'gate --min-combined 0.5 --cooldown 0 --min-sell-confidence 0.5'
const TRADE =
  'execute --max-positions 2 --max-daily-loss 10 --max-drawdown 1 --max-streak 100 ' +
  '--buy-slippage-bps 3000'

/** Output lines of a pipeline over a file, and how many of them were printed late. */
async function linesOf(
  pipeline: string,
  isDeferring: boolean,
): Promise<{ raws: string[]; deferred: number }> {
  const { signal } = new AbortController()
  const around = {
    env: { SLUICE_HOME: folder },
    commands: Object.keys(registry),
    signal,
    isDeterministic: true,
    isDeferring,
  }
  const { first, steps } = checkPipeline(
    await preparePipeline(splitPipeline(pipeline), registry, around),
  )
  assert.ok(first.command.kind === 'source')
  const source = await first.command.make(first.ctx)
  const out: Line[] = []
  const lines = (some: readonly Line[]): undefined => void out.push(...some)
  await pump(
    source.lines(signal),
    await openStages(steps),
    { write: () => undefined, lines, isClosed: () => false },
    true,
  )
  return {
    raws: out.map(line => line.raw),
    deferred: out.filter(line => line instanceof DeferredLine).length,
  }
}

test(
  'candles that are printed late give the bytes of candles printed at once, and of lines read ' +
    'from text',
  async () => {
    let [orders, fills] = [0, 0]
    await fc.assert(
      fc.asyncProperty(randomBars, fc.constantFrom('0', '10s', '5m'), async (bars, tick) => {
        const csv = join(folder, 'bars.csv')
        writeFileSync(csv, csvOf(bars))
        const source =
          `discover --source ohlcv --currency sol --interval ${INTERVAL / 1000}s --tick ${tick} ` +
          `'${csv}'`
        const late = await linesOf(`${source} | strategy | ${GATE}`, true)
        const once = await linesOf(`${source} | strategy | ${GATE}`, false)
        assert.ok(late.deferred > 0)
        assert.equal(once.deferred, 0)
        assert.deepEqual(late.raws, once.raws)
        const recorded = join(folder, 'bars.ndjson')
        writeFileSync(
          recorded,
          `${(await linesOf(`${source} | strategy`, false)).raws.join('\n')}\n`,
        )
        const trades = await linesOf(`${source} | strategy | ${GATE} | ${TRADE}`, true)
        assert.deepEqual(
          trades.raws,
          (await linesOf(`${source} | strategy | ${GATE} | ${TRADE}`, false)).raws,
        )
        assert.deepEqual(
          trades.raws,
          (await linesOf(`discover --source replay '${recorded}' | ${GATE} | ${TRADE}`, true)).raws,
        )
        orders += trades.raws.filter(raw => raw.includes('"kind":"order"')).length
        fills += trades.raws.filter(raw => raw.includes('"kind":"fill"')).length
      }),
      { numRuns: 25 },
    )
    assert.ok(fills > 50, `only ${orders} orders and ${fills} fills: the property was hardly tried`)
  },
)

test(
  'paper trading over a recording through a shell pipe and its backtest give the same ' +
    'decisions and fills',
  async t => {
    const home = makeHome(t)
    const recording = join(folder, 'sim.ndjson')
    const made = await sh(
      `discover --source sim --days 0.1 --tokens-per-hour 10 --candles 1m --quiet > '${recording}'`,
      {
        home,
      },
    )
    assert.equal(made.code, 0, made.stderr)
    const line =
      'features | strategy | gate --min-combined 0.5 --min-holders 0 --without age,lp-burned | ' +
      'execute --cash 5'
    const piped = await sh(
      (
        `discover --source replay '${recording}' | ` +
        `${line.replace(' | execute', ' | tee decided.ndjson | execute')}`
      ).replaceAll('decided.ndjson', join(folder, 'decided.ndjson')),
      { home },
    )
    assert.equal(piped.code, 0, piped.stderr)
    assert.ok(piped.stdout.includes('"kind":"fill"'), 'the line traded nothing')
    const back = await sh(`sluice backtest --quiet --on '${recording}' '${line}'`, { home })
    assert.equal(back.code, 0, back.stderr)
    assert.equal(back.stdout, piped.stdout)
    // With every line written, what is left without the trades is what gate wrote: the decisions.
    const all = await sh(
      `sluice backtest --quiet --write all --on '${recording}' '${line}' | grep -v ` +
        `'"source":"execute"' | cmp - '${join(folder, 'decided.ndjson')}'`,
      { home },
    )
    assert.equal(all.code, 0, all.stdout + all.stderr)
  },
)
