import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeRng } from '../../../../lib/base/rng.ts'
import { makeTransactions, type Truth } from '../../../exchange/generated/transactions.ts'
import { listening } from './listening.ts'

/** Transactions of a run: thousands in every one, a million where the soak asks for it. */
const RUNS = Number(process.env.SLUICE_TRANSACTIONS ?? 10_000)
/** Every so often all that is kept of transactions is given up, as a long run does. */
const FRESH = 20_000

/** How far a long run has come is told so often. */
const SAY = 50_000

const nameOf = ({ dex, pool, side, baseAmount, quoteAmount }: Omit<Truth, 'mint'>): string =>
  `${dex} ${pool} ${side} ${baseAmount} ${quoteAmount}`

test('every trade of generated transactions is told once in its pool, or is in a gap', async t => {
  const rng = makeRng('notices')
  const made = makeTransactions('truth')
  // Two of three pools are followed.
  const followed = made.pools.filter((_, i) => i % 3 !== 1)
  const isFollowed = new Set(followed.map(({ pool }) => pool))
  const sum = { truth: 0, told: 0, gap: 0, lost: 0, invented: 0, fetched: 0, cut: 0 }
  let current: ReturnType<typeof made.next> | undefined
  const answer = (): unknown => current?.json()
  let ears = listening(followed, answer)
  for (let run = 0; run < RUNS; run++) {
    if (run % FRESH === FRESH - 1) ears = listening(followed, answer)
    current = made.next()
    const { signature, logs, mentions, truth, failed } = current
    // In any order, some of them twice.
    const heard = mentions.filter(pool => isFollowed.has(pool))
    for (const address of [...heard]) if (rng.below(5) === 0) heard.push(address)
    for (let i = heard.length - 1; i > 0; i--) {
      const j = rng.below(i + 1)
      ;[heard[i], heard[j]] = [heard[j]!, heard[i]!]
    }
    const before = ears.asked.length
    for (const address of heard) await ears.hear(address, signature, logs, failed)
    sum.fetched += ears.asked.length - before
    sum.cut += logs.at(-1) === 'Log truncated' ? 1 : 0
    const left = new Map<string, number>()
    const real = truth.filter(({ pool }) => isFollowed.has(pool))
    for (const trade of real) left.set(nameOf(trade), (left.get(nameOf(trade)) ?? 0) + 1)
    const { trades, gaps } = ears.take()
    const places = new Set<string>()
    for (const { pool, trade } of trades) {
      if (!isFollowed.has(pool)) continue
      const name = nameOf({ ...trade, pool })
      const open = left.get(name) ?? 0
      if (open === 0) sum.invented++
      else sum.told++
      left.set(name, open - 1)
      assert.ok(!places.has(trade.index), `${signature} ${trade.index} stands for two`)
      places.add(trade.index)
    }
    const missing = [...left.values()].reduce((all, count) => all + Math.max(0, count), 0)
    const isGap = gaps.some(({ gap }) => gap.reason.includes(signature))
    sum.truth += real.length
    if (isGap) sum.gap += missing
    else sum.lost += missing
    if (run % SAY === SAY - 1) process.stderr.write(`${run + 1}: ${JSON.stringify(sum)}\n`)
    if (missing > 0 && !isGap) assert.fail(`${signature}: ${JSON.stringify(left)}`)
  }
  t.diagnostic(JSON.stringify(sum))
  assert.deepEqual([sum.lost, sum.invented], [0, 0])
  assert.equal(sum.told + sum.gap, sum.truth)
  assert.ok(sum.truth > RUNS && sum.cut > RUNS / 100 && sum.fetched > 0)
  // Gaps are for what a cut log hides, not a way out.
  assert.ok(sum.gap < sum.truth / 50, `${sum.gap} of ${sum.truth}`)
})
