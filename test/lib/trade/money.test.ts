import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import execute from '../../../cmd/execute.ts'
import type { StepCommand } from '../../../lib/cli/command.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { makeAccount } from '../../../lib/trade/account/account.ts'
import { linesOf, type Move, move } from '../../kit/random-market.ts'
import { contextOf, runStep } from '../../kit/step.ts'

const START = 2_000_000_000n
/** Loose limits, so that many trades happen; the caps have a test of their own. */
const FLAGS = {
  cash: START,
  maxPerDay: 5_000_000_000n,
  maxPositions: 2,
  maxDrawdown: 1,
  maxStreak: 100,
  maxDailyLoss: START,
  revertRate: 0.15,
  expireRate: 0.1,
  expiry: 5000,
  timeStop: 20_000,
  buySlippageBps: 3000,
}

async function run(lines: readonly string[], chunk = 16, flags: object = {}): Promise<string[]> {
  const step = await (execute as StepCommand<any>).make(
    contextOf(execute, { ...FLAGS, ...flags } as never),
  )
  return runStep(step, lines, chunk)
}
const markets: fc.Arbitrary<Move[]> = fc.array(move, { minLength: 30, maxLength: 200 })
const runs = (numRuns: number) => ({ numRuns, includeErrorInReport: true })
const sum = (values: bigint[]): bigint => values.reduce((a, b) => a + b, 0n)
const big = (text: string | undefined): bigint => BigInt(text ?? '0')

test('conservation: every lamport is accounted for, and cash is never negative', async () => {
  let trades = 0
  await fc.assert(
    fc.asyncProperty(markets, async moves => {
      const out = (await run(linesOf(moves))).map(raw => JSON.parse(raw) as Rec)
      let cash = START
      const rent = new Map<string, bigint>()
      const held = new Map<string, bigint>()
      const wasted: bigint[] = []
      for (const { order, fill } of out) {
        if (order?.state === 'reverted') {
          cash -= big(order.feeLamports)
          if (order.side === 'buy') wasted.push(big(order.feeLamports))
        }
        if (fill === undefined) continue
        trades++
        const id = fill.position!
        cash -= big(fill.feeLamports) + big(fill.priorityFeeLamports)
        if (fill.side === 'buy') {
          cash -= big(fill.inAmount) + big(fill.rentLamports)
          rent.set(id, big(fill.rentLamports))
          held.set(id, big(fill.outAmount))
        } else {
          cash += big(fill.outAmount)
          held.set(id, held.get(id)! - big(fill.inAmount))
          assert.ok(held.get(id)! >= 0n, 'sold more than was bought')
          if (held.get(id) === 0n) cash += rent.get(id)!
        }
        assert.ok(cash >= 0n, `cash ${cash}`)
      }
      const last = new Map(
        out.flatMap(({ position }) => (position ? [[position.id, position] as const] : [])),
      )
      const account = makeAccount(START, () => 0n)
      for (const rec of out) account.apply(rec)
      const positions = [...last.values()]
      const pending = [...account.book.holdings()].filter(h => h.selling !== undefined)
      const totals = account.book.totals()
      assert.equal(account.book.cash(), cash)
      assert.equal(cash, START - totals.cost - totals.fees - totals.rent + totals.proceeds)
      // Position lines tell the same money as fills, except fees of sells that are being tried
      // right now.
      if (pending.length === 0) {
        const byPositions = positions.map(
          p =>
            big(p.proceedsLamports) -
            big(p.costLamports) -
            big(p.feesLamports) -
            big(p.rentLamports),
        )
        assert.equal(cash, START + sum(byPositions) - sum(wasted))
      }
    }),
    runs(60),
  )
  assert.ok(trades > 150, `only ${trades} fills: the property was hardly tried`)
})

