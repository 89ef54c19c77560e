import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expandLine } from '../../../lib/dev/case-line.ts'
import { fits } from '../../../lib/records/check.ts'
import { parseLine } from '../../../lib/stream/parse.ts'

test('a token that says one thing is a whole record', () => {
  assert.equal(
    expandLine('token m1 holderCount=3'),
    '{"v":1,"id":"token:m1:1763685000000","ts":1763685000000,"kind":"token","mint":"m1",' +
      '"source":"x","token":{"mintRevoked":true,"freezeRevoked":true,"lpBurnedShare":1,' +
      '"top10Share":0.184,"holderCount":3,"createdAt":1763663400000}}',
  )
})

test('the ordinary form of every kind and of every part is a valid line', () => {
  const parts = ['features', 'strategy', 'prediction', 'decision']
  for (const kind of ['token', 'market', 'trade', 'candle', 'tick']) {
    const mint = kind === 'tick' ? '' : ' m1'
    const { rec } = parseLine(expandLine(`${kind}${mint} ${parts.join(' ')}`), 1)
    assert.equal(rec.kind, kind)
    for (const part of [...(kind === 'tick' ? [] : [kind]), ...parts])
      assert.ok(fits(part, (rec as unknown as Record<string, unknown>)[part]), `${kind}: ${part}`)
  }
})

test('time, envelope, paths and parts in any order give fields in the order of a line', () => {
  assert.equal(
    expandLine('market cat prediction.moon.p=0.5 bare priceSol=1.50 pool=p1 +10s source=t id=a'),
    '{"v":1,"id":"a","ts":1763685010000,"kind":"market",' +
      '"mint":"CATx7yq3v1mRf2u8kE5nWd4hZs9pLb6gTraJcQwXpump","pool":"p1","source":"t",' +
      '"prediction":{"moon":{"p":0.5}},"market":{"priceSol":1.50}}',
  )
  assert.equal(
    expandLine('tick +1m n=1e3 note="two words"'),
    '{"v":1,"id":"tick:1763685060000","ts":1763685060000,"kind":"tick","source":"x","n":1e3,' +
      '"note":"two words"}',
  )
})

test('a candle opens one interval before it is told, unless it says when', () => {
  const { candle } = JSON.parse(expandLine('candle m1 ts=600000 intervalMs=60000'))
  assert.equal(candle.openAt, 540_000)
  assert.equal(JSON.parse(expandLine('candle m1 openAt=5')).candle.openAt, 5)
})

test('what is no short form stays as it is, to the byte', () => {
  for (const text of ['', '{"v":1,  "n":1.50}', '  market m1', 'tokens m1', '"text"', 'markets'])
    assert.equal(expandLine(text), text)
})

test('a word that says nothing is refused by name', () => {
  assert.throws(() => expandLine('token m1 holders'), /not a word of a token: holders/)
  assert.throws(() => expandLine('market m1 +5'), /not a word of a market: \+5/)
  assert.throws(() => expandLine('market priceSol=1'), /market needs a mint, got priceSol=1/)
  assert.throws(() => expandLine('candle'), /candle needs a mint, got nothing/)
})
