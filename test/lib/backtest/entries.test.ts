import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { drawEntries, watchEntries } from '../../../lib/backtest/entries.ts'
import { makeRng } from '../../../lib/base/rng.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { type Line, makeLine } from '../../../lib/stream/line.ts'
import type { Step } from '../../../lib/stream/step.ts'

/** Places each buy, but for lines of the token that is always refused. */
function trading(bought: Rec[]): Step {
  return {
    batch(lines, emit) {
      for (const { rec } of lines) {
        if (rec.decision?.act !== 'buy') continue
        const isRefused = rec.mint === 'full'
        if (!isRefused) bought.push(rec)
        const order = {
          intent: rec.id,
          cause: rec.id,
          venue: 'paper',
          side: 'buy' as const,
          state: isRefused ? ('refused' as const) : ('planned' as const),
          reasons: [],
        }
        emit(makeLine({ v: 1, id: `o:${rec.id}`, ts: rec.ts, kind: 'order', source: 't', order }))
      }
    },
  }
}

type Act = 'buy' | 'drop' | 'hold' | 'sell'
const lineOf = (act: Act, i: number, mint: string): Line =>
  makeLine({
    v: 1,
    id: `l:${i}`,
    ts: i,
    kind: 'candle',
    mint,
    source: 't',
    decision: { act, reasons: [], ...(act === 'buy' && { sizeLamports: String(i + 1) }) },
  })

const acts = fc.array(
  fc.tuple(
    fc.constantFrom<Act>('buy', 'drop', 'drop', 'hold', 'sell'),
    fc.constantFrom('a', 'a', 'full'),
  ),
  { maxLength: 60 },
)

test('as many entries as were placed, of the same sizes, whatever is refused', async () => {
  await fc.assert(
    fc.asyncProperty(acts, fc.string(), fc.integer({ min: 1, max: 9 }), async (all, seed, size) => {
      const lines = (): Line[] => all.map(([act, mint], i) => lineOf(act, i, mint))
      const run = async (step: Step): Promise<void> => {
        const given = lines()
        for (let i = 0; i < given.length; i += size)
          await step.batch?.(given.slice(i, i + size), () => undefined)
      }
      const real: Rec[] = []
      const watched = watchEntries(trading(real))
      await run(watched.step)
      const found = watched.entries()
      assert.equal(found.candidates, all.filter(([act]) => act === 'buy' || act === 'drop').length)
      assert.equal(found.placed.length, real.length)
      const drawn: Rec[] = []
      const made = drawEntries(trading(drawn), found, makeRng(seed))
      await run(made.step)
      assert.equal(made.placed(), drawn.length)
      // Refused ones are made up for later; only lines at the very end may be too few.
      const open = all.filter(([act, mint]) => (act === 'buy' || act === 'drop') && mint === 'a')
      assert.ok(drawn.length <= real.length)
      if (open.length === found.candidates) assert.equal(drawn.length, real.length)
      assert.deepEqual(
        drawn.map(({ decision }) => decision?.sizeLamports),
        real.slice(0, drawn.length).map(({ decision }) => decision?.sizeLamports),
      )
    }),
    { numRuns: 200 },
  )
})

test('each candidate is as likely as any other', async () => {
  // 3 of 12: each with probability ¼; of 2000 draws 500, deviation √(2000 × ¼ × ¾) = 19.4.
  const placed = Array.from({ length: 3 }, () => ({}))
  const counts = new Array<number>(12).fill(0)
  for (let seed = 0; seed < 2000; seed++) {
    const drawn: Rec[] = []
    const { step } = drawEntries(trading(drawn), { candidates: 12, placed }, makeRng(seed))
    await step.batch?.(
      counts.map((_, i) => lineOf('drop', i, 'a')),
      () => undefined,
    )
    for (const { ts } of drawn) counts[ts] = counts[ts]! + 1
  }
  for (const count of counts) assert.ok(Math.abs(count - 500) < 4 * 19.4, `${counts}`)
})
