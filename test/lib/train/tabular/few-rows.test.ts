import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { contextOf } from '../../../kit/step.ts'
import { START, weekOf, writeRows } from '../../learn/market.ts'
import { folder } from '../../model/fixture.ts'

test('with too few rows to stop by, boosting keeps all its rounds', async t => {
  const { default: command } = await import('../../../../cmd/train.ts')
  const { runTrain } = await import('../../../../lib/train/tabular/run-train.ts')
  const path = join(folder(t), 'rows.csv')
  const rows = weekOf(0, 1, 200)
  assert.ok((rows[0]?.ts ?? 0) >= START)
  writeRows(path, rows)
  const ctx = contextOf(command, {
    label: 'willMoon',
    time: 'ts',
    group: 'token',
    kind: 'moon',
    rounds: 3,
    features: ['priceChange1'],
  })
  const lines: string[] = []
  await runTrain(path, ctx.flags as never, {
    out: { write: async text => void lines.push(text) },
    log: ctx.log,
  })
  assert.ok(lines.some(line => line.includes('"brier"')))
})
