import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { MARKS, scoreOf } from '../../../lib/monitor/marks.ts'
import { makeQuality } from '../../../lib/monitor/quality-step.ts'
import type { Quality } from '../../../lib/records/quality.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { candle, HOUR, MINUTE, market, T0, tick, token, toLine, trade } from '../features/lines.ts'
import { lines } from '../features/streams.ts'

function run(recs: readonly Rec[]): string[] {
  const step = makeQuality({
    stale: 10 * MINUTE,
    staleFacts: HOUR,
    jump: 10,
    maxTokens: 100,
    count: () => {},
  })
  const out: string[] = []
  for (const rec of recs) step.line?.(toLine(rec), line => out.push(line.raw))
  return out
}
const marked = (recs: readonly Rec[]): (Quality | undefined)[] =>
  run(recs).map(raw => (JSON.parse(raw) as Rec).quality)
const marks = (recs: readonly Rec[]): string[] =>
  marked(recs).map(quality => quality?.marks.join(' ') ?? '')
const bar = (n: number, close: number, more: object = {}): Rec =>
  candle(n, { open: close, high: close, low: close, close, volume: 5, ...more })

test('each mark on the line that earns it, and only there', () => {
  const table: [string, Rec[], string[]][] = [
    ['nothing wrong', [bar(0, 1), bar(1, 1.1), bar(2, 0.9)], ['', '', '']],
    ['zero price', [market(T0, { priceSol: 0 }), bar(0, 0)], ['zero-price', 'zero-price']],
    [
      'no price',
      [market(T0, {}), trade(T0 + 1, {}), trade(T0 + 2, { usd: 3 })],
      ['no-price', 'no-price', ''],
    ],
    [
      'zero volume, but a filled bar has none',
      [bar(0, 1, { volume: 0 }), bar(1, 1, { volume: 0, filled: true })],
      ['zero-volume', ''],
    ],
    ['bad bar', [bar(0, 5, { high: 4 }), bar(1, 5, { open: 3 })], ['bad-bar', 'bad-bar']],
    [
      'jump up and down, at the edge not',
      [bar(0, 1), bar(1, 10), bar(2, 101), bar(3, 10)],
      ['', '', 'jump', 'jump'],
    ],
    ['gap above two intervals', [bar(0, 1), bar(2, 1), bar(5, 1)], ['', '', 'gap']],
    ['time backwards', [bar(5, 1), bar(3, 1), bar(6, 1)], ['', 'time-backwards', '']],
    ['duplicate', [bar(0, 1), bar(0, 1), bar(1, 1)], ['', 'duplicate', '']],
    [
      'stale pool',
      [0, 10, 11, 12].map(m =>
        market(T0 + m * MINUTE, { priceSol: m === 12 ? 2 : 1, quoteAmount: '5' }),
      ),
      ['', '', 'stale', ''],
    ],
    [
      'volume column holds the reserve',
      [
        market(T0, { priceSol: 1, quoteAmount: '79000000000', volumeUsd: { h24: 79 } }),
        market(T0 + 1, { priceSol: 1, quoteAmount: '79000000000', volumeUsd: { h24: 79.1 } }),
        market(T0 + 2, { priceSol: 1, liquidityUsd: 500, volumeUsd: { h24: 500 } }),
        market(T0 + 3, { priceSol: 1, liquidityUsd: 0, volumeUsd: { h24: 0 } }),
      ],
      ['volume-is-reserve', '', 'volume-is-reserve', ''],
    ],
    [
      'stale facts',
      [
        token(T0, { seen: { holderCount: { source: 'x', at: T0 - HOUR } } }),
        token(T0 + 1, {
          seen: { holderCount: { source: 'x', at: T0 - HOUR }, top10Share: { source: 'x', at: 0 } },
        }),
      ],
      ['', 'holders-stale top10-stale'],
    ],
  ]
  for (const [what, recs, wanted] of table) assert.deepEqual(marks(recs), wanted, what)
})

test('the score is 100 minus the points, never below 0', () => {
  const gap = marked([bar(0, 1), bar(5, 1)]).at(-1)
  assert.deepEqual(gap, { score: 92, marks: ['gap'] })
  assert.equal(scoreOf(['gap', 'holders-stale']), 87)
  assert.equal(scoreOf([]), 100)
  assert.equal(scoreOf(Object.keys(MARKS) as (keyof typeof MARKS)[]), 0)
})

test('kinds it does not judge and warm lines leave as they came, warm ones are remembered', () => {
  const recs = [tick(T0), { ...bar(0, 1), warm: true }, bar(1, 50)]
  const out = run(recs)
  assert.deepEqual(
    out.slice(0, 2),
    recs.slice(0, 2).map(rec => JSON.stringify(rec)),
  )
  assert.deepEqual(marks(recs)[2], 'jump')
})

/** A tick in another century forgets CAT between two lines of the century before. */
const timeJumps: Rec[] = [
  tick(T0),
  bar(0, 1),
  { ...market(T0 - 1e11, { priceSol: 1 }), id: 'early' },
  tick(T0 + 2 * HOUR),
  { ...market(T0 - 1e11 + 1, { priceSol: 50 }), id: 'early again' },
]

test('what a token gets depends on its own lines and ticks only; one line out per line in', () => {
  fc.assert(
    fc.property(lines, recs => {
      const out = run(recs)
      assert.equal(out.length, recs.length)
      const isOwn = ({ kind, mint }: Rec): boolean => mint === 'CAT' || kind === 'tick'
      assert.deepEqual(
        out.filter((_, i) => isOwn(recs[i]!)),
        run(recs.filter(isOwn)),
      )
    }),
    { numRuns: 30, endOnFailure: true, examples: [[timeJumps]] },
  )
})
