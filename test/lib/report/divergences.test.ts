import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Rec } from '../../../lib/records/record.ts'
import { makeCourses } from '../../../lib/report/diff/courses.ts'
import { diffOf } from '../../../lib/report/diff/divergences.ts'

/** A buy of 100 for 1,000 at 10, and its sale of 100 for 1,200; changed as a test says. */
function lines(change: (rec: Rec) => Rec | undefined = rec => rec): Rec[] {
  const order = (intent: string, side: 'buy' | 'sell', cause: string, more: object): Rec => ({
    v: 1,
    id: `${intent}#2`,
    ts: 1000,
    kind: 'order',
    mint: 'M',
    source: 'execute',
    order: {
      intent,
      position: 'position:d',
      cause,
      venue: 'paper',
      side,
      state: 'landed',
      reasons: [],
      decidedAt: 1000,
      ...more,
    } as NonNullable<Rec['order']>,
  })
  const fill = (
    intent: string,
    side: 'buy' | 'sell',
    ts: number,
    paid: string,
    got: string,
  ): Rec => ({
    v: 1,
    id: `${intent}#fill1`,
    ts,
    kind: 'fill',
    mint: 'M',
    source: 'execute',
    fill: {
      intent,
      side,
      inAmount: paid,
      outAmount: got,
      feeLamports: '5',
      priorityFeeLamports: '0',
    },
  })
  return [
    order('buy:M:d', 'buy', 'd', { inAmount: '1000' }),
    fill('buy:M:d', 'buy', 1500, '1000', '100'),
    order('sell:M:position:d:1', 'sell', 'x', { inAmount: '100', exit: 'take-profit' }),
    fill('sell:M:position:d:1', 'sell', 9000, '100', '1200'),
  ].flatMap(rec => change(rec) ?? [])
}

function sideOf(recs: readonly Rec[], isLedger = false) {
  const courses = makeCourses()
  for (const rec of recs) courses.take(structuredClone(rec))
  return { courses: courses.value(), isLedger }
}

const told = (b: readonly Rec[], a: readonly Rec[] = lines()): string[] =>
  diffOf(sideOf(a), sideOf(b)).divergences.map(
    ({ what, decision, sale, why }) => `${what}${sale ?? ''} ${decision}: ${why.join(' ')}`,
  )

const changed = (id: RegExp, part: 'order' | 'fill', more: object): Rec[] =>
  lines(rec =>
    id.test(rec.id) && rec[part] !== undefined
      ? { ...rec, [part]: { ...rec[part], ...more } }
      : rec,
  )

test('equal runs agree; each thing that can differ is named by its decision', () => {
  assert.deepEqual(told(lines()), [])
  assert.deepEqual(told([]), ['order d: missing-b', 'fill d: missing-b', 'exit1 d: missing-b'])
  assert.deepEqual(told(lines(), []), [
    'order d: missing-a',
    'fill d: missing-a',
    'exit1 d: missing-a',
  ])
  assert.deepEqual(told(changed(/^buy/, 'fill', { outAmount: '90' })), ['fill d: price'])
  assert.deepEqual(told(changed(/^buy/, 'fill', { feeLamports: '6' })), ['fill d: cost'])
  assert.deepEqual(told(changed(/^buy/, 'order', { inAmount: '900' })), ['order d: size'])
  assert.deepEqual(told(changed(/^sell/, 'order', { exit: 'stop-loss' })), ['exit1 d: reason'])
  assert.deepEqual(told(changed(/^sell/, 'fill', { outAmount: '1300' })), ['exit1 d: price'])
  const later = lines(rec => (rec.fill?.side === 'buy' ? { ...rec, ts: 1600 } : rec))
  assert.deepEqual(told(later), ['fill d: time'])
  const never = changed(/^sell.*#2$/, 'order', { state: 'expired', reasons: ['expired'] })
  assert.deepEqual(told(never.filter(({ fill }) => fill?.side !== 'sell')), [
    'exit1 d: state reason',
  ])
})

test('amounts that differ by the size alone have the same price', () => {
  // 334 at 10 each are 33.4 tokens, floored to 33.
  const smaller = changed(/^buy/, 'fill', { inAmount: '334', outAmount: '33' })
  assert.deepEqual(told(smaller), ['fill d: size'])
})

test('a refusal is missed in lines of execute, not in a ledger, which keeps none', () => {
  const refused = lines(rec =>
    rec.order?.side === 'buy'
      ? { ...rec, order: { ...rec.order, state: 'refused', reasons: ['cash'] } }
      : undefined,
  )
  assert.deepEqual(told([], refused), ['order d: missing-b'])
  assert.deepEqual(diffOf(sideOf(refused), sideOf([], true)).divergences, [])
  const [found] = diffOf(sideOf(lines()), sideOf(refused)).divergences
  assert.deepEqual([found?.what, found?.why], ['order', ['state', 'reason']])
  assert.deepEqual(found?.b?.reasons, ['cash'])
})

test('a buy here and a sale there is another side; decisions where both tell them', () => {
  const sold = lines(rec => (rec.order?.side === 'sell' ? rec : undefined)).map(rec => ({
    ...rec,
    order: { ...rec.order!, cause: 'd', position: 'position:older' },
  }))
  assert.ok(told(sold).includes('order d: side'), told(sold).join('; '))
  const decided = (act: 'buy' | 'drop', reasons: string[]): Rec => ({
    v: 1,
    id: 'd',
    ts: 900,
    kind: 'candle',
    mint: 'M',
    source: 't',
    decision: { act, reasons },
  })
  const [one, other] = [[decided('buy', [])], [decided('drop', ['confidence'])]]
  assert.deepEqual(told(other, one), ['decision d: side reason'])
  assert.deepEqual(told([...lines()], [...one, ...lines()]), [])
})