test('caps: positions, size per trade and per day, one position per token', async () => {
  await fc.assert(
    fc.asyncProperty(markets, async moves => {
      const out = (await run(linesOf(moves))).map(raw => JSON.parse(raw) as Rec)
      const open = new Set<string>()
      const intents = new Set<string>()
      let spent = 0n
      for (const { order, fill, position, mint } of out) {
        if (order?.side === 'buy') {
          if (order.state === 'planned') {
            assert.ok(!intents.has(mint!) && !open.has(mint!), 'two buys of one token')
            assert.ok(big(order.inAmount) > 0n && big(order.inAmount) <= 1_000_000_000n)
            intents.add(mint!)
          } else if (order.state !== 'refused') intents.delete(mint!)
        }
        if (fill?.side === 'buy') {
          spent += big(fill.inAmount)
          open.add(mint!)
        }
        if (position !== undefined && position.status !== 'open') open.delete(mint!)
        assert.ok(new Set([...open, ...intents]).size <= 2)
      }
      assert.ok(spent <= 5_000_000_000n)
    }),
    runs(40),
  )
})

test(
  'a fill gives exactly what the pool could give at some line after the decision, and never ' +
    'less than agreed',
  async () => {
    await fc.assert(
      fc.asyncProperty(markets, async moves => {
        const lines = linesOf(moves)
        const out = (await run(lines)).map(raw => JSON.parse(raw) as Rec)
        const told = lines
          .map(raw => JSON.parse(raw) as Rec)
          .filter(rec => rec.market !== undefined)
        const orders = new Map<string, NonNullable<Rec['order']>>()
        for (const { order, fill, mint, ts } of out) {
          if (order !== undefined && order.state !== 'refused') orders.set(order.intent, order)
          if (fill === undefined) continue
          const agreed = orders.get(fill.intent)!
          assert.ok(big(fill.outAmount) >= big(agreed.minOutAmount))
          // the newest reserves told up to the fill, by the formula written out: out = y·net / (x +
          // net)
          const reserves = told
            .filter(rec => rec.mint === mint && rec.ts <= ts)
            .map(rec => rec.market)
          const possible = reserves.map(m => {
            const [x, y] =
              fill.side === 'buy'
                ? [big(m?.quoteAmount), big(m?.baseAmount)]
                : [big(m?.baseAmount), big(m?.quoteAmount)]
            const paid = big(fill.inAmount)
            const net = paid - (paid * 25n + 9999n) / 10_000n
            return (y * net) / (x + net)
          })
          assert.ok(possible.includes(big(fill.outAmount)), 'no reserves give this amount')
          assert.ok(ts >= agreed.decidedAt! + 600, 'filled before the latency')
        }
      }),
      runs(40),
    )
  },
)

test('bytes do not depend on batches; the first k lines give the first of the output', async () => {
  await fc.assert(
    fc.asyncProperty(markets, fc.nat(), async (moves, cut) => {
      const lines = linesOf(moves)
      const whole = await run(lines, 1)
      assert.deepEqual(await run(lines, 7), whole)
      const part = await run(lines.slice(0, cut % lines.length), 64)
      assert.deepEqual(part, whole.slice(0, part.length))
    }),
    runs(25),
  )
})

test('lines taken twice change nothing', async () => {
  const stateOf = ({ book, intents, risk, currency }: ReturnType<typeof makeAccount>): unknown => [
    book.cash(),
    { ...book.totals() },
    [...book.holdings()].map(h => ({ ...h })),
    [...intents.open()].map(i => ({ ...i })),
    intents.reserved(),
    [risk.equity(), risk.peak(), risk.streak(), risk.lostAt()],
    currency(),
  ]
  await fc.assert(
    fc.asyncProperty(markets, fc.nat(), async (moves, cut) => {
      const out = (await run(linesOf(moves))).map(raw => JSON.parse(raw) as Rec)
      const [once, twice] = [makeAccount(START, () => 7n), makeAccount(START, () => 7n)]
      const prefix = out.slice(0, cut % (out.length + 1))
      for (const rec of [...prefix, ...prefix]) twice.apply(rec)
      for (const rec of prefix) once.apply(rec)
      assert.deepEqual(stateOf(twice), stateOf(once))
      for (const rec of out.slice(prefix.length)) once.apply(rec)
      for (const rec of out) twice.apply(rec)
      assert.deepEqual(stateOf(twice), stateOf(once))
    }),
    runs(30),
  )
})
