import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeFacts } from '../../../../lib/sources/live/known-facts.ts'

const AT = 1_760_000_000_000
const HOUR = 3_600_000
const tell = (
  facts: ReturnType<typeof makeFacts>,
  source: string,
  at: number,
  told: object,
  mint = 'm',
) => facts.merge({ mint, ts: at, facts: told }, source)

test(
  'one token of several providers: the better source counts, each field says whose it is and ' +
    'how old',
  () => {
    const facts = makeFacts(10)
    assert.deepEqual(tell(facts, 'dexscreener', AT, { symbol: 'CAT', name: 'Cat?' }), {
      symbol: 'CAT',
      name: 'Cat?',
    })
    // The chain is believed, at once; what it does not say stays as it was told.
    assert.deepEqual(tell(facts, 'rpc', AT + 1, { name: 'Cat', decimals: 6 }), {
      symbol: 'CAT',
      name: 'Cat',
      decimals: 6,
      seen: { symbol: { source: 'dexscreener', at: AT } },
    })
    // A worse source says otherwise: nothing changes, so there is nothing to tell.
    assert.equal(tell(facts, 'pumpportal', AT + 2, { name: 'Dog' }), undefined)
    assert.equal(facts.get('m')?.name, 'Cat')
    // What nobody has confirmed for an hour gives way.
    assert.equal(tell(facts, 'pumpportal', AT + 2 * HOUR, { name: 'Dog' })?.name, 'Dog')
  },
)

test('unknown is absent and never 0; what changes by itself never goes back in time', () => {
  const facts = makeFacts(10)
  const first = tell(facts, 'jupiter', AT, { holderCount: 400 })
  assert.deepEqual(first, { holderCount: 400 })
  assert.equal(tell(facts, 'rugcheck', AT - 1000, { holderCount: 300 }), undefined)
  assert.equal(tell(facts, 'rugcheck', AT + 1000, { holderCount: 410 })?.holderCount, 410)
  assert.equal(tell(facts, 'jupiter', AT + 2000, { holderCount: 410 }), undefined)
})

test('no more mints than allowed: the one told of longest ago is forgotten', () => {
  const facts = makeFacts(2)
  for (const mint of ['a', 'b', 'a', 'c']) tell(facts, 'rpc', AT, { symbol: mint }, mint)
  assert.deepEqual([facts.size(), facts.get('b'), facts.get('a')?.symbol], [2, undefined, 'a'])
})
