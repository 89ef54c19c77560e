import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeImputed } from '../../../lib/model/serve/imputed-shares.ts'

test('which inputs were unknown, in which share of the lines of a model', () => {
  const imputed = makeImputed()
  for (let i = 0; i < 200; i++)
    imputed.see({
      sequence: {
        version: '1',
        imputed: ['holders', ...(i % 4 === 0 ? ['liquidity'] : []), ...(i === 7 ? ['age'] : [])],
      },
      moon: { version: '1', imputed: [] },
      rug: { error: 'not-ready', imputed: ['x'] },
    })
  // 50 of 200 lines, and one of 200, which is more than none.
  assert.deepEqual(imputed.notes(), [['imputed sequence', 'holders 100%, liquidity 25%, age 1%']])
})
