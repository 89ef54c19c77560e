import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { makeRng } from '../lib/base/rng.ts'
import { swapExactIn } from '../lib/market/constant-product.ts'
import type { Rec } from '../lib/records/record.ts'
import { type Amm, makeAmm } from './exchange/amm.ts'
import { ammMarket } from './exchange/amm-market.ts'
import { openExchange } from './exchange/http.ts'
import { openNode } from './exchange/node.ts'
import { blow, newStorm } from './exchange/storm.ts'
import { testEnv } from './kit/proc.ts'

/** SLUICE_SOAK_MINUTES=30 makes it a soak; by default it is over in seconds. */
const MINUTES = Number(process.env.SLUICE_SOAK_MINUTES ?? 0.15)
const PER_MINUTE = 10_000
const POOLS = 5
/** What pools of unknown fee take (README of execute): 25 basis points. */
const FEE_BPS = 25
const CASH = 10_000_000_000n

/** Buys whatever it may and sells after two seconds: as many trades of our own as there can be. */
const RULES =
  'rug-risk,confidence,combined,mint,freeze,lp-burned,holders,top10,age,liquidity,impact,' +
  'quality,regime'
const LINE =
  'features --sets pool,tabular | predict --models test/soak-models --model entry@2026-08-18.1 ' +
  '--deterministic | ' +
  `gate --min-confidence 0 --min-combined 0 --without ${RULES} --cooldown 1s --max-age 300s | ` +
  'execute --max-positions 5 --max-per-day 100000 --max-daily-loss 1000 --max-streak 1000 ' +
  '--max-drawdown 1 ' +
  '--time-stop 2s --max-age 300s --cash 10'

const lamports = (text: string | undefined): bigint => BigInt(text ?? 0)
const sum = (all: readonly bigint[]): bigint => all.reduce((total, one) => total + one, 0n)

/** Every fill is what the curve gave in one of the states that it really had. */
function checkFills(fills: readonly Rec[], amm: Amm): void {
  for (const { fill, mint = '', id } of fills) {
    const { side, inAmount, outAmount } = fill!
    const isReal = (amm.states.get(mint) ?? []).some(({ base, quote }) => {
      const [from, to] = side === 'buy' ? [quote, base] : [base, quote]
      return String(swapExactIn(from, to, BigInt(inAmount), FEE_BPS).out) === outAmount
    })
    assert.ok(isReal, `${id}: no state of ${mint} gives ${outAmount} for ${inAmount}`)
  }
}

/** Positions and cash, to the lamport, from the fills alone. */
function checkBook(lines: readonly Rec[]): { closed: number; cash: bigint } {
  const fills = lines.filter(({ kind }) => kind === 'fill').map(({ fill }) => fill!)
  const last = new Map(
    lines.flatMap(({ position }) => (position === undefined ? [] : [[position.id, position]])),
  )
  let closed = 0
  for (const [id, position] of last) {
    const mine = fills.filter(fill => fill.position === id)
    const [buys, sells] = ['buy', 'sell'].map(side => mine.filter(fill => fill.side === side)) as [
      typeof fills,
      typeof fills,
    ]
    assert.equal(
      lamports(position.boughtAmount),
      sum(buys.map(({ outAmount }) => BigInt(outAmount))),
    )
    assert.equal(
      lamports(position.amount),
      sum(buys.map(({ outAmount }) => BigInt(outAmount))) -
        sum(sells.map(({ inAmount }) => BigInt(inAmount))),
    )
    assert.equal(lamports(position.costLamports), sum(buys.map(({ inAmount }) => BigInt(inAmount))))
    assert.equal(
      lamports(position.proceedsLamports),
      sum(sells.map(({ outAmount }) => BigInt(outAmount))),
    )
    const fees = sum(
      mine.map(fill => lamports(fill.feeLamports) + lamports(fill.priorityFeeLamports)),
    )
    assert.ok(lamports(position.feesLamports) >= fees)
    if (position.status !== 'closed') continue
    closed++
    assert.equal(position.amount, '0')
    assert.equal(
      lamports(position.pnlLamports),
      lamports(position.proceedsLamports) -
        lamports(position.costLamports) -
        lamports(position.feesLamports),
    )
  }
  const cash = [...last.values()].reduce(
    (left, { costLamports, feesLamports, proceedsLamports, rentLamports }) =>
      left -
      lamports(costLamports) -
      lamports(feesLamports) -
      lamports(rentLamports) +
      lamports(proceedsLamports),
    CASH,
  )
  return { closed, cash }
}

const recordsIn = (text: string): Rec[] =>
  text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))

test(
  'the whole line behind the storm: each fill is a state of the market, the book is the fills, ' +
    'a replay the same',
  async t => {
    const dir = mkdtempSync(join(tmpdir(), 'sluice-line-'))
    const rng = makeRng('line')
    const node = await openNode(100)
    const amm = makeAmm(node, rng.fork('amm'), POOLS)
    const exchange = await openExchange(ammMarket(amm), rng.fork('http'))
    const children: ChildProcess[] = []
    t.after(() => {
      for (const child of children) child.kill('SIGKILL')
      node.close()
      exchange.close()
      rmSync(dir, { recursive: true, force: true })
    })
    const env = testEnv(dir)
    const events = join(dir, 'events.ndjson')
    const base = ['dexscreener', 'jupiter'].flatMap(name => ['--base', `${name}=${exchange.url}`])
    const argv = [
      '--mints',
      amm.mints.join(','),
      '--history',
      '0',
      '--providers',
      'dexscreener,rpc',
      '--tick',
      '1s',
    ]
    const source = spawn(
      'dist/bin/discover',
      [...argv, '--rpc', node.url, '--rpc-rate', '100000', ...base],
      {
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    const line = spawn('bash', ['-c', `set -o pipefail; tee ${events} | ${LINE}`], {
      env,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    children.push(source, line)
    source.stdout?.pipe(line.stdin as NodeJS.WritableStream)
    let [out, said] = ['', '']
    line.stdout?.on('data', chunk => (out += chunk))
    for (const child of children) child.stderr?.on('data', chunk => (said += chunk))
    const isUp = (): boolean => node.subscriptions() >= POOLS
    for (let i = 0; i < 3000 && !isUp(); i++) await wait(10)
    assert.ok(isUp(), said)
    const storm = newStorm()
    const { trade } = amm
    await blow(
      {
        node,
        exchange,
        rng: rng.fork('storm'),
        minutes: MINUTES,
        perMinute: PER_MINUTE,
        trade,
        isUp,
      },
      storm,
    )
    await wait(3000)
    source.kill('SIGINT')
    const [code] = await once(line, 'close')
    assert.equal(code, 0, said)

    const lines = recordsIn(out)
    const fills = lines.filter(({ kind }) => kind === 'fill')
    checkFills(fills, amm)
    const { closed, cash } = checkBook(lines)
    t.diagnostic(
      `${amm.signatures.length} trades of others, ${fills.length} fills, ${closed} positions ` +
        `closed, cash ${cash}`,
    )
    assert.ok(closed > 0, said)
    const replayed = execFileSync('bash', ['-c', `set -o pipefail; cat ${events} | ${LINE}`], {
      env,
      encoding: 'utf8',
      maxBuffer: 2 ** 30,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    // Not assert.equal: nobody reads two books side by side.
    assert.ok(
      replayed === out,
      `the replay has ${replayed.length} bytes, the live run had ${out.length}`,
    )
    const told = recordsIn(readFileSync(events, 'utf8')).flatMap(rec =>
      rec.kind === 'trade' ? [rec.id] : [],
    )
    assert.equal(new Set(told).size, told.length)
  },
)
