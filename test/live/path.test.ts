import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { skip } from '../svm/machine.ts'
import { decide, openStage, runTwin, type Stage } from './twin.ts'

describe('an arbitrage path', { skip, timeout: 60_000 }, () => {
  let stage: Stage
  before(async () => {
    stage = await openStage()
  })
  after(() => stage.close())

  test('is not bought one-way with real money', async () => {
    const line = JSON.parse(decide(stage))
    const { market: _, ...bare } = line
    const path = {
      ...bare,
      kind: 'opportunity',
      opportunity: { path: [], inAmount: '1', outAmount: '2' },
    }
    const start = stage.wallet()
    const { lines, error } = await runTwin(stage, [
      decide(stage, 0n).replace('"buy"', '"hold"'),
      JSON.stringify(path),
    ])
    assert.equal(error, undefined)
    assert.deepEqual(
      lines.map(({ order }) => [order?.state, order?.reasons]),
      [['refused', ['path']]],
    )
    assert.deepEqual(stage.wallet(), start)
    assert.equal(stage.world.swaps().length, 0)
  })
})
